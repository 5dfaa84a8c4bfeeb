"""Stop strings: where a text ends, told while it still comes in pieces."""

from __future__ import annotations

from collections.abc import Sequence


def split_at_stop(text: str, stop: Sequence[str]) -> tuple[str, str, bool]:
    """What of a text can be shown, what has to wait, and whether a stop string has come.

    text: what has come and was not shown yet. stop: strings, none of them empty.

    Where one of them occurs: all before the first occurrence, nothing that waits, True. Otherwise
    what waits is the longest end of the text with which a stop string could begin.
    """
    found = [place for place in (text.find(each) for each in stop) if place >= 0]
    if found:
        return text[: min(found)], "", True
    waiting = max((beginning_at_the_end(text, each) for each in stop), default=0)
    cut = len(text) - waiting
    return text[:cut], text[cut:], False


def beginning_at_the_end(text: str, stop: str) -> int:
    """How many characters at the end of the text are the beginning of the stop string.

    The most that are, and fewer than all of it.
    """
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
