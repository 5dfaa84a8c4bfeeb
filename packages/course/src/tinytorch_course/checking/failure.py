"""What went wrong in a student's code, as facts: which error, where, in which call of the check."""

from __future__ import annotations

import linecache
import os
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from tinytorch_course.checking.tried import Tried, in_frame

LONGEST_MESSAGE = 2_000
LONGEST_PRINT = 2_000
DEEPEST = 20
OWN_WORDS = frozenset({"timeout", "crash", "elsewhere", "not run"})
"""In the place of a class's name, for what is no exception."""


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
    through: list[Place] = field(default_factory=list)
    """The student's lines that it came through, innermost first."""
    tried: Tried | None = None
    """What the check was doing."""
    printed: str = ""
    notes: list[str] = field(default_factory=list)
    """What hypothesis adds: the smallest example that fails."""

    def record(self) -> dict[str, Any]:
        return asdict(self)


def parse(record: dict[str, Any]) -> Failure:
    """The failure that `Failure.record` wrote down."""
    kinds = {"theirs": Place, "tried": Tried}
    parts = {key: kind(**record[key]) if record[key] else None for key, kind in kinds.items()}
    through = [Place(**place) for place in record["through"]]
    return Failure(**{**record, **parts, "through": through})


def describe(error: BaseException, source: Path, checks: Path | None = None) -> Failure:
    """source: the student's `src` folder. checks: the folder of the course's checks.

    Of several errors at once, as hypothesis raises them, the first is described.
    """
    if isinstance(error, BaseExceptionGroup):
        return describe(error.exceptions[0], source, checks)
    notes = [str(note) for note in getattr(error, "__notes__", ())]
    if isinstance(error, SyntaxError) and error.filename:
        return Failure(_name(error), error.msg, _syntax_place(error, source), notes=notes)
    through = _through(error, source)
    return Failure(
        error=_name(error),
        message=_message(error),
        theirs=next(iter(through), None),
        through=through,
        tried=_tried(error.__traceback__, checks) if checks else None,
        notes=notes,
    )


def _through(error: BaseException, source: Path) -> list[Place]:
    """An operation tells an error anew in its own terms; who raised it stands in the cause."""
    traces = [error.__traceback__]
    while error.__cause__ is not None and len(traces) < DEEPEST:
        error = error.__cause__
        traces.append(error.__traceback__)
    frames = [frame for trace in traces for frame in traceback.walk_tb(trace)]
    return list(islice(_places(reversed(frames), source), DEEPEST))


def _places(frames: Iterable[tuple[FrameType, int]], folder: Path) -> Iterator[Place]:
    """Those in files of that folder. Lazy: a recursion has a thousand frames, and each would cost
    reading its line.
    """
    for frame, line in frames:
        file = _below(_file(frame), folder)
        if file:
            text = linecache.getline(_file(frame), line).strip()
            yield Place(file, line, frame.f_code.co_qualname, text)


def _name(error: BaseException) -> str:
    """Of its class. One that is called as our own words are is not taken for one of them."""
    name = type(error).__name__
    return f"class {name}" if name in OWN_WORDS else name


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


def _tried(trace: TracebackType | None, checks: Path) -> Tried | None:
    """Of the frames of checks the innermost; what checks share, in a conftest.py, tells less."""
    frames = [each for each in traceback.walk_tb(trace) if _below(_file(each[0]), checks)]
    own = [each for each in frames if Path(_file(each[0])).name != "conftest.py"]
    return in_frame(*(own or frames)[-1]) if frames else None


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename


@cache
def _below(file: str, folder: Path) -> str | None:
    """The path from the folder, or None if the file does not lie in it."""
    real = Path(os.path.realpath(file))
    return real.relative_to(folder).as_posix() if real.is_relative_to(folder) else None
