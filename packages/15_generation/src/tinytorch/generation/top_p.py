"""Top-p, the nucleus: as many tokens as it takes to hold most of the probability."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .sampling import probabilities


def top_p(logits: Array, p: float) -> Array:
    """The logits with −inf in the place of all that is outside of the nucleus of each row.

    The nucleus is the smallest set of tokens whose probabilities add up to p or more: a token is
    kept if those that are likelier than it have less than p together. So the most likely one
    always is, and of several that are equally likely all or none.

    logits: (…, vocab). The result has their shape and dtype; logits are left alone. Raises
    ValueError unless 0 < p ≤ 1. Holtzman, Buys, Du, Forbes and Choi 2020, section 3.1.
    """
    if not 0 < p <= 1:
        raise ValueError(f"top_p: p is a share of the probability, above 0 and up to 1, not {p}")
    if p == 1:
        return logits
    likelihood = probabilities(logits)
    falling = np.sort(likelihood)[..., ::-1]
    likelier = falling.cumsum(axis=-1, dtype=np.float64) - falling
    least = np.where(likelier < p, falling, np.inf).min(axis=-1, keepdims=True)
    return np.where(likelihood < least, -np.inf, logits)
