from __future__ import annotations

import junitparser
import made_up_grades
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from made_up_grades import ALARM, EVERY_OUTCOME, grade, item

from tinytorch_course.grading.formats import junit
from tinytorch_course.grading.grade import Grade, Outcome, Remark, Weight

SCHEMA = xmlschema.XMLSchema(made_up_grades.SCHEMAS / "junit.xsd")


def suites(*of: Grade) -> list[junitparser.TestSuite]:
    text = junit.write(of)
    SCHEMA.validate(text)
    return list(junitparser.JUnitXml.fromstring(text.encode()))


@given(st.lists(made_up_grades.grades, max_size=3))
def test_the_format_is_as_the_schemas_have_it(hostile: list[Grade]) -> None:
    found = suites(*hostile)
    assert [suite.tests for suite in found] == [len(each.items) for each in hostile]


def test_a_suite_for_each_submission() -> None:
    found = suites(grade(item(), submission="ada.zip"), grade(item(), submission="bob"))
    assert [suite.name for suite in found] == ["ada.zip", "bob"]
    assert found[0].time == 12.345
    facts = {each.name: each.value for each in found[0].properties()}
    assert facts["score"] == facts["possible"] == "20"
    assert facts["fingerprint"] == "ab" * 32
    assert facts["version.tensor"] == "0.1.0"


def test_failures_were_judged_and_errors_were_not() -> None:
    (suite,) = suites(EVERY_OUTCOME)
    kinds = {(case.result[0].type, type(case.result[0]).__name__) for case in suite if case.result}
    assert kinds == {
        ("wrong", "Failure"),
        ("slow", "Failure"),
        ("unwritten", "Failure"),
        ("forged", "Failure"),
        ("missing", "Failure"),
        ("crashed", "Error"),
        ("unimportable", "Error"),
        ("ungraded", "Error"),
    }
    assert (suite.tests, suite.failures, suite.errors) == (9, 5, 3)


def test_a_failure_says_why() -> None:
    reason = ("add(1, 2) gave 4", "expected 3, <not> & 'other'")
    (suite,) = suites(grade(item(outcome=Outcome.WRONG, reason=reason)))
    (case,) = suite
    assert (case.classname, case.name) == ("tinytorch.tensor", "2.1 Task 2.1")
    assert case.result[0].message == reason[0]
    assert case.result[0].text.startswith("\n".join(reason))
    assert "0 of 20 points, 3 of 8 checks passed" in case.result[0].text


def test_remarks_are_in_the_output() -> None:
    (suite,) = suites(grade(item(), remarks=(ALARM, Remark(Weight.WARNING, "a stray file"))))
    assert suite._elem.findtext("system-out") == "warning: a stray file"
    assert suite._elem.findtext("system-err") == f"alarm: {ALARM.text}"
