"""Pairs: the one step that byte-pair encoding is made of. Count neighbours, and join two of them.

A word is a row of ids. A pair is two ids that stand side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

Pair = tuple[int, int]
Word = tuple[int, ...]


def pairs_of(word: Iterable[int]) -> Iterable[Pair]:
    """The pairs of a word, from left to right: of 5, 6, 7 they are (5, 6) and (6, 7)."""
    return pairwise(word)


def count_pairs(words: Mapping[Word, int]) -> Counter[Pair]:
    """How often each pair occurs in a text.

    words: the different words of the text, and how often each occurs there. Pairs may overlap: in
    the word 5, 5, 5 the pair (5, 5) occurs twice.
    """
    counts: Counter[Pair] = Counter()
    for word, times in words.items():
        for pair in pairs_of(word):
            counts[pair] += times
    return counts


def most_frequent(counts: Mapping[Pair, int]) -> Pair:
    """The pair with the highest count; of several, the smallest, as pairs are compared in Python.

    counts: not empty.
    """
    return min(counts, key=lambda pair: (-counts[pair], pair))


def merge_pair(word: Sequence[int], pair: Pair, new: int) -> list[int]:
    """The word with `new` in the place of every occurrence of the pair, from left to right.

    What was taken for one occurrence is gone for the next: 5, 5, 5 becomes new, 5. The word is left
    alone.
    """
    merged: list[int] = []
    place, last = 0, len(word) - 1
    while place <= last:
        if place < last and word[place] == pair[0] and word[place + 1] == pair[1]:
            merged.append(new)
            place += 2
        else:
            merged.append(word[place])
            place += 1
    return merged
