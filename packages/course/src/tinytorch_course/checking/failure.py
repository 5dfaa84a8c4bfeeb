"""What went wrong in a student's code, as facts: which error, where, in which call of the check."""

from __future__ import annotations

import linecache
import os
import traceback
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

LONGEST_MESSAGE = 2_000
LONGEST_PRINT = 2_000


@dataclass(frozen=True)
class Place:
    file: str
    line: int
    function: str
    text: str
    """The line itself."""


@dataclass(frozen=True)
class Failure:
    error: str
    """The name of the exception's class, or a word of ours for what is none, such as `timeout`."""
    message: str
    theirs: Place | None = None
    """The innermost line of the student's."""
    ours: Place | None = None
    """The line of the check that led there."""
    printed: str = ""
    notes: list[str] = field(default_factory=list)
    """What hypothesis adds: the smallest example that fails."""

    def record(self) -> dict[str, Any]:
        return asdict(self)


def parse(record: dict[str, Any]) -> Failure:
    """The failure that `Failure.record` wrote down."""
    places = {key: Place(**record[key]) if record[key] else None for key in ("theirs", "ours")}
    return Failure(**{**record, **places})


def describe(error: BaseException, source: Path, checks: Path | None = None) -> Failure:
    """source: the student's `src` folder. checks: the folder of the course's checks.

    Of several errors at once, as hypothesis raises them, the first is described.
    """
    if isinstance(error, BaseExceptionGroup):
        return describe(error.exceptions[0], source, checks)
    notes = [str(note) for note in getattr(error, "__notes__", ())]
    if isinstance(error, SyntaxError) and error.filename:
        return Failure(type(error).__name__, error.msg, _syntax_place(error, source), notes=notes)
    return Failure(
        error=type(error).__name__,
        message=_message(error),
        theirs=_theirs(error, source),
        ours=_innermost(error.__traceback__, checks) if checks else None,
        notes=notes,
    )


def _theirs(error: BaseException, source: Path) -> Place | None:
    """An operation tells an error anew in its own terms; who raised it stands in the cause."""
    cause = error
    for _ in range(10):
        cause = cause.__cause__ or cause
    return _innermost(cause.__traceback__, source) or _innermost(error.__traceback__, source)


def _message(error: BaseException) -> str:
    """Even an exception whose own `__str__` raises has one."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  a student's class may do anything here
        text = ""
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]} ..."


def _syntax_place(error: SyntaxError, source: Path) -> Place | None:
    """An indentation error or a file that is not UTF-8 has no line to show."""
    file = _below(error.filename or "", source)
    return Place(file, error.lineno or 1, "", (error.text or "").strip()) if file else None


def _innermost(trace: TracebackType | None, folder: Path) -> Place | None:
    """The last call in a file of that folder. Frames are looked at one by one: a recursion has a
    thousand of them, and each would cost reading its line.
    """
    found = None
    for frame, line in traceback.walk_tb(trace):
        file = _below(frame.f_code.co_filename, folder)
        if file:
            found = (frame.f_code.co_filename, file, line, frame.f_code.co_qualname)
    if found is None:
        return None
    name, file, line, function = found
    return Place(file, line, function, linecache.getline(name, line).strip())


@cache
def _below(file: str, folder: Path) -> str | None:
    """The path from the folder, or None if the file does not lie in it."""
    real = Path(os.path.realpath(file))
    return real.relative_to(folder).as_posix() if real.is_relative_to(folder) else None
