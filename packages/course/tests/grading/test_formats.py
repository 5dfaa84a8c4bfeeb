"""What holds for all formats."""

from __future__ import annotations

import json
from dataclasses import replace

import made_up_grades
import pytest
from hypothesis import given, settings
from made_up_grades import grade, item

from tinytorch_course.grading import grade as grades
from tinytorch_course.grading.formats import FORMATS
from tinytorch_course.grading.grade import Outcome

RUNNER = {
    "CLASSROOM": "deep-learning",
    "ASSIGNMENT": "tensor",
    "OWNER": "ada",
    "SUBMISSION_TAG": "submit/2026-11-28T07-06-44Z-a1b2c3d",
    "COMMIT_URL": "https://github.example/commit/a1b2c3d",
    "RELEASE_URL": "https://github.example/releases/a1b2c3d",
}
each_format = pytest.mark.parametrize("name", FORMATS)


@pytest.fixture(autouse=True, scope="module")
def runner_of_classroom50():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in RUNNER.items():
            patch.setenv(name, value)
        yield


@each_format
def test_one_document_for_all_or_for_each(name: str) -> None:
    documents = FORMATS[name].documents([grade(item()), grade(item())])
    assert len(documents) == (1 if FORMATS[name].is_one_for_all else 2)


@each_format
@settings(max_examples=40)
@given(made_up_grades.grades)
def test_any_text_can_be_written(name: str, hostile: grades.Grade) -> None:
    for document in FORMATS[name].documents([hostile]):
        text = document.decode(errors="strict")
        assert "\x1b" not in text
        assert "\x00" not in text
        if FORMATS[name].extension == ".json":
            json.dumps(json.loads(text), ensure_ascii=False).encode()


@each_format
@pytest.mark.parametrize("text", made_up_grades.HOSTILE)
def test_a_grade_made_of_hostile_text_can_be_written(name: str, text: str) -> None:
    (document,) = FORMATS[name].documents([made_up_grades.made_of(text)])
    told = document.decode(errors="strict")
    assert "\x1b" not in told
    assert "\u202e" not in told


@each_format
def test_ten_megabytes_of_reason_are_cut(name: str) -> None:
    reason = ("x" * made_up_grades.MEGABYTES_10,)
    flood = [item(f"2.{n}", Outcome.WRONG, reason=reason) for n in range(8)]
    (document,) = FORMATS[name].documents([grade(*flood, submission="y" * 1_000_000)])
    assert len(document) < 300_000


@given(made_up_grades.grades)
def test_a_record_is_read_back(hostile: grades.Grade) -> None:
    (document,) = FORMATS["json"].documents([hostile])
    (record,) = json.loads(document)
    assert grades.parse(record).score == pytest.approx(hostile.score)


def test_a_record_of_plain_text_is_the_grade() -> None:
    plain = replace(made_up_grades.EVERY_OUTCOME, remarks=(made_up_grades.ALARM,))
    (document,) = FORMATS["json"].documents([plain])
    assert [grades.parse(each) for each in json.loads(document)] == [plain]


def test_what_a_format_needs_is_known_before_anything_is_graded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert FORMATS["classroom50"].missing_variables() == ()
    monkeypatch.delenv("OWNER")
    assert FORMATS["classroom50"].missing_variables() == ("OWNER",)
    assert FORMATS["gradescope"].missing_variables() == ()
