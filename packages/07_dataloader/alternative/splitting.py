"""Task 7.2 by other ways: whole arrays, and NumPy's own splitting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def counts_of_fractions(fractions: Sequence[float], total: int) -> list[int]:
    counts = np.floor(np.asarray(fractions) * total).astype(int)
    rest, parts = total - counts.sum(), len(counts)
    counts += rest // parts
    counts[: rest % parts] += 1
    return counts.tolist()


def cut(order: list[int], counts: Sequence[int]) -> list[list[int]]:
    rest = list(order)
    parts = []
    for count in counts:
        parts.append(rest[:count])
        del rest[:count]
    return parts
