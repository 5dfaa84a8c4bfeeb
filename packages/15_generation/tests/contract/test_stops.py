"""Task 15.6: where a text ends."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.generation.stops import split_at_stop

CASES: list[tuple[str, list[str], tuple[str, str, bool]]] = [
    ("once upon", [], ("once upon", "", False)),
    ("once upon", ["."], ("once upon", "", False)),
    ("the end. and", ["."], ("the end", "", True)),
    ("the end.", ["."], ("the end", "", True)),
    ("a\n", ["\n\n"], ("a", "\n", False)),
    ("a\n\n", ["\n\n"], ("a", "", True)),
    ("a\n\nb", ["\n\n"], ("a", "", True)),
    ("a\nb", ["\n\n"], ("a\nb", "", False)),
    ("say END now, END", ["END"], ("say ", "", True)),
    ("sEN", ["END"], ("s", "EN", False)),
    ("", ["END"], ("", "", False)),
    ("E", ["END"], ("", "E", False)),
    ("xx END yy STOP", ["STOP", "END"], ("xx ", "", True)),
    ("ab", ["abc", "b"], ("a", "", True)),
    ("xab", ["abc", "bcd"], ("x", "ab", False)),
    ("xab", ["bcd", "abc"], ("x", "ab", False)),
    ("aab", ["aabc", "ab!"], ("", "aab", False)),
    ("aaa", ["aaaa"], ("", "aaa", False)),
    ("baaa", ["aaaa", "c"], ("b", "aaa", False)),
]


@pytest.mark.parametrize(("text", "stop", "expected"), CASES)
def test_by_hand(text: str, stop: list[str], expected: Any) -> None:
    found = tuple(split_at_stop(text, stop))
    assert found == expected, f"split_at_stop({text!r}, {stop}) gave {found}, expected {expected}"


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text("ab", max_size=8), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3))
def test_any_text(text: str, stop: list[str]) -> None:
    shown, waiting, stopped = split_at_stop(text, stop)
    tried = f"split_at_stop({text!r}, {stop}) gave {(shown, waiting, stopped)}"
    assert stopped == any(each in text for each in stop), tried
    if stopped:
        first = min(text.index(each) for each in stop if each in text)
        assert (shown, waiting) == (text[:first], ""), tried
        return
    assert shown + waiting == text, tried
    longest = max(
        (n for each in stop for n in range(len(each)) if text.endswith(each[:n])), default=0
    )
    assert len(waiting) == longest, f"{tried}; {longest} characters may begin a stop string"
