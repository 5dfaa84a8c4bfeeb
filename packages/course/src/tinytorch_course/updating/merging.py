"""Joining two changes of one text, line by line (diff3).

The libraries for this are under the GPL or work by characters; the algorithm is a page.
Source: Khanna, Kunal, Pierce, "A Formal Investigation of Diff3", 2007.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Lines = Sequence[str]
Blocks = list[tuple[int, int, int]]


def merge(base: Lines, theirs: Lines, new: Lines) -> list[str] | None:
    """What both made of `base`; None where they changed the same lines differently."""
    merged: list[str] = []
    for b, t, n in _regions(base, theirs, new):
        if t in (b, n):
            merged += n
        elif n == b:
            merged += t
        else:
            return None
    return merged


def _regions(base: Lines, theirs: Lines, new: Lines) -> Iterator[tuple[Lines, Lines, Lines]]:
    """The three texts cut at the lines that all of them share."""
    b = t = n = 0
    for start, length, at_theirs, at_new in _shared(base, theirs, new):
        yield base[b:start], theirs[t:at_theirs], new[n:at_new]
        same = base[start : start + length]
        yield same, same, same
        b, t, n = start + length, at_theirs + length, at_new + length
    yield base[b:], theirs[t:], new[n:]


def _shared(base: Lines, theirs: Lines, new: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Runs of base that stand in both: where, how long, and where in the others."""
    one, other = _blocks(base, theirs), _blocks(base, new)
    i = j = 0
    while i < len(one) and j < len(other):
        (a, at_theirs, m), (c, at_new, k) = one[i], other[j]
        start, end = max(a, c), min(a + m, c + k)
        if start < end:
            yield start, end - start, at_theirs + start - a, at_new + start - c
        if a + m < c + k:
            i += 1
        else:
            j += 1


def _blocks(base: Lines, other: Lines) -> Blocks:
    found = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return [(each.a, each.b, each.size) for each in found]
