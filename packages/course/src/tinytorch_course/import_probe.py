"""Run by `trial.py` in a Python of its own: imports the names given and reports how each went.

Arguments: the file to report to, then the names. Each line is the JSON of a name and the last lines
of its traceback. The first name without a line is the one that ended the process, or hangs in it.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback

LAST_FRAMES = 2
LAST_LINES = 12


def attempt(name: str) -> list[str]:
    """The last lines of the traceback, if there is one."""
    try:
        importlib.import_module(name)
    except BaseException as failure:  # noqa: BLE001  whatever a student's module raises, SystemExit too
        return lines(failure)
    return []


def lines(failure: BaseException) -> list[str]:
    told = traceback.TracebackException.from_exception(failure)
    frames = [each for each in told.stack if is_theirs(each.filename)]
    told.stack = traceback.StackSummary.from_list(frames[-LAST_FRAMES:])
    return "".join(told.format(chain=False)).splitlines()[-LAST_LINES:]


def is_theirs(filename: str) -> bool:
    """Not a frame of this file or of the import system."""
    return filename != __file__ and not filename.startswith("<frozen importlib")


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for each in sys.argv[2:]:
            print(json.dumps([each, attempt(each)]), file=out, flush=True)
