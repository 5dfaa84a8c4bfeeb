"""Splitting a dataset at random, into training and validation for instance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import floor, isclose

import numpy as np

from .dataset import Dataset, Item, Subset
from .randomness import as_generator, current_generator


def random_split(
    dataset: Dataset[Item],
    lengths: Sequence[float],
    generator: np.random.Generator | None = None,
) -> list[Subset[Item]]:
    """Subsets with these lengths, that share no item and together have all, each in random order.

    lengths: numbers of items, which add up to len(dataset); or fractions, which add up to 1. Of a
    fraction the part below a whole item is cut off, and the items that are left over are dealt out
    one by one from the first subset on.
    Raises ValueError if they add up to something else, or one is negative.
    """
    counts = counts_of(lengths, len(dataset))
    draws = as_generator(generator) or current_generator()
    order = draws.permutation(len(dataset)).tolist()
    return [Subset(dataset, part) for part in cut(order, counts)]


def counts_of(lengths: Sequence[float], total: int) -> list[int]:
    """Whole numbers of items out of lengths or fractions, for `total` items."""
    if any(length < 0 for length in lengths):
        raise ValueError(f"random_split: no length may be negative: {list(lengths)}")
    if isclose(sum(lengths), 1):
        return counts_of_fractions(lengths, total)
    counts = [int(length) for length in lengths]
    if counts != list(lengths) or sum(counts) != total:
        raise ValueError(
            f"random_split: the lengths {list(lengths)} add up to {sum(lengths)}; they must add up "
            f"to {total}, the number of items, or to 1 if they are fractions"
        )
    return counts


def counts_of_fractions(fractions: Sequence[float], total: int) -> list[int]:
    """⌊fraction · total⌋ items each, and one more for the first few until all are dealt out."""
    counts = [floor(fraction * total) for fraction in fractions]
    for place in range(total - sum(counts)):
        counts[place % len(counts)] += 1
    return counts


def cut(order: list[int], counts: Sequence[int]) -> list[list[int]]:
    """The first counts[0] of these indices, then the next counts[1], and so on."""
    ends = accumulate(counts, initial=0)
    return [order[start:end] for start, end in pairwise(ends)]
