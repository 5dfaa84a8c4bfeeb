"""Task 15.6, stop strings, by another way: a pattern, and the longest beginning of each string."""

from __future__ import annotations

import re
from collections.abc import Sequence


def split_at_stop(text: str, stop: Sequence[str]) -> tuple[str, str, bool]:
    if stop:
        found = re.search("|".join(map(re.escape, stop)), text)
        if found:
            return text[: found.start()], "", True
    waiting = max((beginning_at_the_end(text, each) for each in stop), default=0)
    return text[: len(text) - waiting], text[len(text) - waiting :], False


def beginning_at_the_end(text: str, stop: str) -> int:
    """How many characters at the end of the text are the beginning of the stop string."""
    lengths = range(len(stop) - 1, 0, -1)
    return next((length for length in lengths if text.endswith(stop[:length])), 0)
