"""Check the checks: break each task's functions in many small ways, and see which checks notice.

    python tools/mutants.py [MODULE ...]

Runs in an environment with all modules installed. A fault is laid over the installed reference,
and the module's contract tests run on it: first those of the task that owns the function, then the
rest, until one fails. At least 90 % of a module's faults must be noticed. What is not noticed is
listed in the module's `tests/mutants.toml`, with the reason why no check is needed for it.

mutmut and cosmic-ray were tried: neither can be told which functions to break, and both start a new
pytest for every fault, which takes an hour where this takes minutes. Here a process with NumPy,
pytest and hypothesis in it is forked for each; so it runs on Linux and macOS.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mutations import mutations
from starter import messages
from workspace import ROOT, Package, Workspace

ENOUGH = 0.9
LONGEST_CHECK = 10
"""Seconds. A fault that makes a check take longer has been noticed."""
LARGEST_MEMORY = 4 * 2**30


class Fate(StrEnum):
    CAUGHT = "caught"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


@dataclass(frozen=True)
class Mutant:
    package: Package
    task: str
    path: Path
    """Relative to the module's folder."""
    function: str
    line: int
    before: str
    after: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is called in `mutants.toml`: it survives a shift of lines."""
        place = ".".join(self.path.with_suffix("").parts)
        return f"{place}.{self.function}", self.before, self.after


def mutants_of(package: Package) -> Iterator[Mutant]:
    """Of the functions that a starter empties: the tasks' own, and helpers that only they use."""
    for place, message in messages(package).items():
        text = (package.source_root / place.path).read_text("utf-8")
        task = message.split()[1].rstrip(":")
        for each in mutations(text, place.name):
            yield Mutant(
                package, task, place.path, place.name, each.line, each.before, each.after, each.text
            )


def test_files(package: Package, task: str) -> tuple[list[str], list[str]]:
    """The files that judge the task, and the others."""
    contract = package.tests / "contract"
    tests = next(each.tests for each in package.tasks if each.id == task)
    own = list(dict.fromkeys(str(contract / test.partition("::")[0]) for test in tests))
    every = sorted(str(file) for file in contract.glob("test_*.py"))
    return own, [file for file in every if file not in own]


def try_mutant(mutant: Mutant) -> Fate:
    package = mutant.package
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        overlay = Path(name).resolve()
        shutil.copytree(package.source, overlay, dirs_exist_ok=True, ignore=NO_BYTECODE)
        root = overlay / package.source_root.relative_to(package.source)
        (root / mutant.path).write_text(mutant.text, encoding="utf-8")
        for files in test_files(package, mutant.task):
            fate = run_tests(overlay, files) if files else Fate.SURVIVED
            if fate is not Fate.SURVIVED:
                return fate
    return Fate.SURVIVED


NO_BYTECODE = shutil.ignore_patterns("__pycache__")


def run_tests(overlay: Path, files: Sequence[str]) -> Fate:
    """In a fork of this process, which has imported everything but the course."""
    child = os.fork()
    if child == 0:
        run_in_child(overlay, files)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return Fate.TIMED_OUT
    return Fate.SURVIVED if status == 0 else Fate.CAUGHT


def run_in_child(overlay: Path, files: Sequence[str]) -> None:
    """Never returns: ends with 0 when all tests pass."""
    import pytest

    code = 1
    try:
        os.chdir(overlay)
        silence()
        resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(3 * LONGEST_CHECK)
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(overlay))
        options = ["-x", "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
        code = int(pytest.main([*options, *files], plugins=[Clock()]))
    finally:
        os._exit(code)


def silence() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)


class Clock:
    """A pytest plugin: an alarm that nobody handles ends the process."""

    def pytest_runtest_logstart(self, nodeid: str, location: object) -> None:
        signal.alarm(LONGEST_CHECK)


def warm_up() -> None:
    """Before the first fork: what every child would import, and how examples are drawn."""
    import hypothesis
    import numpy  # noqa: F401
    import pytest  # noqa: F401
    from hypothesis import HealthCheck, Phase, settings

    assert hypothesis
    settings.register_profile(
        "mutants",
        phases=(Phase.explicit, Phase.generate),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")


@dataclass(frozen=True)
class Tally:
    package: Package
    fates: tuple[tuple[Mutant, Fate], ...]
    seconds: float

    def count(self, fate: Fate) -> int:
        return sum(each is fate for _, each in self.fates)

    @property
    def survivors(self) -> list[Mutant]:
        return [mutant for mutant, fate in self.fates if fate is Fate.SURVIVED]

    @property
    def share(self) -> float:
        return 1 - len(self.survivors) / len(self.fates) if self.fates else 1.0


def explanations(package: Package) -> dict[tuple[str, str, str], str]:
    file = package.tests / "mutants.toml"
    if not file.is_file():
        return {}
    rows: list[dict[str, Any]] = tomllib.loads(file.read_text("utf-8")).get("survivor", [])
    return {(row["function"], row["before"], row["after"]): row["why"] for row in rows}


def problems(tally: Tally) -> Iterator[str]:
    name, known = tally.package.name, explanations(tally.package)
    if tally.share < ENOUGH:
        yield f"{name}: {tally.share:.1%} caught, less than {ENOUGH:.0%}"
    survivors = {mutant.key: mutant for mutant in tally.survivors}
    for key, mutant in survivors.items():
        if key not in known:
            where = tally.package.source_root.relative_to(ROOT) / mutant.path
            yield f"{name}: not caught, not explained: {where}:{mutant.line}"
            yield "\n".join(("[[survivor]]", *spelled(key), 'why = ""\n'))
    every = {mutant.key for mutant, _ in tally.fates}
    for key in known:
        if key not in survivors:
            gone = "is caught" if key in every else "is no fault of it any more"
            yield f"{name}: mutants.toml explains {key[0]}: {key[2]!r}, which {gone}: remove it"


def spelled(key: tuple[str, str, str]) -> Iterator[str]:
    for name, text in zip(("function", "before", "after"), key, strict=True):
        quoted = f"'{text}'" if "'" not in text else f"'''{text}'''"
        yield f"{name} = {quoted}"


def examine(package: Package, jobs: int) -> Tally:
    began = time.monotonic()
    mutants = list(mutants_of(package))
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        fates = pool.map(try_mutant, mutants, chunksize=1)
    return Tally(package, tuple(zip(mutants, fates, strict=True)), time.monotonic() - began)


def line_of(tally: Tally) -> str:
    explained = len(explanations(tally.package))
    return (
        f"{tally.package.name:<14} {len(tally.fates):>5} faults  "
        f"{tally.count(Fate.CAUGHT):>4} caught  {tally.count(Fate.TIMED_OUT):>3} timed out  "
        f"{len(tally.survivors):>3} not noticed ({explained} explained)  "
        f"{tally.share:6.1%}  {tally.seconds:4.0f} s"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("modules", nargs="*", help="names; all modules without any")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    modules = [
        package
        for package in Workspace.load(ROOT).of_kind("module")
        if not options.modules or package.name in options.modules
    ]
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    warm_up()
    wrong: list[str] = []
    for package in modules:
        tally = examine(package, options.jobs)
        print(line_of(tally), flush=True)
        wrong += problems(tally)
    for each in wrong:
        print(each)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
