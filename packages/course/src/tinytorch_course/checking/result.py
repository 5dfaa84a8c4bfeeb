"""What came of the checks, by task."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tinytorch_course.checking.failure import Failure
from tinytorch_course.material import Task

UNWRITTEN = re.compile(r"task (\d+\.\d+): (\w+)")
"""What a function of a starter says when it is called."""


@dataclass(frozen=True)
class Outcome:
    passed: bool
    failure: Failure | None = None
    """None also for a check that did not run: something ended the process before it."""


NOT_RUN = Outcome(passed=False)
NOT_REPORTED = "not run"
"""The word, in a failure, for a check of which a process that got to its end has said nothing."""


@dataclass(frozen=True)
class Tally:
    """A set of checks that are expected: one that did not run has not passed."""

    outcomes: Mapping[str, Outcome]

    @property
    def total(self) -> int:
        return len(self.outcomes)

    @property
    def passed(self) -> int:
        return sum(outcome.passed for outcome in self.outcomes.values())

    @property
    def is_passed(self) -> bool:
        return 0 < self.passed == self.total

    @cached_property
    def first_wrong(self) -> tuple[str, Failure] | None:
        """The first check that failed and its failure."""
        wrong = ((name, each.failure) for name, each in self.outcomes.items() if each.failure)
        return next(wrong, None)


@dataclass(frozen=True)
class TaskResult(Tally):
    """All points or none: how many checks an idea takes says nothing about how much of it is there,
    and some pass on what is given alone. What is half done shows as `12 of 31 checks`.
    """

    task: Task

    @cached_property
    def first_wrong(self) -> tuple[str, Failure] | None:
        """The first failure of what is there, before that of what is not written yet."""
        wrong = [(name, each.failure) for name, each in self.outcomes.items() if each.failure]
        written = (each for each in wrong if unwritten(each[1]) != self.task.id)
        return next(written, wrong[0] if wrong else None)

    @property
    def points(self) -> int:
        return self.task.points if self.is_passed else 0

    @property
    def is_unwritten(self) -> bool:
        """Whether nothing is wrong but that functions of this very task are not there yet."""
        return self.first_wrong is not None and unwritten(self.first_wrong[1]) == self.task.id


def unwritten(failure: Failure) -> str | None:
    """The task whose function was called before it was written."""
    if failure.error != "NotImplementedError":
        return None
    found = UNWRITTEN.match(failure.message)
    return found[1] if found else None
