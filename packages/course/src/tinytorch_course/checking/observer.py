"""A pytest plugin that writes down how each check went, as it goes: a line of JSON each.

What is written before the process dies is kept, so nobody depends on how the process ends.
"""

from __future__ import annotations

import builtins
import faulthandler
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import pytest

from tinytorch_course.checking.failure import LONGEST_PRINT, Failure, describe


class Journal:
    """The file in which the child says what happens."""

    def __init__(self, file: Path) -> None:
        self.out = file.open("a", encoding="utf-8")

    def write(self, event: str, **facts: Any) -> None:
        print(json.dumps({"event": event, **facts}), file=self.out, flush=True)


class Watchdog:
    """Ends the process when one thing takes too long, and writes where it was.

    It is a thread of the C library: it bites even while the interpreter is stuck in a C loop.
    """

    def __init__(self, file: TextIO, limit: float) -> None:
        self.file = file
        self.limit = limit

    def start(self) -> None:
        faulthandler.dump_traceback_later(self.limit, exit=True, file=self.file)

    def stop(self) -> None:
        faulthandler.cancel_dump_traceback_later()


class Observer:
    """ids: the checks to run, in this order. Without any, all that there are."""

    def __init__(
        self, journal: Journal, watchdog: Watchdog, ids: Sequence[str], source: Path, checks: Path
    ) -> None:
        self.journal = journal
        self.watchdog = watchdog
        self.rank = {name: rank for rank, name in enumerate(ids)}
        self.source = source
        self.checks = checks
        self.failure: Failure | None = None
        self.printed = ""
        self.has_passed = False
        self.has_collected = False

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """pytest's own account of a failure, which nobody reads, takes longer than most checks."""
        item.repr_failure = lambda excinfo, style=None: str(excinfo.typename)  # type: ignore[method-assign]

    def pytest_make_parametrize_id(self, val: object, argname: str) -> str | None:
        """A check's id must not hang on what a student's function is called within: of functions
        and classes that are parameters pytest would take the `__name__`.
        """
        name = getattr(val, "__name__", None)
        if not isinstance(name, str) or getattr(builtins, name, None) is val:
            return None
        return argname

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.has_collected = True
        bound = [item.nodeid for item in items if item.get_closest_marker("in_process")]
        self.journal.write("collected", ids=[item.nodeid for item in items], in_process=bound)
        if self.rank:
            wanted = [item for item in items if item.nodeid in self.rank]
            items[:] = sorted(wanted, key=lambda item: self.rank[item.nodeid])

    def pytest_collection_finish(self) -> None:
        self.watchdog.stop()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.failure, self.printed, self.has_passed = None, "", False
        self.journal.write("started", id=nodeid)
        self.watchdog.start()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A check has three parts: setup, call, teardown. What was printed may be huge."""
        report.sections[:] = [(name, text[-LONGEST_PRINT:]) for name, text in report.sections]
        self.printed = report.capstdout
        if report.when == "call":
            self.has_passed = report.passed

    def pytest_exception_interact(
        self,
        node: pytest.Item | pytest.Collector,
        call: pytest.CallInfo[object],
        report: pytest.TestReport | pytest.CollectReport,
    ) -> None:
        assert call.excinfo is not None
        error = call.excinfo.value
        if isinstance(report, pytest.CollectReport):
            cause = error.__cause__ or error
            failure = describe(cause, self.source, self.checks)
            self.journal.write("uncollected", id=node.nodeid, failure=failure.record())
        elif self.failure is None:
            self.failure = describe(error, self.source, self.checks)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.watchdog.stop()
        if self.failure:
            record = replace(self.failure, printed=self.printed).record()
            self.journal.write("finished", id=nodeid, passed=False, failure=record)
        else:
            self.journal.write("finished", id=nodeid, passed=self.has_passed, failure=None)
