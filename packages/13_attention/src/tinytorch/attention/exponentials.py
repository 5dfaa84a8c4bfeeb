"""Softmax over the last axis of an array, in place: where attention spends the time that its matrix
products leave.
"""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

MANY = 4096
"""From how many scores on it pays to look whether the largest of each row has to be found."""

HARMLESS = 30.0
"""e^±30 is far from both ends of float32, and so is a sum of such numbers."""


def softmax_rows(scores: Array, addend: Array | None = None) -> Array:
    """e^s / Σ e^s in each row of `scores`: (…, S), which is overwritten and returned.

    scores: float32 or float64, lying row by row. addend: (…, n) with n ≤ S, is added to the last n
    columns first: −∞ where a key is hidden, or what else speaks for and against a key. A row that
    is nothing but −∞ becomes zeros.

    To find the largest of each row and to subtract it costs as much as the exponentials. Where many
    scores lie within ±30, and no row is hidden, that is left out.
    """
    columns = scores.shape[-1]
    if columns == 0:
        return scores
    if addend is None and scores.size <= MANY:
        return softmax_of_few(scores)
    safe = scores.size > MANY and hides_no_row(addend, scores.size) and within(scores, HARMLESS)
    if addend is not None:
        scores[..., columns - addend.shape[-1] :] += addend
    if not safe:
        subtract_largest(scores, may_be_hidden=addend is not None)
    np.exp(scores, out=scores)
    sums = sums_of_rows(scores)
    if not safe and addend is not None:
        sums[sums == 0] = 1
    scores /= sums
    return scores


def softmax_of_few(scores: Array) -> Array:
    """`softmax_rows` of so few scores that it is the calls that take time, as in generation."""
    scores -= np.maximum.reduce(scores, -1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= np.add.reduce(scores, -1, keepdims=True)
    return scores


def hides_no_row(addend: Array | None, size: int) -> bool:
    """Whether each row of `addend` has a 0, and nothing above it.

    No, if it is so large that to look costs what it could save.
    """
    if addend is None:
        return True
    return 8 * addend.size <= size and bool((np.maximum.reduce(addend, -1) == 0).all())


def within(x: Array, bound: float) -> bool:
    """Whether all of x lies between −bound and bound; nan does not."""
    return bool(np.maximum.reduce(x, None) < bound and np.minimum.reduce(x, None) > -bound)


def subtract_largest(scores: Array, may_be_hidden: bool) -> None:
    """Make the largest of each row 0, in place; −∞ stays −∞ in a row of nothing else."""
    largest = np.maximum.reduce(scores, -1, keepdims=True)
    if may_be_hidden:
        largest[largest == -np.inf] = 0
    with np.errstate(over="ignore"):  # scores may lie further apart than the dtype reaches: −∞
        scores -= largest


def sums_of_rows(x: Array) -> Array:
    """Σ over the last axis, kept as size 1. Of many rows BLAS finds it several times as fast."""
    if x.size <= MANY:
        return np.add.reduce(x, -1, keepdims=True)
    columns = x.shape[-1]
    sums = x.reshape(-1, columns) @ np.ones(columns, x.dtype)
    return sums.reshape(*x.shape[:-1], 1)
