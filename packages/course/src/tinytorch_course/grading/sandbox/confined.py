"""Starts judged processes in a fresh environment, in a sandbox, under guard and warden."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinytorch_course.checking.launching import (
    OWN_GROUP,
    Launch,
    Process,
    ended_with_its_group,
)
from tinytorch_course.grading.sandbox.alarm import Alarm
from tinytorch_course.grading.sandbox.enclosure import Enclosure, Sandbox
from tinytorch_course.grading.sandbox.warden import Warden

SHUT_IN = "tinytorch_course.grading.sandbox.shut_in"


@dataclass
class Confined:
    """A `Launcher` for the code of one submission."""

    python: Path
    sandbox: Sandbox
    libraries: Sequence[Path]
    """Folders to import from, behind a launch's own: the environment."""
    readable: Sequence[Path] = ()
    """What else may be read, such as data."""
    settings: dict[str, str] = field(default_factory=dict)
    may_start_processes: bool = False
    trespasses: list[str] = field(default_factory=list)
    """What it tried and may not, over all processes."""
    ended_for: list[str] = field(default_factory=list)
    """Why the warden ended a process."""

    @contextmanager
    def running(self, launch: Launch, **streams: Any) -> Iterator[Process]:
        work = launch.folder / "work"
        readable = [launch.folder, *launch.path, *self.libraries, *launch.readable, *self.readable]
        enclosure = Enclosure(readable, work, launch.writes)
        warden = Warden(enclosure)
        with closing(Alarm()) as alarm:
            child = subprocess.Popen(
                [*self.sandbox.command(enclosure), *self._program(launch, enclosure, alarm)],
                cwd=work,
                env=self._environment(launch, work),
                **alarm.inherited,
                **streams,
                **OWN_GROUP,
            )
            try:
                with ended_with_its_group(child), warden.watching(child.pid):
                    yield child
            finally:
                self.trespasses += [x for x in alarm.heard() if x not in self.trespasses]
                self.ended_for += [warden.reason] if warden.reason else []

    def _program(self, launch: Launch, enclosure: Enclosure, alarm: Alarm) -> list[str]:
        rules = {
            "readable": list(map(str, enclosure.readable)),
            "writable": list(map(str, (enclosure.scratch, *enclosure.writable))),
            "system": list(map(str, enclosure.system)),
            "may_start_python": self.may_start_processes,
            "alarm": alarm.number,
        }
        python = [os.path.realpath(self.python), "-S", "-P"]
        return [*python, "-m", SHUT_IN, json.dumps(rules), launch.program, str(launch.folder)]

    def _environment(self, launch: Launch, folder: Path) -> dict[str, str]:
        """Nothing of the grader's: its variables may hold passwords."""
        work = str(folder)
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "COMSPEC") if name in os.environ}
        return kept | {
            "PATH": os.defpath,
            "HOME": work,
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(map(str, (*launch.path, *self.libraries))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": work,
            "MPLCONFIGDIR": work,
            "TMPDIR": work,
            "TEMP": work,
            "TMP": work,
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            **self.settings,
        }
