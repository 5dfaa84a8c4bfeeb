from __future__ import annotations

import csv
import io
import re

import made_up_grades
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grades import ALARM, EVERY_OUTCOME, HOSTILE, grade, item, section

from tinytorch_course.grading.formats import FORMATS
from tinytorch_course.grading.grade import Grade, Outcome


def rows(*of: Grade) -> list[dict[str, str]]:
    (document,) = FORMATS["csv"].documents(of)
    assert document.startswith(b"\xef\xbb\xbf"), "Excel would not read it as UTF-8"
    return list(csv.DictReader(io.StringIO(document.decode("utf-8-sig"), newline="")))


@given(st.lists(made_up_grades.grades, max_size=3))
def test_a_row_for_each_submission(hostile: list[Grade]) -> None:
    found = rows(*hostile)
    assert [float(row["score"]) for row in found] == [
        pytest.approx(each.score, abs=1e-3) for each in hostile
    ]
    assert all(None not in row and None not in row.values() for row in found)


def test_a_column_for_each_task() -> None:
    tensor = section(item("2.1"), item("2.2", Outcome.SLOW), factor=0.5)
    (row,) = rows(grade(sections=(tensor, section(item("3.1"), name="layers"))))
    assert (row["submission"], row["assignment"]) == ("ada.zip", "tensor")
    assert (float(row["score"]), float(row["possible"])) == (30, 40)
    points = [float(row[each]) for each in ("tensor 2.1", "tensor 2.2", "layers 3.1")]
    assert points == [10, 0, 20]
    assert row["slow"] == "2.2"
    assert row["versions"] == "tensor 0.1.0, layers 0.1.0"
    assert (row["fingerprint"], row["course"], row["sandbox"]) == ("ab" * 32, "0.1.0", "bwrap")


def test_submissions_with_other_tasks_get_columns_of_their_own() -> None:
    first, second = rows(grade(item("2.1")), grade(item("2.2")))
    assert (first["tensor 2.1"], first["tensor 2.2"]) == ("20.0", "")
    assert (second["tensor 2.1"], second["tensor 2.2"]) == ("", "20.0")


def test_alarms_and_failures_of_the_grader_stand_out() -> None:
    (row,) = rows(grade(item(outcome=Outcome.UNGRADED), remarks=(ALARM,)))
    assert row["alarms"] == ALARM.text
    assert row["not graded"] == "2.1"


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|' /C calc'!A1",
        "@SUM(1)",
        "+1",
        "-1",
        "\t=1",
        "\r=1",
        "  =1",
        "\x00=1",
        "＝1",
        'a;=cmd|"calc"',
        'x",=1',
        "x\n=1",
        "x|@1",
    ],
)
def test_no_cell_is_a_formula_at_whatever_separator(name: str) -> None:
    (document,) = FORMATS["csv"].documents([grade(item(), submission=name)])
    text = document.decode("utf-8-sig")
    for cell in re.split(r"[,;|\t\r\n\"]", text):
        assert not re.match(r"\s*[=+\-@＝＋－＠]", cell), cell


@given(st.sampled_from(HOSTILE) | made_up_grades.texts)
def test_nobody_can_add_a_row(name: str) -> None:
    (document,) = FORMATS["csv"].documents([grade(item(), submission=name)])
    assert document.count(b"\r\n") == document.count(b"\n") == 2


def test_a_name_stays_readable() -> None:
    (row,) = rows(grade(item(), submission="Zoë Ångström, 2nd try.zip"))
    assert row["submission"] == "Zoë Ångström, 2nd try.zip"


def test_every_outcome_can_be_written() -> None:
    (row,) = rows(EVERY_OUTCOME)
    assert float(row["score"]) == 20
