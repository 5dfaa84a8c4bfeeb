"""The process in which a module's contract tests meet one fault.

It is started by multiprocessing, from a server that has imported the slow libraries where the
platform has such servers. What it has to say goes through a pipe, as it goes: whoever started it
sees which test was running when it had to be ended.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeAlias

from _pytest.config import default_plugins

SLOW_TO_IMPORT = [
    "numpy",
    "hypothesis",
    "hypothesis.internal.conjecture.engine",
    *(f"_pytest.{plugin}" for plugin in default_plugins),
]


Pipe: TypeAlias = "Connection[Any, Any]"


@dataclass(frozen=True)
class Trial:
    """source: the folder to import the module from. checks: its contract tests, below which the
    `files` are, and in them the tests with the ids `tests`; all of them, if there is no id.
    """

    source: Path
    checks: Path
    work: Path
    files: Sequence[str] = ()
    tests: Sequence[str] = ()


@dataclass(frozen=True)
class Passed:
    """A test that passed, and which functions of the module were called in it, or before it."""

    test: str
    seconds: float
    """Of processor time: how long it takes with nothing beside it."""
    reached: frozenset[tuple[str, str]]
    reached_before: frozenset[tuple[str, str]]


def attempt(trial: Trial, report: Pipe) -> None:
    """Run the tests in the order given, up to the first that fails.

    Sends the id of each test before it runs, and True at the end if no test failed, else False.
    """
    run(trial, InOrder(trial.tests, report), report)


def survey(trial: Trial, report: Pipe) -> None:
    """Run all tests on the module as it is, up to the first that fails.

    Sends a `Passed` for each, or what is wrong, and at the end True if no test failed, else False.
    """
    calls = Calls(trial.source)
    with calls.watched():
        run(trial, Surveyor(calls, report), report)


def run(trial: Trial, plugin: Verdict, report: Pipe) -> None:
    enter(trial)
    import pytest

    pytest.main(arguments(trial), plugins=[plugin])
    plugin.say(False)  # the tests could not be collected


def enter(trial: Trial) -> None:
    """Make this the process that `tinytorch check` would start, but for the search for a smallest
    example: it comes after a test has failed.
    """
    silence(trial.work)
    from tinytorch_course.checking.limits import limit_this_process

    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    limit_this_process()
    sys.dont_write_bytecode = False  # what is the same for all mutants is compiled once
    tools = Path(__file__).resolve().parent
    sys.path[:] = [str(trial.source), *(p for p in sys.path if Path(p).resolve() != tools)]
    os.environ |= {
        "PYTHONPATH": str(trial.source),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
    }
    os.chdir(trial.work)
    steady_examples()


def silence(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    nowhere = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def steady_examples() -> None:
    from hypothesis import Phase, settings

    phases = (Phase.explicit, Phase.generate)
    settings.register_profile(
        "mutants", derandomize=True, deadline=None, database=None, phases=phases
    )
    settings.load_profile("mutants")


def arguments(trial: Trial) -> list[str]:
    """As `tinytorch check` calls pytest, but that asserts say less when they fail."""
    ini = resources.files("tinytorch_course.checking").joinpath("pytest.ini")
    files = [str(trial.checks / file) for file in trial.files] or [str(trial.checks)]
    checks = str(trial.checks)
    return ["-c", str(ini), "--rootdir", checks, "--confcutdir", checks, "--assert=plain", *files]


class Verdict:
    """A pytest plugin that says whether all tests have passed, and ends the process as soon as it
    is known, whatever threads a fault has left running.
    """

    def __init__(self, report: Pipe) -> None:
        self.report = report

    def say(self, has_passed: bool) -> None:
        self.report.send(has_passed)
        self.report.close()
        os._exit(0)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.say(False)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.say(exitstatus == 0)


class InOrder(Verdict):
    """Runs the tests asked for, in that order, and tells of each."""

    def __init__(self, tests: Iterable[str], report: Pipe) -> None:
        super().__init__(report)
        self.rank = {test: rank for rank, test in enumerate(tests)}

    def pytest_itemcollected(self, item: Any) -> None:
        """Nobody reads how a test failed."""
        item.repr_failure = lambda excinfo, style=None: str(excinfo.typename)

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        wanted = [item for item in items if item.nodeid in self.rank]
        items[:] = sorted(wanted, key=lambda item: self.rank[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.report.send(nodeid)


class Calls:
    """Which functions of a folder are called, as (file, name of the function)."""

    def __init__(self, folder: Path) -> None:
        self.start = f"{folder}{os.sep}"
        self.seen: set[CodeType] = set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        threading.settrace(self.note)
        sys.settrace(self.note)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """Python asks here at each call, and as nothing is returned, not again until the next."""
        if frame.f_code.co_filename.startswith(self.start):
            self.seen.add(frame.f_code)

    def take(self) -> frozenset[tuple[str, str]]:
        """Those seen since the last time."""
        seen, self.seen = self.seen, set()
        return frozenset((code.co_filename, code.co_qualname) for code in seen)


class Surveyor(Verdict):
    """Notes what each test reaches and how long it takes.

    What is called while files are imported and fixtures are made may serve many tests, so it is
    told apart from what a test itself calls. What a test's own processes call is not seen: such a
    test may reach anything.
    """

    def __init__(self, calls: Calls, report: Pipe) -> None:
        super().__init__(report)
        self.calls = calls
        self.before: frozenset[tuple[str, str]] = frozenset()
        self.began = 0.0
        self.processes = 0
        sys.addaudithook(self.hear)

    def hear(self, event: str, _: object) -> None:
        self.processes += event in ("subprocess.Popen", "os.posix_spawn", "os.fork")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.began, self.processes = processor_seconds(), 0

    def pytest_runtest_call(self) -> None:
        self.before = self.calls.take()

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.report.send(f"{report.nodeid}: {report.longreprtext}")

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.report.send(f"{report.nodeid}: {report.longreprtext}")
        super().pytest_runtest_logreport(report)
        if report.when == "call":
            reached = self.calls.take()
            if self.processes:
                reached |= {ANYTHING}
            seconds = processor_seconds() - self.began
            self.report.send(Passed(report.nodeid, seconds, reached, self.before))


def processor_seconds() -> float:
    """Of this process and those that it has waited for."""
    return sum(os.times()[:4])


ANYTHING = ("", "")
"""What a test reaches whose calls cannot be seen."""
