"""Gradescope's `results.json`.

As described in https://gradescope-autograders.readthedocs.io/en/latest/specs/. Points are shown
as they count in the whole: set the assignment's autograder points to what the grade says is
possible. Every text is of the format `text`, which Gradescope escapes. What only the instructor
should read is a test of visibility `hidden`, which students never see and which has no points.
"""

from __future__ import annotations

import json
from typing import Any

from tinytorch_course.grading import plain_text
from tinytorch_course.grading.formats import sentences
from tinytorch_course.grading.formats.size import fitting
from tinytorch_course.grading.grade import Grade, Item, Outcome, Remark, Section, Weight

MOST = 2_000_000
"""Bytes. Gradescope names no limit; a page of more could not be read."""


def write(grade: Grade) -> str:
    return fitting(lambda limit: _results(grade, limit), MOST) or _only_the_score(grade)


def _results(grade: Grade, limit: int) -> str:
    to_students = [remark for remark in grade.all_remarks if remark.to_student]
    return _json(
        {
            **_score(grade),
            "output": plain_text.lines((sentences.score(grade), *map(_told, to_students)), limit),
            "output_format": "text",
            "tests": [
                *(_test(section, item, limit) for section, item in grade.items),
                *(_hidden(each, limit) for each in grade.all_remarks if not each.to_student),
            ],
            "extra_data": _facts(grade),
        }
    )


def _score(grade: Grade) -> dict[str, Any]:
    return {
        "score": round(grade.score, 4),
        "execution_time": round(grade.seconds, 1),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "test_output_format": "text",
        "test_name_format": "text",
    }


def _facts(grade: Grade) -> dict[str, str]:
    versions = ", ".join(f"{each.name} {each.version}" for each in grade.sections)
    facts = {
        "submission": grade.submission,
        "fingerprint": grade.fingerprint,
        "course": grade.course,
        "versions": versions,
        "sandbox": grade.sandbox,
        "graded": grade.graded,
    }
    return {name: plain_text.line(value) for name, value in facts.items()}


def _only_the_score(grade: Grade) -> str:
    output = f"{sentences.score(grade)}\n{sentences.TOO_MUCH}"
    return _json({**_score(grade), "output": output, "output_format": "text"})


def _told(remark: Remark) -> str:
    return remark.text if remark.weight is Weight.INFORMATION else f"Note: {remark.text}"


def _test(section: Section, item: Item, limit: int) -> dict[str, Any]:
    return {
        "name": plain_text.line(f"{section.title}: {item.title}"),
        "name_format": "text",
        "number": plain_text.line(item.id),
        "score": round(section.factor * item.points, 4),
        "max_score": round(section.factor * item.possible, 4),
        "status": "passed" if item.is_passed else "failed",
        "output": _output(item, limit),
        "output_format": "text",
        "visibility": "visible",
        "tags": [section.name, str(item.outcome)],
    }


def _output(item: Item, limit: int) -> str:
    told = (
        sentences.SLOW if item.outcome is Outcome.SLOW else "",
        plain_text.lines(item.reason, limit),
        "" if item.is_passed else plain_text.text(item.hint, limit),
        sentences.checks(item),
    )
    return "\n".join(each for each in told if each)


def _hidden(remark: Remark, limit: int) -> dict[str, Any]:
    return {
        "name": f"For the instructor: {remark.weight}",
        "status": "failed" if remark.weight is Weight.ALARM else "passed",
        "output": plain_text.text(remark.text, limit),
        "output_format": "text",
        "visibility": "hidden",
        "tags": [str(remark.weight)],
    }


def _json(results: dict[str, Any]) -> str:
    return json.dumps(results, indent=2, ensure_ascii=False) + "\n"
