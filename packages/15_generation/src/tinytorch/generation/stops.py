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
    beginnings = (
        cut for cut in range(len(text)) if any(each.startswith(text[cut:]) for each in stop)
    )
    cut = next(beginnings, len(text))
    return text[:cut], text[cut:], False
