from __future__ import annotations

import json
from typing import Any

import jsonschema
import made_up_grades
import pytest
from hypothesis import given
from made_up_grades import ALARM, grade, item, schema, section

from tinytorch_course.grading.formats import prairielearn
from tinytorch_course.grading.grade import Grade, Outcome, Remark, Weight

SCHEMA = schema("prairielearn")


def results(of: Grade) -> Any:
    text = prairielearn.write(of)
    assert len(text.encode()) < 1_000_000
    told = json.loads(text)
    jsonschema.validate(told, SCHEMA)
    return told


@given(made_up_grades.grades)
def test_the_format_is_as_documented(hostile: Grade) -> None:
    told = results(hostile)
    share = hostile.score / hostile.possible if hostile.possible else 0
    assert told["score"] == pytest.approx(share)


def test_a_test_for_each_task() -> None:
    told = results(grade(item("2.1", possible=15), item("2.2", Outcome.WRONG, possible=45)))
    assert told["gradable"] is True
    assert told["score"] == 0.25
    assert told["message"] == "15 of 60 points."
    first, second = told["tests"]
    assert (first["name"], first["description"]) == ("2.1 Task 2.1", "Tensor")
    assert (first["points"], first["max_points"]) == (15, 15)
    assert (second["points"], second["max_points"]) == (0, 45)
    assert second["message"] == "3 of 8 checks passed."
    assert second["output"] == "add(1, 2) gave 4, expected 3 (wrong)"


@pytest.mark.parametrize("outcome", [Outcome.UNIMPORTABLE, Outcome.MISSING, Outcome.UNGRADED])
def test_what_could_not_be_run_costs_no_attempt(outcome: Outcome) -> None:
    reason = ("SyntaxError in memory.py, line 3",)
    told = results(grade(*(item(f"2.{n}", outcome, reason=reason) for n in range(3))))
    assert told["gradable"] is False
    assert told["format_errors"] == ["SyntaxError in memory.py, line 3"]


def test_nothing_at_all_costs_no_attempt() -> None:
    told = results(grade(sections=()))
    assert (told["gradable"], told["score"]) == (False, 0)


@pytest.mark.parametrize(
    "outcome", [Outcome.WRONG, Outcome.SLOW, Outcome.CRASHED, Outcome.UNWRITTEN, Outcome.FORGED]
)
def test_what_ran_is_graded(outcome: Outcome) -> None:
    told = results(grade(item("2.1", outcome), item("2.2", Outcome.UNIMPORTABLE)))
    assert (told["gradable"], told["score"]) == (True, 0)


def test_a_grade_that_lacks_a_task_through_our_fault_does_not_count() -> None:
    told = results(grade(item("2.1"), item("2.2", Outcome.UNGRADED, reason=("no space left",))))
    assert (told["gradable"], told["format_errors"]) == (False, ["no space left"])


def test_slow_is_not_called_wrong() -> None:
    (slow,) = results(grade(item(outcome=Outcome.SLOW)))["tests"]
    assert slow["message"].startswith("It ran out of time.")


def test_students_read_what_is_meant_for_them_and_nothing_else() -> None:
    told = results(
        grade(item(), remarks=(ALARM, Remark(Weight.WARNING, "a stray __init__.py was ignored")))
    )
    assert told["output"] == "a stray __init__.py was ignored"
    assert told["instructor"]["remarks"] == [f"alarm: {ALARM.text}"]
    shown = {key: told[key] for key in ("message", "output", "tests")}
    assert ALARM.text not in json.dumps(shown)


def test_extra_points_give_no_more_than_all() -> None:
    told = results(grade(sections=(section(item(points=30, possible=20)),)))
    assert told["score"] == 1


@pytest.mark.parametrize("count", [500, 6_000])
def test_a_flood_stays_below_a_megabyte_and_leaves_the_score(count: int) -> None:
    flood = [item(f"9.{n}", Outcome.WRONG, reason=("é" * 3000,), possible=0) for n in range(count)]
    told = results(grade(item("2.1"), *flood))
    assert told["score"] == 1
    if count == 500:
        assert "[cut: it had 3,000 characters]" in told["tests"][1]["output"]
