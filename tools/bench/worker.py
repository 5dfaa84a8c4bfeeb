"""One contender's process: it prepares cases when asked, and times them.

    python -m bench.worker WORKLOAD CONTENDER

Reads a request a line, {"case": …, "runs": …}, and answers with a line {"seconds": [each run]}.
What the work prints goes to the error output.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from time import perf_counter

from .case import Work, cases_of

WARM_UP_SECONDS = 0.3


def main(workload: str, contender: str) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    cases = {case.name: case for case in cases_of(workload)}
    prepared: dict[str, Work] = {}
    for line in sys.stdin:
        request = json.loads(line)
        name, runs = request["case"], request["runs"]
        if name not in prepared:
            prepared[name] = cases[name].contenders[contender]()
            warm_up(prepared[name])
        seconds = [timed(prepared[name]) for _ in range(runs)]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "peak_bytes": peak}), file=answers, flush=True)


def warm_up(work: Work) -> None:
    """Run it until memory and caches are as they will be."""
    start = perf_counter()
    for _ in range(1000):
        work()
        if perf_counter() - start > WARM_UP_SECONDS:
            return


def timed(work: Work) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
