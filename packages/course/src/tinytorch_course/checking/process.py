"""One process that checks a student's code: what it is told, what it said, how it ended."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import Any

from tinytorch_course.checking.assignment import Assignment
from tinytorch_course.checking.launching import Launch, Launcher

PROGRAM = "tinytorch_course.checking.child"

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Ending:
    """What became of one process."""

    events: tuple[Event, ...]
    code: int | None
    """Its exit code; None if it was ended for taking too long altogether."""
    stack: str
    """Where it was when it was ended from within."""
    printed: str
    """The end of what it printed outside of any check."""
    word: str = ""
    """Why it ended itself, if it has said so."""

    @property
    def is_complete(self) -> bool:
        """Whether it got to its end. The exit code says nothing: student's code may set it."""
        return bool(self.events) and self.events[-1]["event"] in ("done", "unimportable")


def run(task: Assignment, path: Sequence[Path], limit: float, launcher: Launcher) -> Ending:
    """path: folders to import from, before all others. limit: seconds for everything."""
    with tempfile.TemporaryDirectory(prefix="tinytorch-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        task.write(folder / "assignment.json")
        (folder / "work").mkdir()
        launch = Launch(PROGRAM, folder, path, readable=[Path(task.checks)])
        code = _wait(launch, limit, launcher)
        return ending(folder, code)


def ending(folder: Path, code: int | None) -> Ending:
    """What the process has left in its folder."""
    return Ending(
        events=_events(folder / "journal.jsonl"),
        code=code,
        stack=_end_of(folder / "stack.txt", 20_000),
        printed=_end_of(folder / "output.txt", 2_000),
    )


def _wait(launch: Launch, limit: float, launcher: Launcher) -> int | None:
    streams = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    with (
        (launch.folder / "output.txt").open("wb") as output,
        launcher.running(launch, stdout=output, **streams) as child,
    ):
        try:
            return child.wait(limit)
        except subprocess.TimeoutExpired:
            return None


def _events(journal: Path) -> tuple[Event, ...]:
    """The last line may be cut short."""
    if not journal.is_file():
        return ()
    complete = journal.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    return tuple(loads(line) for line in complete)


def _end_of(file: Path, characters: int) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as source:
        source.seek(max(0, file.stat().st_size - characters))
        return source.read().decode(errors="replace")
