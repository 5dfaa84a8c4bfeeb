"""One process that checks a student's code: what it is told, what it said, how it ended."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course.checking import events
from tinytorch_course.checking.assignment import Assignment
from tinytorch_course.checking.events import Event
from tinytorch_course.checking.kept_file import KeptFile, kept_file
from tinytorch_course.checking.launching import Launch, Launcher
from tinytorch_course.checking.passing_folder import passing_folder

PROGRAM = "tinytorch_course.checking.child"
LONGEST_JOURNAL = 16 * 2**20


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


@dataclass(frozen=True)
class Account:
    """The files in which a process gives account of itself."""

    journal: KeptFile
    stack: KeptFile
    output: KeptFile
    """What it prints: it is handed the open file."""

    @property
    def written(self) -> tuple[Path, ...]:
        """Those that it opens itself."""
        return self.journal.path, self.stack.path

    def ending(self, code: int | None, word: str = "") -> Ending:
        return Ending(
            events=tuple(events.read(self.journal.beginning(LONGEST_JOURNAL))),
            code=code,
            stack=self.stack.end(20_000),
            printed=self.output.end(2_000),
            word=word,
        )


@contextmanager
def account(folder: Path) -> Iterator[Account]:
    with (
        kept_file(folder / "journal.jsonl") as journal,
        kept_file(folder / "stack.txt") as stack,
        kept_file(folder / "output.txt") as output,
    ):
        yield Account(journal, stack, output)


def run(task: Assignment, path: Sequence[Path], limit: float, launcher: Launcher) -> Ending:
    """path: folders to import from, before all others. limit: seconds for everything."""
    with passing_folder() as folder, account(folder) as given:
        task.write(folder / "assignment.json")
        (folder / "work").mkdir()
        launch = Launch(PROGRAM, folder, path, [Path(task.checks)], given.written)
        return given.ending(_wait(launch, given.output, limit, launcher))


def _wait(launch: Launch, output: KeptFile, limit: float, launcher: Launcher) -> int | None:
    streams = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    with launcher.running(launch, stdout=output.file, **streams) as child:
        try:
            return child.wait(limit)
        except subprocess.TimeoutExpired:
            return None
