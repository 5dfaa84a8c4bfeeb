"""Encoding a word: what was learnt is done again, in the order in which it was learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from math import inf
from typing import NamedTuple

from .pairs import Pair, merge_pair, pairs_of

LONG = 64
"""From this many bytes on a word is encoded with a heap."""


class Merge(NamedTuple):
    """rank: when the pair was learnt, the first one at 0. new: the id of what it becomes."""

    rank: float
    new: int


NEVER = Merge(inf, -1)


def merge_in_order(word: Sequence[int], merges: Mapping[Pair, Merge]) -> list[int]:
    """The word with everything joined that can be.

    word: ids of bytes. Of the pairs that stand in it, the one that was learnt first is joined,
    wherever it occurs; and so on, until none of its pairs has been learnt.
    """
    ids = list(word)
    while len(ids) > 1:
        pair = min(pairs_of(ids), key=lambda pair: merges.get(pair, NEVER))
        if pair not in merges:
            break
        ids = merge_pair(ids, pair, merges[pair].new)
    return ids


def merge_long(word: Sequence[int], merges: Mapping[Pair, Merge]) -> list[int]:
    """What `merge_in_order` finds, for a word of n ids in about n · log n steps.

    The ids are a chain, in which each knows its neighbours, and the pairs that may be joined wait
    in a heap, by rank and place. An entry is out of date when one of its two ids was joined
    meanwhile.
    """
    ids: list[int | None] = list(word)
    after = list(range(1, len(ids) + 1))
    before = list(range(-1, len(ids) - 1))
    waiting: list[tuple[float, int, Pair, int]] = []
    for place, pair in enumerate(pairs_of(word)):
        if pair in merges:
            waiting.append((merges[pair].rank, place, pair, merges[pair].new))
    heapify(waiting)
    while waiting:
        _, place, pair, new = heappop(waiting)
        second = after[place]
        if second == len(ids) or (ids[place], ids[second]) != pair:
            continue
        ids[place], ids[second] = new, None
        after[place] = after[second]
        if after[place] < len(ids):
            before[after[place]] = place
        for left in (before[place], place):
            right = after[left] if left >= 0 else len(ids)
            if right < len(ids):
                neighbours: Pair = (ids[left], ids[right])  # type: ignore[assignment]
                if neighbours in merges:
                    rank, made = merges[neighbours]
                    heappush(waiting, (rank, left, neighbours, made))
    return [each for each in ids if each is not None]
