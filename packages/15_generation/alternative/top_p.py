"""Task 15.2, the nucleus, by another way: row by row, from the least likely up."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .sampling import probabilities


def top_p(logits: Array, p: float) -> Array:
    if not (p > 0 and p <= 1):
        raise ValueError(f"top_p: a share of the probability cannot be {p}")
    kept = logits.copy()
    if p == 1 or not logits.size:
        return kept
    for row in kept.reshape(-1, kept.shape[-1]):
        shares = probabilities(row.astype(np.float64))
        rising = np.argsort(shares)
        tail = np.cumsum(shares[rising])
        outside = tail <= 1 - p
        row[rising[outside]] = -np.inf
    return kept
