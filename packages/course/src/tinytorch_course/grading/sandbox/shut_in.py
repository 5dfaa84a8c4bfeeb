"""The first thing that runs in a judged process: the guard, then the program itself.

    python -S -P -m tinytorch_course.grading.sandbox.shut_in RULES PROGRAM FOLDER

RULES is JSON: what may be read, and whether processes may be started.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

from tinytorch_course.grading.sandbox.guard import Guard

TRESPASSES = "trespasses.txt"


def main() -> None:
    rules, program, name = sys.argv[1:4]
    told = json.loads(rules)
    folder = Path(name)
    readable = [Path(each) for each in told["readable"]]
    guard = Guard(readable, folder, folder / TRESPASSES, told["may_start_processes"])
    sys.argv[1:] = [name]
    sys.dont_write_bytecode = True
    guard.start()
    runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
