"""Task 15.2, the nucleus, by another way: row by row, a sum looked up for each token."""

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
        rising = np.sort(shares)
        sums = np.concatenate([[0.0], np.cumsum(rising)])
        up_to = sums[np.searchsorted(rising, shares, side="right")]
        row[sums[-1] - up_to >= p] = -np.inf
    return kept
