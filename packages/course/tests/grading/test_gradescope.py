from __future__ import annotations

import json
from typing import Any

import jsonschema
import made_up_grades
import pytest
from hypothesis import given
from made_up_grades import ALARM, grade, item, schema, section

from tinytorch_course.grading.formats import gradescope
from tinytorch_course.grading.grade import Grade, Outcome, Remark, Weight

SCHEMA = schema("gradescope")


def results(of: Grade) -> Any:
    told = json.loads(gradescope.write(of))
    jsonschema.validate(told, SCHEMA)
    return told


@given(made_up_grades.grades)
def test_the_format_is_as_documented(hostile: Grade) -> None:
    told = results(hostile)
    assert told["score"] == pytest.approx(hostile.score, abs=1e-3)
    assert "html" not in {each.get("output_format") for each in told["tests"]}


def test_a_test_for_each_task() -> None:
    wrong = item("2.2", Outcome.WRONG, possible=30, hint='read: lesson.md, "Broadcasting"')
    told = results(grade(item("2.1", possible=15), wrong))
    assert told["score"] == 15
    first, second = told["tests"]
    assert (first["number"], first["score"], first["max_score"]) == ("2.1", 15, 15)
    assert (second["number"], second["score"], second["max_score"]) == ("2.2", 0, 30)
    assert (first["status"], second["status"]) == ("passed", "failed")
    assert first["name"] == "Tensor: Task 2.1"
    for said in (*wrong.reason, wrong.hint, "3 of 8 checks passed."):
        assert said in second["output"]
    assert second["tags"] == ["tensor", "wrong"]


def test_points_are_shown_as_they_count_in_the_whole() -> None:
    part = grade(sections=(section(item(possible=100), factor=0.25),))
    told = results(part)
    assert told["score"] == told["tests"][0]["score"] == told["tests"][0]["max_score"] == 25


def test_slow_is_not_called_wrong() -> None:
    (slow,) = results(grade(item(outcome=Outcome.SLOW)))["tests"]
    assert slow["output"].startswith("It ran out of time.")
    assert "slow" in slow["tags"]


def test_students_read_what_is_meant_for_them_and_nothing_else() -> None:
    told = results(
        grade(item(), remarks=(ALARM, Remark(Weight.WARNING, "a stray __init__.py was ignored")))
    )
    assert "a stray __init__.py was ignored" in told["output"]
    (hidden,) = (each for each in told["tests"] if each["visibility"] == "hidden")
    assert (hidden["output"], hidden["status"]) == (ALARM.text, "failed")
    assert "score" not in hidden
    assert "max_score" not in hidden
    seen = [each for each in told["tests"] if each["visibility"] == "visible"]
    assert ALARM.text not in json.dumps([seen, told["output"]])
    assert told["stdout_visibility"] == "hidden"


def test_a_flood_of_tasks_leaves_the_score() -> None:
    flood = [item(f"9.{n}", Outcome.WRONG, reason=("é" * 3000,)) for n in range(6_000)]
    text = gradescope.write(grade(item("2.1"), *flood))
    assert len(text.encode()) <= gradescope.MOST
    told = json.loads(text)
    jsonschema.validate(told, SCHEMA)
    assert told["score"] == 20
