"""Starts the process that runs a student's code, and ends it with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import Any

from tinytorch_course.checking.assignment import Assignment

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

    @property
    def is_complete(self) -> bool:
        """Whether it got to its end. The exit code says nothing: student's code may set it."""
        return bool(self.events) and self.events[-1]["event"] in ("done", "unimportable")


def run(task: Assignment, path: Sequence[Path], limit: float) -> Ending:
    """path: folders to import from, before all others. limit: seconds for everything."""
    with tempfile.TemporaryDirectory(prefix="tinytorch-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        task.write(folder / "assignment.json")
        (folder / "work").mkdir()
        code = _wait(folder, path, limit)
        return Ending(
            events=_events(folder / "journal.jsonl"),
            code=code,
            stack=_end_of(folder / "stack.txt", 20_000),
            printed=_end_of(folder / "output.txt", 2_000),
        )


def _wait(folder: Path, path: Sequence[Path], limit: float) -> int | None:
    with (folder / "output.txt").open("wb") as output, _group(folder, path, output) as child:
        try:
            return child.wait(limit)
        except subprocess.TimeoutExpired:
            return None


@contextmanager
def _group(folder: Path, path: Sequence[Path], output: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The process in a group of its own, which has no member left in the end."""
    command = [sys.executable, "-P", "-m", "tinytorch_course.checking.child", str(folder)]
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=folder / "work",
        env=_environment(folder, path),
        **_OWN_GROUP,
    )
    try:
        yield child
    finally:
        _end(child)
        child.wait()


_OWN_GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)


def _end(child: subprocess.Popen[bytes]) -> None:
    if os.name != "nt":
        with suppress(ProcessLookupError, PermissionError):  # macOS: a group of zombies
            os.killpg(child.pid, signal.SIGKILL)
        return
    if child.poll() is None:
        command = ["taskkill", "/T", "/F", "/PID", str(child.pid)]
        subprocess.run(command, capture_output=True, check=False)
        child.kill()


def _environment(folder: Path, path: Sequence[Path]) -> dict[str, str]:
    """The user's, less what would change how Python or pytest run."""
    ambient = {"PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONOPTIMIZE", "PYTHONWARNINGS"}
    kept = {key: value for key, value in os.environ.items() if key not in ambient}
    before = [str(each) for each in path]
    after = [each for each in [os.environ.get("PYTHONPATH", "")] if each]
    return kept | {
        "PYTHONPATH": os.pathsep.join([*before, *after]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "work"),
        "TMPDIR": str(folder / "work"),
        "TEMP": str(folder / "work"),
        "TMP": str(folder / "work"),
    }


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
