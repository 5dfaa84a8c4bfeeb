"""What came of grading one submission: the one model that every format is written from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    PASSED = "passed"
    WRONG = "wrong"
    SLOW = "slow"
    """It ran out of time: whether it is right was not found out."""
    CRASHED = "crashed"
    """The process ended in the middle of it."""
    UNWRITTEN = "unwritten"
    UNIMPORTABLE = "unimportable"
    FORGED = "forged"
    """It was reported to pass and does not."""
    MISSING = "missing"
    """It was not handed in."""
    UNGRADED = "ungraded"
    """The grader itself failed; its reason says how."""


@dataclass(frozen=True)
class Item:
    """What points are given for: a task, an instructor's own task, a milestone."""

    id: str
    """`2.1`, or `milestone.xornet`."""
    title: str
    points: float
    possible: float
    outcome: Outcome
    reason: tuple[str, ...] = ()
    """Why it did not pass, a line each, in words for the student."""
    checks: int = 0
    checks_passed: int = 0
    hint: str = ""
    """Where to read on, for the student."""

    @property
    def is_passed(self) -> bool:
        return self.outcome is Outcome.PASSED


class Weight(StrEnum):
    INFORMATION = "information"
    WARNING = "warning"
    """Something is not as it should be, and cost nothing by itself."""
    ALARM = "alarm"
    """The submission tried to get at something that is not its own: a person should look."""


@dataclass(frozen=True)
class Remark:
    weight: Weight
    text: str
    to_student: bool = True
    """Whether the student reads it too, or the instructor alone."""


@dataclass(frozen=True)
class Section:
    """One module or milestone of a grade."""

    name: str
    """`tensor`, `xornet`."""
    title: str
    version: str
    """Of the reference that its checks were made from."""
    items: tuple[Item, ...]
    remarks: tuple[Remark, ...] = ()
    factor: float = 1.0
    """What one of its points counts for in the whole: parts weigh modules and milestones."""

    @property
    def points(self) -> float:
        return sum(item.points for item in self.items)

    @property
    def possible(self) -> float:
        return sum(item.possible for item in self.items)


@dataclass(frozen=True)
class Grade:
    submission: str
    """The name it was handed in under, without folders."""
    assignment: str
    """`tensor`, or `part1`."""
    sections: tuple[Section, ...]
    remarks: tuple[Remark, ...]
    fingerprint: str
    """SHA-256 of what was handed in."""
    course: str
    """The version of the command that graded it."""
    sandbox: str
    """`bwrap`, `unshare` or `limits`: how the code was shut in."""
    graded: str
    """When, in ISO 8601, UTC."""
    seconds: float

    @property
    def score(self) -> float:
        return sum(each.factor * each.points for each in self.sections)

    @property
    def possible(self) -> float:
        return sum(each.factor * each.possible for each in self.sections)

    @property
    def items(self) -> tuple[tuple[Section, Item], ...]:
        return tuple((section, item) for section in self.sections for item in section.items)

    @property
    def all_remarks(self) -> tuple[Remark, ...]:
        return (*self.remarks, *(remark for each in self.sections for remark in each.remarks))

    @property
    def has_alarm(self) -> bool:
        return any(remark.weight is Weight.ALARM for remark in self.all_remarks)

    def record(self) -> dict[str, Any]:
        """As JSON; `parse` reads it back."""
        return {"score": self.score, "possible": self.possible, **asdict(self)}


def parse(record: dict[str, Any]) -> Grade:
    """The grade that `Grade.record` wrote down; raises `KeyError`, `TypeError` or `ValueError`."""
    facts = {key: value for key, value in record.items() if key not in ("score", "possible")}
    sections = tuple(_section(each) for each in facts["sections"])
    return Grade(**{**facts, "sections": sections, "remarks": _remarks(facts["remarks"])})


def _section(record: dict[str, Any]) -> Section:
    items = tuple(
        Item(**{**each, "outcome": Outcome(each["outcome"]), "reason": tuple(each["reason"])})
        for each in record["items"]
    )
    return Section(**{**record, "items": items, "remarks": _remarks(record["remarks"])})


def _remarks(records: Sequence[dict[str, Any]]) -> tuple[Remark, ...]:
    return tuple(Remark(**{**each, "weight": Weight(each["weight"])}) for each in records)
