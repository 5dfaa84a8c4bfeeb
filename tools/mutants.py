"""The checks of the checks: faults in what the tasks ask for, which contract tests must catch.

    python tools/mutants.py [MODULE ...] [--task ID ...] [--sample N]

In an environment with all modules and the `tinytorch` command, each function that a starter empties
is given one fault at a time (`mutations.py`), and the contract tests are run as `tinytorch check`
runs them (`mutant_bench.py`). A module fails if less than 90 % of its faults are caught, those
that are explained as equivalent in its `tests/mutants.toml` apart; and if that file explains a
fault that does not survive.

Why not a tool that exists: mutmut 3 changes no function that has a decorator, and every operation
of a tensor has one. cosmic-ray changes the sources in place, starts Python and pytest anew for each
fault, and forgets no argument, statement or result, which is what people do.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from explained_survivors import Explanation, ExplanationError, Fault, read
from mutant_bench import Bench, BenchError, Mutant, Outcome, mutants
from workspace import ROOT, Package, Workspace

LEAST = 0.9
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
HEADINGS = ("", "faults", "caught", "timed out", "equivalent", "explained", "unexplained")


@dataclass(frozen=True)
class Score:
    """How many faults there were, and what became of them."""

    faults: int
    caught: int
    timed_out: int
    equivalent: int
    explained: int
    unexplained: int

    @property
    def share(self) -> float:
        """Of the faults that can be caught, those that were; all, where there was none."""
        possible = self.faults - self.equivalent
        return (self.caught + self.timed_out) / possible if possible else 1.0


@dataclass(frozen=True)
class Result:
    """What became of a module's mutants, of all that it has or of a sample."""

    package: Package
    outcomes: Mapping[Mutant, Outcome]
    explanations: Mapping[Fault, Explanation]
    untried: frozenset[Fault]
    seconds: float

    @property
    def survivors(self) -> list[Mutant]:
        return [m for m, outcome in self.outcomes.items() if outcome == "survived"]

    @property
    def stale(self) -> list[Fault]:
        """Explained, and no survivor any more."""
        living = {mutant.fault for mutant in self.survivors} | self.untried
        return [fault for fault in self.explanations if fault not in living]

    def score(self, task: str | None = None) -> Score:
        """Of one task, or of all."""
        found = {m: outcome for m, outcome in self.outcomes.items() if task in (None, m.task)}
        outcomes = list(found.values())
        kinds = [
            kind(self.explanations.get(mutant.fault))
            for mutant, outcome in found.items()
            if outcome == "survived"
        ]
        return Score(
            len(outcomes),
            outcomes.count("caught"),
            outcomes.count("timed out"),
            kinds.count("equivalent"),
            kinds.count("explained"),
            kinds.count("unexplained"),
        )

    def problems(self) -> Iterator[str]:
        score = self.score()
        name = self.package.folder.name
        if score.share < LEAST:
            yield (
                f"{name}: {score.share:.1%} of the faults are caught, {LEAST:.0%} are needed: "
                "add checks for the survivors, or explain them in tests/mutants.toml"
            )
        for fault in self.stale:
            yield (
                f"{name}: tests/mutants.toml explains a fault that does not survive, or is no "
                f"fault any more: remove it\n    {fault.function}\n    - {fault.before}\n"
                f"    + {fault.after}"
            )


def kind(explanation: Explanation | None) -> str:
    if explanation is None:
        return "unexplained"
    return "equivalent" if explanation.is_equivalent else "explained"


def tried(
    packages: Sequence[Package],
    choose: Callable[[list[Mutant]], list[Mutant]],
    jobs: int,
    folder: Path,
) -> Iterator[Result]:
    """All modules, one after another; as many faults at a time as there are jobs.

    Survivors are shown as they are found.
    """
    with ThreadPoolExecutor(jobs) as pool:
        benches = [Bench(package, folder / package.name) for package in packages]
        surveys = [pool.submit(getattr, bench, "survey") for bench in benches]
        for bench, survey in zip(benches, surveys, strict=True):
            began = time.monotonic()
            explanations = read(bench.package.tests / "mutants.toml")
            everything = list(mutants(bench.package))
            chosen = choose(everything)
            survey.result()
            outcomes: dict[Mutant, Outcome] = {}
            for mutant, outcome in zip(chosen, pool.map(bench.outcome, chosen), strict=True):
                outcomes[mutant] = outcome
                if outcome == "survived":
                    show(bench.package, mutant, explanations.get(mutant.fault))
            untried = frozenset(m.fault for m in everything) - {m.fault for m in chosen}
            seconds = time.monotonic() - began
            yield Result(bench.package, outcomes, explanations, untried, seconds)


def chosen_of(
    everything: list[Mutant], tasks: Sequence[str], sample: int | None, seed: int
) -> list[Mutant]:
    """All, or those of some tasks, or a sample of them, in the order of all."""
    possible = [mutant for mutant in everything if not tasks or mutant.task in tasks]
    if sample is None or sample >= len(possible):
        return possible
    numbers = random.Random(seed).sample(range(len(possible)), sample)
    return [possible[number] for number in sorted(numbers)]


def show(package: Package, mutant: Mutant, explanation: Explanation | None) -> None:
    where = (package.source_root / mutant.file).relative_to(package.folder.parent.parent)
    why = f": {explanation.why}" if explanation else ""
    print(
        f"{where.as_posix()}:{mutant.line}: {mutant.fault.function} (task {mutant.task})",
        f"    - {mutant.fault.before}",
        f"    + {mutant.fault.after}",
        f"    {kind(explanation)}{why}",
        sep="\n",
        flush=True,
    )


def table_lines(results: Sequence[Result]) -> Iterator[str]:
    yield line(*HEADINGS, "score", "seconds")
    for result in results:
        yield row(result.package.name, result.score(), f"{result.seconds:.0f}")
        for task in result.package.tasks:
            yield row(f"  {task.id} {task.title}", result.score(task.id), "")


def row(name: str, score: Score, seconds: str) -> str:
    counts = (score.faults, score.caught, score.timed_out)
    survivors = (score.equivalent, score.explained, score.unexplained)
    return line(name, *map(str, (*counts, *survivors)), f"{score.share:.1%}", seconds)


def line(name: str, *columns: str) -> str:
    return f"{name[:37]:<38}" + "".join(f"{column:>12}" for column in columns)


def main(root: Path = ROOT) -> int:
    options = arguments()
    os.environ |= ONE_THREAD
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    packages = chosen_packages(Workspace.load(root), options.modules)
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            folder = Path(name).resolve()
            choose = partial(
                chosen_of, tasks=options.task, sample=options.sample, seed=options.seed
            )
            results = list(tried(packages, choose, options.jobs, folder))
    except (BenchError, ExplanationError) as problem:
        print(problem)
        return 1
    print(*table_lines(results), sep="\n")
    problems = [problem for result in results for problem in result.problems()]
    print(*problems, f"{len(results)} modules, {len(problems)} problems", sep="\n")
    return int(bool(problems))


def chosen_packages(workspace: Workspace, names: Sequence[str]) -> list[Package]:
    modules = workspace.of_kind("module")
    if unknown := set(names) - {package.name for package in modules}:
        raise SystemExit(f"no module is called {', '.join(sorted(unknown))}")
    return [package for package in modules if not names or package.name in names]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("modules", nargs="*", help="names; all modules without any")
    parser.add_argument("--task", action="append", default=[], help="only of this task: 2.1")
    parser.add_argument("--sample", type=int, help="only so many faults a module")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="trials at a time")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
