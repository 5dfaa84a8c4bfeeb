"""What several formats say in the same words."""

from __future__ import annotations

from tinytorch_course.grading.grade import Grade, Item

SLOW = "It ran out of time. That says nothing of whether it is right."
TOO_MUCH = "There is too much to say for one page: ask the course staff for the report."


def score(grade: Grade) -> str:
    return f"{grade.score:g} of {grade.possible:g} points."


def checks(item: Item) -> str:
    return f"{item.checks_passed} of {item.checks} checks passed." if item.checks else ""
