"""Classroom 50's `result.json`.

As described in https://github.com/foundation50/classroom50/wiki/Advanced-Autograding and in
schemas/result-v1.schema.json of that repository. Its runner sets the environment variables that
say which submission of which assignment this is.

Scores are whole numbers. Where ours are not, all of them count tenths, hundredths or thousandths of
a point, so that their ratio stays what it is. What only the instructor should read is left out: the
file is published in the student's own repository.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import click

from tinytorch_course.grading import plain_text
from tinytorch_course.grading.formats.size import fitting
from tinytorch_course.grading.grade import Grade, Item

VARIABLES = ("CLASSROOM", "ASSIGNMENT", "OWNER", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
MOST = 8_000_000
"""Bytes. Its collector refuses ten megabytes."""
UNITS = (1, 10, 100, 1000)


def write(grade: Grade) -> str:
    """Raises `click.ClickException` outside of Classroom 50's runner."""
    where = _where()
    return fitting(lambda limit: _result(grade, where, limit), MOST) or _result(grade, where, 0)


def _where() -> dict[str, str]:
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if missing:
        raise click.ClickException(
            f"The format classroom50 needs the environment of its runner; there is no "
            f"{', '.join(missing)}.\nCall it in an autograder.py of Classroom 50."
        )
    commit = os.environ["COMMIT_URL"]
    return {
        "classroom": os.environ["CLASSROOM"],
        "assignment": os.environ["ASSIGNMENT"],
        "assignment_type": os.environ.get("ASSIGNMENT_TYPE") or "individual",
        "owner": os.environ["OWNER"],
        "submission": os.environ["SUBMISSION_TAG"],
        "commit": commit,
        "release": os.environ["RELEASE_URL"],
        "review": os.environ.get("REVIEW_URL") or commit,
    }


def _result(grade: Grade, where: dict[str, str], limit: int) -> str:
    unit = _unit(grade)
    tests = [_test(section.factor * unit, item, limit) for section, item in grade.items]
    result = {
        "schema": "classroom50/result/v1",
        **where,
        "datetime": _instant(grade.graded),
        "graded_at": _instant(grade.graded),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


def _unit(grade: Grade) -> int:
    """What a point is worth, so that all scores are whole numbers, or as good as."""
    scores = [
        section.factor * points
        for section, item in grade.items
        for points in (item.points, item.possible)
    ]

    def are_whole(unit: int) -> bool:
        return all(abs(unit * score - round(unit * score)) < 1e-6 for score in scores)

    return next((unit for unit in UNITS if are_whole(unit)), UNITS[-1])


def _test(worth: float, item: Item, limit: int) -> dict[str, Any]:
    possible = max(round(worth * item.possible), 0)
    return {
        "test-name": plain_text.line(f"{item.id} {item.title}") or "task",
        "passed": item.is_passed,
        "score": min(max(round(worth * item.points), 0), possible),
        "max-score": possible,
        "outcome": str(item.outcome),
        "message": plain_text.lines(item.reason, limit),
    }


def _instant(iso: str) -> str:
    """In the one form that the schema takes."""
    return datetime.fromisoformat(iso).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
