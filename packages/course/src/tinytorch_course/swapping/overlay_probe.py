"""Run by `overlay.py` in a Python of its own: imports modules and reports how each went.

Arguments: the file to report to, and the JSON of a list of import names, each with the public names
that it must have. Each line of the report is the JSON of the name, the last lines of its traceback,
the public names that are missing, and the file that it came from. The first name without a line is
the one that ended the process, or hangs in it.
"""

from __future__ import annotations

import json
import sys

from tinytorch_course.import_probe import attempt


def missing(name: str, public: list[str]) -> list[str]:
    module = sys.modules.get(name)
    return [each for each in public if not hasattr(module, each)]


def origin(name: str) -> str | None:
    return getattr(sys.modules.get(name), "__file__", None)


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for each, public in json.loads(sys.argv[2]):
            lines = attempt(each)
            lacking = [] if lines else missing(each, public)
            print(json.dumps([each, lines, lacking, origin(each)]), file=out, flush=True)
