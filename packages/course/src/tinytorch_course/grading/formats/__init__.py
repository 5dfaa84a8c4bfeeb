"""The formats that grades are written in, each in a file of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tinytorch_course.grading.formats import (
    classroom50,
    gradescope,
    junit,
    prairielearn,
    record,
    table,
)
from tinytorch_course.grading.grade import Grade


@dataclass(frozen=True)
class Format:
    extension: str
    documents: Callable[[Sequence[Grade]], tuple[bytes, ...]]
    """Of grades: one for all, or one for each in their order."""
    is_one_for_all: bool
    variables: tuple[str, ...] = ()
    """Environment variables that it needs."""

    def missing_variables(self) -> tuple[str, ...]:
        """Those that are not set: worth asking for before anything is graded."""
        return tuple(name for name in self.variables if not os.environ.get(name))


def _one_for_all(
    extension: str, write: Callable[[Sequence[Grade]], str], encoding: str = "utf-8"
) -> Format:
    return Format(extension, lambda grades: (write(grades).encode(encoding),), True)


def _one_each(
    extension: str, write: Callable[[Grade], str], variables: tuple[str, ...] = ()
) -> Format:
    def documents(grades: Sequence[Grade]) -> tuple[bytes, ...]:
        return tuple(write(grade).encode() for grade in grades)

    return Format(extension, documents, False, variables)


FORMATS = {
    "gradescope": _one_each(".json", gradescope.write),
    "prairielearn": _one_each(".json", prairielearn.write),
    "classroom50": _one_each(".json", classroom50.write, classroom50.VARIABLES),
    "junit": _one_for_all(".xml", junit.write),
    "csv": _one_for_all(".csv", table.write, "utf-8-sig"),  # the mark tells Excel that it is UTF-8
    "json": _one_for_all(".json", record.write),
}
