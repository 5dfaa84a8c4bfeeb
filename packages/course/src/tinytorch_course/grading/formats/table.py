"""CSV: a row for each submission, a column for each task.

As in RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), every text quoted. A name may begin with
what a spreadsheet takes for a formula: it gets an apostrophe in front, and so does whatever would
begin a cell if the file were cut at another separator; see
https://owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from tinytorch_course.grading import plain_text
from tinytorch_course.grading.grade import Grade, Item, Outcome, Section, Weight

FORMULA = re.compile(r"(^|[,;|\t\"'])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""The last four are the wide forms that Japanese spreadsheets take for the same."""


def write(grades: Sequence[Grade]) -> str:
    columns = tuple(dict.fromkeys(_column(*each) for grade in grades for each in grade.items))
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(
        [
            *("submission", "assignment", "score", "possible"),
            *columns,
            *("slow", "not graded", "alarms", "warnings"),
            *("fingerprint", "course", "versions", "sandbox", "graded", "seconds"),
        ]
    )
    rows.writerows(_row(grade, columns) for grade in grades)
    return out.getvalue()


def _column(section: Section, item: Item) -> str:
    """With the module's name: `2.1` alone would become a date."""
    return _cell(f"{section.name} {item.id}")


def _row(grade: Grade, columns: Sequence[str]) -> list[str | float]:
    points = {_column(s, item): round(s.factor * item.points, 4) for s, item in grade.items}
    versions = ", ".join(f"{each.name} {each.version}" for each in grade.sections)
    return [
        _cell(grade.submission),
        _cell(grade.assignment),
        round(grade.score, 4),
        round(grade.possible, 4),
        *(points.get(column, "") for column in columns),
        _items(grade, Outcome.SLOW),
        _items(grade, Outcome.UNGRADED),
        _remarks(grade, Weight.ALARM),
        _remarks(grade, Weight.WARNING),
        _cell(grade.fingerprint),
        _cell(grade.course),
        _cell(versions),
        _cell(grade.sandbox),
        _cell(grade.graded),
        round(grade.seconds, 1),
    ]


def _items(grade: Grade, outcome: Outcome) -> str:
    return _cell(" ".join(item.id for _, item in grade.items if item.outcome is outcome))


def _remarks(grade: Grade, weight: Weight) -> str:
    found = (plain_text.line(each.text) for each in grade.all_remarks if each.weight is weight)
    return _cell(" / ".join(found), 2_000)


def _cell(value: str, most: int = plain_text.LINE) -> str:
    return FORMULA.sub(r"\1\2'", plain_text.line(value, most))
