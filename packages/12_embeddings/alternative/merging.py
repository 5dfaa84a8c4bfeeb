"""Task 12.3 by another way: one join at a time, at the place where the rank is lowest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .merging import Merge
from .pairs import Pair


def merge_in_order(word: Sequence[int], merges: Mapping[Pair, Merge]) -> list[int]:
    ids = list(word)
    while True:
        found = [
            (merges[ids[i], ids[i + 1]].rank, i)
            for i in range(len(ids) - 1)
            if (ids[i], ids[i + 1]) in merges
        ]
        if not found:
            return ids
        _, place = min(found)
        ids[place : place + 2] = [merges[ids[place], ids[place + 1]].new]
