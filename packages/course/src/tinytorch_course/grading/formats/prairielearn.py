"""PrairieLearn's `results.json`.

As described in https://docs.prairielearn.com/externalGrading/#grading-results. Its element
`pl-external-grader-results` shows the tests and escapes what they say. It shows nothing of the key
`instructor`, which stands in the grading job for whoever looks there.

`gradable` is false, and costs the student no attempt, when nothing that was handed in could be run
(nothing there, a syntax error), and when the grader itself failed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tinytorch_course.grading import plain_text
from tinytorch_course.grading.formats import sentences
from tinytorch_course.grading.formats.size import fitting
from tinytorch_course.grading.grade import Grade, Item, Outcome, Remark, Section

MOST = 950_000
"""Bytes. PrairieLearn takes one megabyte."""
NOTHING_RAN = {Outcome.UNIMPORTABLE, Outcome.MISSING}


def write(grade: Grade) -> str:
    return fitting(lambda limit: _results(grade, limit), MOST) or _only_the_score(grade)


def is_gradable(grade: Grade) -> bool:
    outcomes = {item.outcome for _, item in grade.items}
    return Outcome.UNGRADED not in outcomes and not outcomes <= NOTHING_RAN


def _results(grade: Grade, limit: int) -> str:
    to_student = [each for each in grade.all_remarks if each.to_student]
    to_instructor = [each for each in grade.all_remarks if not each.to_student]
    return _json(
        {
            **_score(grade),
            **({} if is_gradable(grade) else {"format_errors": _format_errors(grade, limit)}),
            "output": plain_text.lines(tuple(each.text for each in to_student), limit),
            "tests": [_test(section, item, limit) for section, item in grade.items],
            "instructor": _instructor(grade, to_instructor, limit),
        }
    )


def _score(grade: Grade) -> dict[str, Any]:
    share = grade.score / grade.possible if grade.possible else 0.0
    return {
        "gradable": is_gradable(grade),
        "score": min(max(share, 0.0), 1.0),
        "message": sentences.score(grade),
    }


def _only_the_score(grade: Grade) -> str:
    return _json({**_score(grade), "output": sentences.TOO_MUCH})


def _format_errors(grade: Grade, limit: int) -> list[str]:
    """Each thing that was in the way, once: one syntax error stops all tasks of a module."""
    if not grade.items:
        return ["Nothing was handed in."]
    stopped = NOTHING_RAN | {Outcome.UNGRADED}
    reasons = (
        plain_text.lines(item.reason, limit) or f"{plain_text.line(item.title)}: {item.outcome}"
        for _, item in grade.items
        if item.outcome in stopped
    )
    return list(dict.fromkeys(reasons))


def _test(section: Section, item: Item, limit: int) -> dict[str, Any]:
    return {
        "name": plain_text.line(f"{item.id} {item.title}"),
        "description": plain_text.line(section.title),
        "points": round(section.factor * item.points, 4),
        "max_points": round(section.factor * item.possible, 4),
        "message": sentences.SLOW if item.outcome is Outcome.SLOW else sentences.checks(item),
        "output": _output(item, limit),
        "outcome": str(item.outcome),
    }


def _output(item: Item, limit: int) -> str:
    hint = "" if item.is_passed else plain_text.text(item.hint, limit)
    return "\n".join(each for each in (plain_text.lines(item.reason, limit), hint) if each)


def _instructor(grade: Grade, remarks: Sequence[Remark], limit: int) -> dict[str, Any]:
    return {
        "remarks": [f"{each.weight}: {plain_text.text(each.text, limit)}" for each in remarks],
        "submission": plain_text.line(grade.submission),
        "fingerprint": grade.fingerprint,
        "course": grade.course,
        "sandbox": grade.sandbox,
    }


def _json(results: dict[str, Any]) -> str:
    return json.dumps(results, indent=2, ensure_ascii=False) + "\n"
