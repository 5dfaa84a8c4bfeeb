"""Task 12.2 by other ways: counts in a plain dict, and a merge that looks back, not ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .pairs import Pair, Word


def count_pairs(words: Mapping[Word, int]) -> dict[Pair, int]:
    counts: dict[Pair, int] = {}
    for word in words:
        for place in range(len(word) - 1):
            pair = (word[place], word[place + 1])
            counts[pair] = counts.get(pair, 0) + words[word]
    return counts


def most_frequent(counts: Mapping[Pair, int]) -> Pair:
    highest = max(counts.values())
    return min(pair for pair, count in counts.items() if count == highest)


def merge_pair(word: Sequence[int], pair: Pair, new: int) -> list[int]:
    merged: list[int] = []
    open_end = False  # whether the last one may still be the left half of a pair
    for each in word:
        if open_end and (merged[-1], each) == pair:
            merged[-1] = new
            open_end = False
        else:
            merged.append(each)
            open_end = True
    return merged
