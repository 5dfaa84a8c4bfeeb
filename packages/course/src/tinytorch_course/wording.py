"""How states and parts are named and coloured, in every command alike."""

from __future__ import annotations

from tinytorch_course.course import Course
from tinytorch_course.journey import State
from tinytorch_course.terminal import Marks

LABELS = {
    State.REFERENCE: "reference",
    State.YOURS: "yours",
    State.SHADOWED: "shadowed",
    State.BROKEN: "broken",
    State.UNPACKAGED: "unpackaged",
    State.MISSING: "not installed",
    State.UNRELEASED: "not yet released",
}

STYLES = {
    State.REFERENCE: "green",
    State.YOURS: "cyan",
    State.SHADOWED: "yellow",
    State.BROKEN: "red",
    State.UNPACKAGED: "yellow",
    State.MISSING: "",
    State.UNRELEASED: "dim",
}


def mark(state: State, marks: Marks) -> str:
    return {
        State.REFERENCE: marks.good,
        State.YOURS: marks.yours,
        State.SHADOWED: marks.note,
        State.BROKEN: marks.bad,
        State.UNPACKAGED: marks.note,
        State.MISSING: marks.missing,
        State.UNRELEASED: marks.unreleased,
    }[state]


def part_title(course: Course, part: int) -> str:
    """`Part II  CIFAR-10 CNN`: a part is named after what it ends in."""
    roman = {1: "I", 2: "II", 3: "III"}.get(part, str(part))
    capstones = ", ".join(each.title for each in course.capstones if each.part == part)
    return f"Part {roman}  {capstones}".rstrip()
