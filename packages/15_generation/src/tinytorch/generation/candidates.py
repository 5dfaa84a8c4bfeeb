"""What could come next in a search: every row with every token, and the likeliest of these."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from tinytorch.tensor import Array

from .sampling import probabilities


def log_probabilities(logits: Array) -> Array:
    """log p of every token, (…, vocab), float64; −inf where p is 0."""
    with np.errstate(divide="ignore"):
        return np.log(probabilities(logits.astype(np.float64)))


def likeliest(log_p: Array, stop_tokens: Collection[int], count: int) -> tuple[Array, Array]:
    """Rows and tokens of the `count` largest of log_p, falling, stop tokens and −inf left out.

    log_p: (rows, vocab). Two arrays of the same length, of up to `count` numbers.
    """
    open_ones = log_p.copy()
    open_ones[:, [t for t in stop_tokens if 0 <= t < log_p.shape[1]]] = -np.inf
    flat = open_ones.reshape(-1)
    order = np.argsort(-flat)[:count]
    order = order[flat[order] > -np.inf]
    return np.unravel_index(order, log_p.shape)  # type: ignore[return-value]
