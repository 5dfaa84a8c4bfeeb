"""The closing line adds up what every session ran."""

from __future__ import annotations

from pathlib import Path

from passed_tests import PassedTests

REPORT = """<testsuites><testsuite>
<testcase classname="test_a" name="test_1"/>
<testcase classname="test_a" name="test_2"><failure/></testcase>
<testcase classname="test_a" name="test_3"><skipped/></testcase>
</testsuite></testsuites>"""


def test_reports_are_added_up(tmp_path: Path) -> None:
    passed = PassedTests()
    report = tmp_path / "report.xml"
    report.write_text(REPORT, encoding="utf-8")
    passed.add(report)
    passed.add(report)
    first, last = passed.closing_lines()
    assert first.startswith("3 different tests")
    assert last == "nox: 2 passed, 2 failed, 2 skipped"


def test_a_run_without_a_report_is_a_failure(tmp_path: Path) -> None:
    passed = PassedTests()
    passed.add(tmp_path / "none.xml")
    assert passed.closing_lines()[-1] == "nox: 0 passed, 1 failed"


def test_nothing_is_said_where_nothing_was_tested() -> None:
    assert PassedTests().closing_lines() == []
