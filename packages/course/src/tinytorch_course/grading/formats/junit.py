"""JUnit's XML: a suite for each submission, a test case for each task.

There is no standard. This is what the two schemas in use have in common: Jenkins's
(https://github.com/jenkinsci/xunit-plugin, junit-10.xsd) and Ant's
(https://github.com/windyroad/JUnit-Schema), so every reader takes it; see also
https://github.com/testmoapp/junitxml.

A task that was judged and is not right is a *failure*. One that could not be judged (its process
ended in the middle, it cannot be imported, the grader failed) is an *error*. Nothing is *skipped*:
readers count what is skipped as good, and a submission with nothing in it must not look green.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as xml

from tinytorch_course.grading import plain_text
from tinytorch_course.grading.grade import Grade, Item, Outcome, Section

ERRORS = {Outcome.CRASHED, Outcome.UNIMPORTABLE, Outcome.UNGRADED}


def write(grades: Sequence[Grade]) -> str:
    root = xml.Element("testsuites")
    for number, grade in enumerate(grades):
        root.append(_suite(number, grade))
    xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml.tostring(root, encoding="unicode")}\n'


def _suite(number: int, grade: Grade) -> xml.Element:
    outcomes = [item.outcome for _, item in grade.items]
    errors = sum(each in ERRORS for each in outcomes)
    suite = xml.Element(
        "testsuite",
        {
            "id": str(number),
            "name": plain_text.line(grade.submission) or "submission",
            "package": f"tinytorch.{plain_text.line(grade.assignment)}",
            "hostname": "localhost",
            "timestamp": _instant(grade.graded),
            "time": f"{grade.seconds:.3f}",
            "tests": str(len(outcomes)),
            "errors": str(errors),
            "failures": str(len(outcomes) - errors - outcomes.count(Outcome.PASSED)),
        },
    )
    suite.append(_properties(grade))
    suite.extend(_case(section, item) for section, item in grade.items)
    xml.SubElement(suite, "system-out").text = _remarks(grade, to_student=True)
    xml.SubElement(suite, "system-err").text = _remarks(grade, to_student=False)
    return suite


def _properties(grade: Grade) -> xml.Element:
    properties = xml.Element("properties")
    for name, value in _facts(grade):
        xml.SubElement(properties, "property", {"name": name, "value": value or "-"})
    return properties


def _facts(grade: Grade) -> Iterator[tuple[str, str]]:
    yield "score", f"{grade.score:g}"
    yield "possible", f"{grade.possible:g}"
    yield "course", plain_text.line(grade.course)
    yield "fingerprint", plain_text.line(grade.fingerprint)
    yield "sandbox", plain_text.line(grade.sandbox)
    for section in grade.sections:
        yield f"version.{plain_text.line(section.name)}", plain_text.line(section.version)


def _case(section: Section, item: Item) -> xml.Element:
    case = xml.Element(
        "testcase",
        {
            "classname": f"tinytorch.{plain_text.line(section.name)}",
            "name": plain_text.line(f"{item.id} {item.title}"),
            "time": "0",
        },
    )
    if not item.is_passed:
        kind = "error" if item.outcome in ERRORS else "failure"
        reason = plain_text.lines(item.reason) or str(item.outcome)
        message = plain_text.line(next(iter(reason.splitlines()), ""))
        attributes = {"type": str(item.outcome), "message": message}
        xml.SubElement(case, kind, attributes).text = _told(section, item, reason)
    return case


def _told(section: Section, item: Item, reason: str) -> str:
    earned, possible = section.factor * item.points, section.factor * item.possible
    points = f"{earned:g} of {possible:g} points"
    checks = f", {item.checks_passed} of {item.checks} checks passed" if item.checks else ""
    return f"{reason}\n{points}{checks}"


def _remarks(grade: Grade, to_student: bool) -> str:
    told = (f"{r.weight}: {r.text}" for r in grade.all_remarks if r.to_student is to_student)
    return plain_text.lines(tuple(told))


def _instant(iso: str) -> str:
    """UTC, without saying so: the schemas allow no time zone."""
    return datetime.fromisoformat(iso).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
