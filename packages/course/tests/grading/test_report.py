from __future__ import annotations

import io

import made_up_grades
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grades import ALARM, EVERY_OUTCOME, grade, item
from rich.console import Console

from tinytorch_course.grading.grade import Grade, Outcome, Remark, Weight
from tinytorch_course.grading.report import print_report, summary


def shown(*of: Grade, width: int = 200, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace")
    print_report(Console(file=stream, width=width, markup=False, highlight=False), of)
    stream.flush()
    return raw.getvalue().decode(encoding)


@given(st.lists(made_up_grades.grades, min_size=1, max_size=3))
def test_no_text_reaches_the_terminal_as_a_command(hostile: list[Grade]) -> None:
    for encoding in ("utf-8", "cp1252"):
        text = shown(*hostile, width=80, encoding=encoding)
        assert "\x1b" not in text
        assert "\x07" not in text


@pytest.mark.parametrize("text", made_up_grades.HOSTILE)
def test_no_text_anywhere_in_a_grade_does(text: str) -> None:
    hostile = made_up_grades.made_of(text)
    for said in (shown(hostile), shown(hostile, hostile)):
        assert "\x1b" not in said
        assert "\u202e" not in said


def test_one_submission_task_by_task() -> None:
    text = shown(grade(item("2.1"), item("2.2", Outcome.SLOW), item("2.3", Outcome.WRONG)))
    right, slow, wrong = (
        next(line for line in text.splitlines() if id in line) for id in ("2.1", "2.2", "2.3")
    )
    assert "20 of 20" in right
    assert "ran out of time" in slow
    assert "ran out of time" not in wrong
    assert "wrong" in wrong
    assert "add(1, 2) gave 4, expected 3 (wrong)" in text
    assert "20 of 60 points" in text
    assert "sandbox: bwrap" in text


def test_every_outcome_has_words_of_its_own() -> None:
    lines = [line for line in shown(EVERY_OUTCOME).splitlines() if "Task" in line]
    words = {line.split("of 20")[1].partition("checks")[0].strip(" 0123456789of") for line in lines}
    assert len(words) == len(Outcome)


def test_what_stops_several_tasks_is_said_once() -> None:
    stopped = {"outcome": Outcome.UNIMPORTABLE, "reason": ("SyntaxError in memory.py",)}
    text = shown(grade(item("2.1", **stopped), item("2.2", **stopped), item("2.3", Outcome.WRONG)))
    assert text.count("SyntaxError in memory.py") == 1
    assert text.count("cannot be imported") == 2
    assert "add(1, 2) gave 4" in text


def test_a_long_id_keeps_its_distance() -> None:
    text = shown(grade(item("milestone.xornet", title="A network learns")))
    assert "milestone.xornet A network learns" in text


def test_remarks_are_shown_with_who_reads_them() -> None:
    text = shown(grade(item(), remarks=(ALARM, Remark(Weight.WARNING, "a stray file"))))
    assert f"! alarm: {ALARM.text}  (the student does not see this)" in text
    assert "! warning: a stray file\n" in text


def test_many_are_a_table() -> None:
    text = shown(
        grade(item("2.1"), submission="ada.zip"),
        grade(item("2.1", Outcome.SLOW), submission="bob", remarks=(ALARM,)),
    )
    ada, bob = (next(x for x in text.splitlines() if name in x) for name in ("ada", "bob"))
    assert "20 of 20" in ada
    assert "1 of 1" in ada
    assert "0 of 20" in bob
    assert "2.1" in bob
    assert f"alarm: {ALARM.text}" in bob


def test_a_table_says_why_nothing_could_be_judged() -> None:
    stopped = {"outcome": Outcome.UNIMPORTABLE, "reason": ("not imported", "SyntaxError", "line 3")}
    text = shown(
        grade(item("2.1", **stopped), item("2.2", **stopped)),
        grade(item("2.1", Outcome.WRONG), item("2.2", Outcome.WRONG)),
    )
    assert "not imported SyntaxError\n" in text
    assert "add(1, 2)" not in text


def test_the_summary_counts() -> None:
    wrong = grade(item("2.1"), item("2.2", Outcome.WRONG))
    lines = summary(
        [
            grade(item("2.1"), item("2.2")),
            wrong,
            wrong,
            grade(item("2.1", Outcome.UNWRITTEN), item("2.2", Outcome.MISSING)),
            grade(item("2.1", Outcome.UNWRITTEN), item("2.2", Outcome.UNWRITTEN)),
            grade(item("2.1"), item("2.2", Outcome.SLOW), remarks=(ALARM,)),
            grade(item("2.1", Outcome.UNGRADED), item("2.2", Outcome.UNGRADED)),
        ]
    )
    assert lines == [
        "7 submissions, 6 graded",
        "mean 41.7 %, median 50.0 %",
        "1 full, 2 untouched, 1 with a task that ran out of time, 1 alarm",
        "1 not graded, or not wholly: the grader failed there, grade them again",
    ]


def test_a_batch_of_nothing_has_a_summary() -> None:
    assert summary([])[0] == "0 submissions, 0 graded"
