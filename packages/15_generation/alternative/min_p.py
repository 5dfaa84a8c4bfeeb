"""Task 15.2, min-p, by another way: the ratio itself."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def min_p(logits: Array, p: float) -> Array:
    if not (p > 0 and p <= 1):
        raise ValueError(f"min_p: a share of the largest probability cannot be {p}")
    kept = logits.copy()
    kept[np.exp(logits - logits.max(axis=-1, keepdims=True)) < float(p)] = -np.inf
    return kept
