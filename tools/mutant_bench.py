"""Trying faults on a module: a copy of its sources for each, and its contract tests against it.

The copy goes on the path before the installed reference, as an alternative solution does; nothing
in the repository or the environment is written to. Each trial is a process of its own.
"""

from __future__ import annotations

import compileall
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

import mutant_trial
from explained_survivors import Fault
from mutant_trial import ANYTHING, Passed, Pipe, Trial
from mutations import mutations
from starter import messages
from workspace import Package

Outcome = Literal["caught", "timed out", "survived"]

FIRST_SECONDS = 120.0
"""For starting a process and collecting its tests."""
PATIENCE = 10
SHORTEST = 5.0
"""A test is ended after ten times what it needs without a fault, but not before these seconds."""

HAS_SERVER = "forkserver" in multiprocessing.get_all_start_methods()
PROCESSES: Any = multiprocessing.get_context("forkserver" if HAS_SERVER else "spawn")
if HAS_SERVER:
    PROCESSES.set_forkserver_preload(mutant_trial.SLOW_TO_IMPORT)


class BenchError(Exception):
    """The tests do not pass on the module as it is."""


@dataclass(frozen=True)
class Mutant:
    """A fault in a module: where it is, and the text of the file with it."""

    fault: Fault
    task: str
    file: Path
    line: int
    text: str

    @property
    def function(self) -> tuple[Path, str]:
        names = self.fault.function.split(".")
        return self.file, ".".join(names[len(self.file.with_suffix("").parts) :])


def mutants(package: Package) -> Iterator[Mutant]:
    """All faults in what the module's tasks ask for, in the order of the tasks."""
    asked = {place: task_of(message) for place, message in messages(package).items()}
    for place, task in sorted(asked.items(), key=lambda item: (item[1], item[0])):
        text = (package.source_root / place.path).read_text("utf-8")
        function = ".".join([*place.path.with_suffix("").parts, place.name])
        for mutation in mutations(text, place.name):
            fault = Fault(function, mutation.before, mutation.after)
            yield Mutant(fault, task, place.path, mutation.line, mutation.text)


def task_of(message: str) -> str:
    return message.split(":")[0].removeprefix("task ")


class Bench:
    """A folder with a module's sources and its contract tests, to try mutants in."""

    def __init__(self, package: Package, folder: Path) -> None:
        self.package = package
        self.folder = folder
        self.reference = folder / "reference"
        self.checks = folder / "checks"
        self.numbers = count()
        shutil.copytree(package.source, self.reference)
        shutil.copytree(package.tests / "contract", self.checks)
        for copy in (self.reference, self.checks):
            compileall.compile_dir(copy, quiet=2)

    @cached_property
    def survey(self) -> Mapping[str, Passed]:
        """The module as it is: its tests in the order in which they ran. Raises BenchError."""
        trial = Trial(self.reference, self.checks, self.folder / "survey")
        passed: dict[str, Passed] = {}
        wrong = [f"their process ended, or said nothing for {FIRST_SECONDS:.0f} seconds"]
        with started(mutant_trial.survey, trial) as (_, heard):
            for message in heard(lambda: FIRST_SECONDS):
                if isinstance(message, Passed):
                    passed[message.test] = message
                elif message is True:
                    return passed
                elif isinstance(message, str):
                    wrong.append(message)
        name = self.package.folder.name
        raise BenchError(f"{name}: its contract tests do not pass without a fault\n{wrong[-1]}")

    @cached_property
    def reached_by_all(self) -> frozenset[tuple[str, str]]:
        """What is called outside of tests: on import, in fixtures."""
        return frozenset().union(*(passed.reached_before for passed in self.survey.values()))

    def tests_that_reach(self, mutant: Mutant) -> list[str]:
        """The shortest first. No other test runs anything that differs."""
        file, name = mutant.function
        root = self.package.source_root.relative_to(self.package.source)
        called = (str(self.reference / root / file), name)
        everywhere = called in self.reached_by_all
        reaching = [
            passed
            for passed in self.survey.values()
            if everywhere or called in passed.reached or ANYTHING in passed.reached
        ]
        return [passed.test for passed in sorted(reaching, key=lambda passed: passed.seconds)]

    def outcome(self, mutant: Mutant) -> Outcome:
        """First the tests of the mutant's task, then all others that run what was changed."""
        own: list[str] = []
        others: list[str] = []
        task = next(task for task in self.package.tasks if task.id == mutant.task)
        for test in self.tests_that_reach(mutant):
            (own if is_among(test, task.tests) else others).append(test)
        with self.laid_over(mutant) as source:
            for tests in filter(None, (own, others)):
                outcome = self.outcome_of(tests, source)
                if outcome != "survived":
                    return outcome
        return "survived"

    def outcome_of(self, tests: Sequence[str], source: Path) -> Outcome:
        files = list(dict.fromkeys(test.split("::")[0] for test in tests))
        trial = Trial(source, self.checks, source.parent / "work", files, tests)
        running = ""

        def patience() -> float:
            passed = self.survey.get(running)
            return max(SHORTEST, PATIENCE * passed.seconds) if passed else FIRST_SECONDS

        with started(mutant_trial.attempt, trial) as (process, heard):
            for message in heard(patience):
                if isinstance(message, bool):
                    return "survived" if message else "caught"
                running = str(message)
            process.join(0.5)
            return "timed out" if process.is_alive() else "caught"

    @contextmanager
    def laid_over(self, mutant: Mutant) -> Iterator[Path]:
        """A copy of the sources with the fault. What is compiled already need not be again."""
        place = self.folder / f"mutant{next(self.numbers)}"
        source = place / "source"
        shutil.copytree(self.reference, source)
        root = source / self.package.source_root.relative_to(self.package.source)
        changed = root / mutant.file
        changed.write_text(mutant.text, encoding="utf-8", newline="\n")
        for compiled in changed.parent.glob(f"__pycache__/{changed.stem}.*.pyc"):
            compiled.unlink()
        try:
            yield source
        finally:
            shutil.rmtree(place, ignore_errors=True)


def is_among(test: str, named: Sequence[str]) -> bool:
    """Whether a test is one of a task's: `test_x.py`, or `test_x.py::test_one`."""
    return any(test == name or test.startswith((f"{name}::", f"{name}[")) for name in named)


Heard = Callable[[Callable[[], float]], Iterator[object]]


@contextmanager
def started(
    target: Callable[[Trial, Pipe], None], trial: Trial
) -> Iterator[tuple[BaseProcess, Heard]]:
    """The process, and what it says until it ends, or says nothing for as long as one has patience.

    It is ended, with all that it has started, at the end of the `with` block.
    """
    receiver, sender = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=target, args=(trial, sender))
    process.start()
    sender.close()

    def heard(patience: Callable[[], float]) -> Iterator[object]:
        while receiver.poll(patience()):
            try:
                yield receiver.recv()
            except EOFError:
                return

    try:
        yield process, heard
    finally:
        end(process)
        receiver.close()


def end(process: BaseProcess) -> None:
    if hasattr(os, "killpg") and process.pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()
