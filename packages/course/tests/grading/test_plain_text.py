from __future__ import annotations

import unicodedata
from xml.etree import ElementTree

import made_up_grades
from hypothesis import given

from tinytorch_course.grading import plain_text


@given(made_up_grades.texts)
def test_nothing_unseen_is_left(value: str) -> None:
    clean = plain_text.text(value)
    clean.encode()
    unseen = {"Cc", "Cs"}
    assert [c for c in clean if unicodedata.category(c) in unseen and c not in "\t\n"] == []
    ElementTree.fromstring(ElementTree.tostring(_element(clean), encoding="unicode"))


def _element(value: str) -> ElementTree.Element:
    element = ElementTree.Element("text")
    element.text = value
    return element


@given(made_up_grades.texts)
def test_a_line_is_one_short_line(value: str) -> None:
    clean = plain_text.line(value)
    assert len(clean) <= plain_text.LINE
    assert len(clean.splitlines()) <= 1


def test_what_a_student_should_read_stays() -> None:
    value = "shapes (2, 3) and (4,) → no\n\tbroadcast: λ, naïve, 数, 🐍, <b> & 'q'"
    assert plain_text.text(value) == value


def test_escapes_for_a_terminal_are_gone() -> None:
    assert plain_text.text("\x1b[1;31mred\x1b[0m") == "red"
    assert plain_text.text("\x1b]0;title\x07after") == "after"
    assert plain_text.text("\x1b]8;;http://192.0.2.7\x1b\\link\x1b]8;;\x1b\\") == "link"
    assert plain_text.text("\x9b31mred\x1bc") == "red"


def test_text_that_reads_backwards_is_shown_as_it_is() -> None:
    assert plain_text.text("\u202egpj.exe") == "gpj.exe"


def test_half_a_character_is_marked() -> None:
    assert plain_text.text("a\ud800b") == "a\ufffdb"


def test_every_line_end_is_one() -> None:
    assert plain_text.text("a\r\nb\rc\x85d\u2028e\x0bf") == "a\nb\nc\nd\ne\nf"


def test_a_long_text_is_cut_and_says_so() -> None:
    clean = plain_text.text("x" * made_up_grades.MEGABYTES_10, most=100)
    assert clean == "x" * 100 + "\n[cut: it had 10,485,760 characters]"
    assert len(plain_text.text("\x00" * made_up_grades.MEGABYTES_10, most=100)) < 200
