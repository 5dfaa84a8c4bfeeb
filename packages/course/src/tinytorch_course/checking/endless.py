"""A function that does not come to an end is told once: where it is to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tinytorch_course.checking.failure import Failure
from tinytorch_course.checking.result import Outcome, TaskResult

Spot = tuple[str, str]
"""A file and a function in it."""


def blame_once(results: Sequence[TaskResult]) -> tuple[TaskResult, ...]:
    """Where a task ran out of time at the same place as an earlier one, it is told so."""
    known: dict[Spot, str] = {}
    told = []
    for result in results:
        told.append(_told(result, known))
        for spot in filter(None, map(_spot, result.outcomes.values())):
            known.setdefault(spot, result.task.id)
    return tuple(told)


def _told(result: TaskResult, known: Mapping[Spot, str]) -> TaskResult:
    outcomes = {check: _of_another(each, known) for check, each in result.outcomes.items()}
    return replace(result, outcomes=outcomes)


def _of_another(outcome: Outcome, known: Mapping[Spot, str]) -> Outcome:
    spot = _spot(outcome)
    if outcome.failure is None or spot is None or spot not in known:
        return outcome
    said = f"{spot[1]} (task {known[spot]}) does not come to an end, and is needed here"
    return replace(outcome, failure=Failure("timeout", said, outcome.failure.theirs))


def _spot(outcome: Outcome) -> Spot | None:
    failure = outcome.failure
    if failure is None or failure.error != "timeout" or failure.theirs is None:
        return None
    return failure.theirs.file, failure.theirs.function
