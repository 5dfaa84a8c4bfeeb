"""Runs a capstone as `python -m` does, and notes where an error that ends it comes from.

    python -P capstone_process.py NOTE MODULE [ARGS]...

NOTE becomes a JSON list of files and lines, the innermost last; there is none without an error.
"""

from __future__ import annotations

import json
import runpy
import sys
import traceback
from pathlib import Path
from types import TracebackType

OURS = (__file__, runpy.__file__, "<frozen runpy>")


def run(note: Path, module: str) -> None:
    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """What Python shows, without the lines of this file."""
        note.write_text(json.dumps(places(error)), encoding="utf-8")
        below = without_ours(trace)
        sys.__excepthook__(kind, error.with_traceback(below), below)

    sys.excepthook = told
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def places(error: BaseException) -> list[tuple[str, int]]:
    """Of an error, after those of the errors that it was raised for."""
    found = []
    for each in chain(error):
        lines = traceback.walk_tb(each.__traceback__)
        found += [(frame.f_code.co_filename, line) for frame, line in lines]
        if isinstance(each, SyntaxError) and each.filename:
            found.append((each.filename, each.lineno or 1))
    return found


def chain(error: BaseException) -> list[BaseException]:
    """The first cause first."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and not any(following is each for each in found):
        found.append(following)
        following = following.__cause__ or following.__context__
    return found[::-1]


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename in OURS:
        trace = trace.tb_next
    return trace


if __name__ == "__main__":
    place, name = sys.argv[1:3]
    sys.argv[1:] = sys.argv[3:]
    run(Path(place), name)
