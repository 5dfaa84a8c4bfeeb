"""`python -m tinytorch.setup`: print the report. Exit code 1 when a problem was found."""

import argparse
import io
import json
import sys
from collections.abc import Sequence

from tinytorch.setup.reporting import report
from tinytorch.setup.speed import measure_speed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tinytorch.setup",
        description="What this machine is, what of the course is installed, and what comes next.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument("--speed", action="store_true", help="measure the machine's speed too")
    options = parser.parse_args(arguments)

    found = report()
    speed = measure_speed() if options.speed else None
    if options.json:
        measured = {} if speed is None else {"speed": speed.to_dict()}
        print(json.dumps({**found.to_dict(), **measured}, indent=2))
    else:
        print(found if speed is None else f"{found}\n\nSpeed\n{speed}")
    return 1 if found.problems else 0


if __name__ == "__main__":
    # A folder's name may hold letters that the console cannot show.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
