"""Min-p: only what is likely beside the most likely token."""

from __future__ import annotations

from math import log

import numpy as np

from tinytorch.tensor import Array


def min_p(logits: Array, p: float) -> Array:
    """The logits with −inf in the place of tokens less than p times as likely as the likeliest.

    A probability is p times another where the logit is log p larger, so no softmax is needed:

        kept where z ≥ max z + log p

    logits: (…, vocab). The result has their shape and dtype; logits are left alone. Raises
    ValueError unless 0 < p ≤ 1. Nguyen et al. 2024.
    """
    if not 0 < p <= 1:
        raise ValueError(f"min_p: p is a share of the largest probability, up to 1, not {p}")
    least = logits.max(axis=-1, keepdims=True) + log(p)
    return np.where(logits < least, -np.inf, logits)
