"""Top-k: no more than a fixed number of tokens to choose from."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def top_k(logits: Array, k: int) -> Array:
    """The logits with −inf in the place of all but the k largest of each row.

    logits: (…, vocab). What is as large as the k-th is kept, too. With k ≥ vocab all stays. The
    result has their shape and dtype; logits are left alone. Raises ValueError unless k ≥ 1. Fan,
    Lewis and Dauphin 2018, section 5.
    """
    if k < 1:
        raise ValueError(f"top_k: at least 1 token must be left to choose from, not {k}")
    place = -min(k, logits.shape[-1])
    least = np.partition(logits, place)[..., place, np.newaxis]
    return np.where(logits < least, -np.inf, logits)
