"""Contenders in turn: A B C, A B C, … and for each round the ratios of their times.

What disturbs the machine for seconds disturbs all of them; what is left is taken out by the median.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from .case import Case

SLICE_SECONDS = 0.25
"""How long a contender runs before it is the next one's turn."""


@dataclass(frozen=True)
class Result:
    """One contender in one case.

    ratio: how many times as fast as the first contender it is, the median over the rounds; low and
    high: the quartiles. seconds: the median time of one run, on this machine, in this run.
    peak_mib: the peak memory of a process that did nothing else, where asked for.
    """

    case: str
    contender: str
    ratio: float
    low: float
    high: float
    seconds: float
    peak_mib: float | None = None


class Contender:
    """A process that runs one contender's share of a workload."""

    def __init__(self, workload: str, name: str) -> None:
        command = (sys.executable, "-m", "bench.worker", workload, name)
        self.name = name
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            # A training that diverges would be timed on infinities, and on NumPy's warnings.
            env={**os.environ, "PYTHONWARNINGS": "ignore,error::RuntimeWarning"},
        )

    def run(self, case: str, runs: int) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"case": case, "runs": runs}), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended in {case!r}; its error is above")
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        """Let it end: there is nothing more to ask."""
        self.process.communicate()


@contextmanager
def contenders_of(workload: str, cases: list[Case]) -> Iterator[Mapping[str, Contender]]:
    """A process for every contender of the workload, ended at the end."""
    names = dict.fromkeys(name for case in cases for name in case.contenders)
    with ExitStack() as stack:
        running = {name: Contender(workload, name) for name in names}
        for contender in running.values():
            stack.callback(contender.close)
        yield running


def compete(workload: str, cases: list[Case], rounds: int) -> Iterator[list[Result]]:
    """The results of each case."""
    with contenders_of(workload, cases) as running:
        for case in cases:
            contenders = [running[name] for name in case.contenders]
            times = in_turn(case, contenders, rounds)
            yield [result_of(workload, case, name, times) for name in case.contenders]


def in_turn(case: Case, contenders: list[Contender], rounds: int) -> dict[str, list[float]]:
    """The median time of each contender in each round."""
    once = {c.name: min(c.run(case.name, 2)["seconds"]) for c in contenders}
    runs = {name: max(1, min(5000, int(SLICE_SECONDS / once[name]))) for name in once}
    times: dict[str, list[float]] = {c.name: [] for c in contenders}
    for _ in range(rounds):
        for contender in contenders:
            seconds = contender.run(case.name, runs[contender.name])["seconds"]
            times[contender.name].append(median(seconds))
    return times


def result_of(workload: str, case: Case, name: str, times: Mapping[str, list[float]]) -> Result:
    first = times[next(iter(case.contenders))]
    ratios = [a / b for a, b in zip(first, times[name], strict=True)]
    low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
    peak = peak_memory(workload, case, name) if case.memory else None
    return Result(case.name, name, median(ratios), low, high, median(times[name]), peak)


def peak_memory(workload: str, case: Case, name: str) -> float:
    """The peak memory in MiB of a new process that does this work alone, ten times."""
    contender = Contender(workload, name)
    try:
        peak: float = contender.run(case.name, 10)["peak_bytes"]
        return peak / 2**20
    finally:
        contender.close()
