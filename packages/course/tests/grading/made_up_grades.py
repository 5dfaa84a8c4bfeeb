"""Grades as they come, and as somebody who wants to do harm would have them come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tinytorch_course.grading.grade import Grade, Item, Outcome, Remark, Section, Weight

SCHEMAS = Path(__file__).with_name("schemas")
MEGABYTES_10 = 10 * 1024 * 1024


def schema(name: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def item(id: str = "2.1", outcome: Outcome = Outcome.PASSED, **facts: Any) -> Item:
    possible = facts.pop("possible", 20)
    passed = outcome is Outcome.PASSED
    return Item(
        **{
            "id": id,
            "title": f"Task {id}",
            "points": possible if passed else 0,
            "possible": possible,
            "outcome": outcome,
            "reason": () if passed else (f"add(1, 2) gave 4, expected 3 ({outcome})",),
            "checks": 8,
            "checks_passed": 8 if passed else 3,
            **facts,
        }
    )


def section(*items: Item, name: str = "tensor", **facts: Any) -> Section:
    return Section(
        **{"name": name, "title": name.title(), "version": "0.1.0", "items": items} | facts
    )


def grade(*items: Item, **facts: Any) -> Grade:
    sections = facts.pop("sections", (section(*items),))
    return Grade(
        **{
            "submission": "ada.zip",
            "assignment": "tensor",
            "sections": sections,
            "remarks": (),
            "fingerprint": "ab" * 32,
            "course": "0.1.0",
            "sandbox": "bwrap",
            "graded": "2026-11-28T07:06:44+00:00",
            "seconds": 12.345,
            **facts,
        }
    )


ALARM = Remark(Weight.ALARM, "it opened a socket to 192.0.2.7", to_student=False)
EVERY_OUTCOME = grade(*(item(f"2.{n}", each) for n, each in enumerate(Outcome, start=1)))

HOSTILE = (
    "=cmd|' /C calc'!A1",
    'x;=HYPERLINK("http://192.0.2.7")',
    "\x1b[31mred\x1b]0;title\x07\x1b]8;;http://192.0.2.7\x1b\\link",
    "<script>alert(1)</script>",
    "]]> --> <!ENTITY x> &amp; \x00 \x08 \ufffe \uffff",
    "half a character: \ud800 and \udfff",
    "\u202egpj.exe",
    "a\r\nb\x85c\u2028d\x0be",
    "| a | table |\n|---|",
    "\N{SNAKE}\N{GREEK SMALL LETTER LAMDA}",
    "",
)
every_character = st.characters(min_codepoint=0, max_codepoint=0x10FFFF, exclude_categories=())
texts = st.sampled_from(HOSTILE) | st.text(every_character, max_size=20)
numbers = st.integers(0, 40) | st.sampled_from([2.5, 33.333333333, 0.0001])


@st.composite
def items(draw: st.DrawFn) -> Item:
    possible = draw(numbers)
    checks = draw(st.integers(0, 50))
    return Item(
        id=draw(st.sampled_from(["2.1", "2.2", "3.1", "milestone.xornet"]) | texts),
        title=draw(texts),
        points=draw(st.sampled_from([0, possible, possible / 2])),
        possible=possible,
        outcome=draw(st.sampled_from(Outcome)),
        reason=tuple(draw(st.lists(texts, max_size=3))),
        checks=checks,
        checks_passed=draw(st.integers(0, checks)),
        hint=draw(texts),
    )


remarks = st.lists(st.builds(Remark, st.sampled_from(Weight), texts, st.booleans()), max_size=1)
sections = st.builds(
    Section,
    name=st.sampled_from(["tensor", "layers", "xornet"]),
    title=texts,
    version=texts,
    items=st.lists(items(), max_size=2).map(tuple),
    remarks=remarks.map(tuple),
    factor=st.sampled_from([1.0, 0.25, 0.35, 1 / 3]),
)
grades = st.builds(
    Grade,
    submission=texts,
    assignment=st.sampled_from(["tensor", "part1"]),
    sections=st.lists(sections, max_size=2).map(tuple),
    remarks=remarks.map(tuple),
    fingerprint=st.just("ab" * 32),
    course=st.just("0.1.0"),
    sandbox=st.sampled_from(["bwrap", "limits"]),
    graded=st.sampled_from(["2026-11-28T07:06:44+00:00", "2026-11-28T07:06:44.123456Z"]),
    seconds=st.floats(0, 1e6),
)
"""Grades with hostile text wherever a submission, or an instructor's own test, could put it."""


def made_of(text: str) -> Grade:
    """A grade with this text wherever there may be one."""
    wrong = Item(text, text, 0, 20, Outcome.WRONG, (text, text), 8, 3, text)
    remarks = tuple(Remark(weight, text, to) for weight in Weight for to in (True, False))
    tensor = Section("tensor", text, text, (wrong,), remarks)
    return grade(sections=(tensor,), remarks=remarks, submission=text)
