"""Task 15.6, stop strings, by another way: ends of the text, the longest first."""

from __future__ import annotations

import re
from collections.abc import Sequence


def split_at_stop(text: str, stop: Sequence[str]) -> tuple[str, str, bool]:
    if stop:
        found = re.search("|".join(map(re.escape, stop)), text)
        if found:
            return text[: found.start()], "", True
    for cut in range(len(text)):
        if any(each.startswith(text[cut:]) for each in stop):
            return text[:cut], text[cut:], False
    return text, "", False
