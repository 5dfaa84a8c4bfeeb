"""From the verdict on a task to what stands in a grade: an outcome, and why, in words."""

from __future__ import annotations

from collections.abc import Sequence

from tinytorch_course.checking.explanation import explain
from tinytorch_course.checking.result import Tally, unwritten
from tinytorch_course.grading.grade import Item, Outcome
from tinytorch_course.grading.judging import Verdict
from tinytorch_course.material import Task

BY_ERROR = {"timeout": Outcome.SLOW, "crash": Outcome.CRASHED}


def item_of(task: Task, verdict: Verdict, share: float = 1.0) -> Item:
    """share: how much of the task's points can be had."""
    tally = verdict.tallies[task.id]
    outcome = _outcome(task, tally, verdict)
    return Item(
        id=task.id,
        title=task.title,
        points=task.points * share if outcome is Outcome.PASSED else 0,
        possible=task.points,
        outcome=outcome,
        reason=_reason(task, tally, verdict, outcome),
        checks=tally.total,
        checks_passed=tally.passed,
        hint=task.hint if outcome is not Outcome.PASSED else "",
    )


def missing(task: Task, reason: Sequence[str], outcome: Outcome = Outcome.MISSING) -> Item:
    """Of a task that could not be judged at all."""
    return Item(task.id, task.title, 0, task.points, outcome, tuple(reason))


def _outcome(task: Task, tally: Tally, verdict: Verdict) -> Outcome:
    if verdict.unimportable:
        slow = verdict.unimportable.error == "timeout"
        return Outcome.SLOW if slow else Outcome.UNIMPORTABLE
    if task.id in verdict.forged:
        return Outcome.FORGED
    if tally.is_passed:
        return Outcome.PASSED
    if not tally.total:
        return Outcome.UNGRADED
    if tally.first_wrong is None:
        return Outcome.SLOW  # all checks together took too long before it was its turn
    failure = tally.first_wrong[1]
    if unwritten(failure):
        return Outcome.UNWRITTEN
    return BY_ERROR.get(failure.error, Outcome.WRONG)


def _reason(task: Task, tally: Tally, verdict: Verdict, outcome: Outcome) -> tuple[str, ...]:
    if outcome is Outcome.PASSED:
        return ()
    if verdict.unimportable:
        return ("it cannot be imported, so nothing was checked", *explain(verdict.unimportable))
    if not tally.total:
        return ("this task has no checks",)
    if tally.first_wrong is None:
        if outcome is Outcome.FORGED:
            return ("it was reported to pass, by code that makes every check pass",)
        return ("there was no time left for it",)
    first, failure = tally.first_wrong
    lines = explain(failure, task)
    if outcome is Outcome.FORGED:
        lines = ["it passed beside the checks, and fails apart from them", *lines]
    return (*lines, f"check: {first}")
