"""Starting a process that runs a student's code, and ending it with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Launch:
    """A process to be started as `python -m PROGRAM FOLDER`."""

    program: str
    folder: Path
    """What it is told lies there; `work` in it is where it starts, and may write."""
    path: Sequence[Path]
    """Folders to import from, before all others."""
    readable: Sequence[Path] = ()
    """What else it reads: the checks."""
    writes: Sequence[Path] = ()
    """What else it writes: files and folders that are there already."""


class Launcher(Protocol):
    """Someone who starts processes, as they are or shut in."""

    def running(self, launch: Launch, **streams: Any) -> AbstractContextManager[Process]:
        """The process, running until the end of the `with` block and not longer.

        streams: `stdin`, `stdout` and `stderr`, as `subprocess.Popen` takes them.
        """


Process = subprocess.Popen[bytes]


class AsTheUser:
    """With the user's own Python and rights: for one's own code."""

    @contextmanager
    def running(self, launch: Launch, **streams: Any) -> Iterator[Process]:
        command = [sys.executable, "-P", "-m", launch.program, str(launch.folder)]
        child = subprocess.Popen(
            command,
            cwd=launch.folder / "work",
            env=_users_environment() | settings(launch),
            **streams,
            **OWN_GROUP,
        )
        with ended_with_its_group(child):
            yield child


def _users_environment() -> dict[str, str]:
    """Less what would change how Python or pytest run."""
    ambient = {"PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONOPTIMIZE", "PYTHONWARNINGS"}
    return {key: value for key, value in os.environ.items() if key not in ambient}


def settings(launch: Launch) -> dict[str, str]:
    """What every such process finds in its environment."""
    after = [each for each in [os.environ.get("PYTHONPATH", "")] if each]
    work = str(launch.folder / "work")
    return {
        "PYTHONPATH": os.pathsep.join([*map(str, launch.path), *after]),
        "PYTHONUTF8": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": work,
        "TMPDIR": work,
        "TEMP": work,
        "TMP": work,
    }


OWN_GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)


@contextmanager
def ended_with_its_group(child: Process) -> Iterator[None]:
    """child: started with `OWN_GROUP`. Of its group no member is left in the end."""
    try:
        yield
    finally:
        _end(child)
        child.wait()


def _end(child: Process) -> None:
    if os.name != "nt":
        with suppress(ProcessLookupError, PermissionError):  # macOS: a group of zombies
            os.killpg(child.pid, signal.SIGKILL)
        return
    if child.poll() is None:
        command = ["taskkill", "/T", "/F", "/PID", str(child.pid)]
        subprocess.run(command, capture_output=True, check=False)
        child.kill()
