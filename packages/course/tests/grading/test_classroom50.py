from __future__ import annotations

import json
from typing import Any

import click
import jsonschema
import made_up_grades
import pytest
from hypothesis import given
from made_up_grades import ALARM, grade, item, schema, section

from tinytorch_course.grading.formats import classroom50
from tinytorch_course.grading.grade import Grade, Outcome

SCHEMA = schema("classroom50")
RUNNER = {
    "CLASSROOM": "deep-learning",
    "ASSIGNMENT": "tensor",
    "ASSIGNMENT_TYPE": "group",
    "OWNER": "ada",
    "SUBMISSION_TAG": "submit/2026-11-28T07-06-44Z-a1b2c3d",
    "COMMIT_URL": "https://github.example/commit/a1b2c3d",
    "RELEASE_URL": "https://github.example/releases/a1b2c3d",
    "REVIEW_URL": "https://github.example/compare/a1b2c3d",
}


@pytest.fixture(autouse=True, scope="module")
def runner():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in RUNNER.items():
            patch.setenv(name, value)
        yield


def result(of: Grade) -> Any:
    told = json.loads(classroom50.write(of))
    jsonschema.validate(told, SCHEMA)
    assert told["score"] == sum(each["score"] for each in told["tests"])
    assert told["max-score"] == sum(each["max-score"] for each in told["tests"])
    assert all(each["score"] <= each["max-score"] for each in told["tests"])
    return told


@given(made_up_grades.grades)
def test_the_format_is_as_documented(hostile: Grade) -> None:
    result(hostile)


def test_the_runner_says_whose_submission_it_is() -> None:
    told = result(grade(item()))
    assert told["classroom"] == "deep-learning"
    assert (told["assignment"], told["assignment_type"]) == ("tensor", "group")
    assert told["owner"] == "ada"
    assert told["submission"] == RUNNER["SUBMISSION_TAG"]
    assert told["review"] == RUNNER["REVIEW_URL"]
    assert told["datetime"] == "2026-11-28T07:06:44Z"


def test_nothing_to_compare_is_reviewed_as_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEW_URL", "")
    assert result(grade(item()))["review"] == RUNNER["COMMIT_URL"]


def test_a_test_for_each_task() -> None:
    told = result(grade(item("2.1", possible=15), item("2.2", Outcome.SLOW, possible=45)))
    assert (told["score"], told["max-score"]) == (15, 60)
    first, second = told["tests"]
    assert first["test-name"] == "2.1 Task 2.1"
    assert (first["passed"], second["passed"]) == (True, False)
    assert second["outcome"] == "slow"


@pytest.mark.parametrize(
    ("factor", "score", "possible"),
    [(1.0, 15, 60), (0.5, 75, 300), (0.25, 375, 1500), (1 / 3, 5, 20), (1 / 7, 2143, 8572)],
)
def test_parts_of_a_point_keep_their_ratio(factor: float, score: int, possible: int) -> None:
    parts = section(item(possible=15), item("2.2", Outcome.WRONG, possible=45), factor=factor)
    told = result(grade(sections=(parts,)))
    assert (told["score"], told["max-score"]) == (score, possible)


def test_extra_points_give_no_more_than_all() -> None:
    told = result(grade(item("2.1", points=30, possible=20)))
    assert (told["score"], told["max-score"]) == (20, 20)


def test_what_only_the_instructor_should_read_is_not_published() -> None:
    assert ALARM.text not in classroom50.write(grade(item(), remarks=(ALARM,)))


def test_outside_of_its_runner_it_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLASSROOM")
    monkeypatch.setenv("COMMIT_URL", "")
    with pytest.raises(click.ClickException, match="CLASSROOM, COMMIT_URL"):
        classroom50.write(grade(item()))
