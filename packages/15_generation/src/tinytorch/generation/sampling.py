"""From logits to a token: softmax, and a draw by the inverse of the cumulative distribution."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, default_generator


def probabilities(logits: Array) -> Array:
    """Softmax over the last axis: p = exp(z − max z) / Σ exp(z − max z).

    logits: (…, vocab), floating; −inf is a probability of 0. The result has its shape and dtype.
    Raises ValueError where a row has a nan or a +inf, or nothing but −inf.
    """
    weights = _weights(logits)
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights


def sample(logits: Array, generator: np.random.Generator | None = None) -> Array:
    """One token for each row, drawn with the probabilities that softmax gives the logits.

    logits: (…, vocab), floating; −inf is never drawn. generator: the default one unless given. The
    result: (…), int64. One number u is drawn evenly from [0, 1) for each row, and the token is the
    first one at which the sum of the probabilities so far exceeds u:

        token = min {i : p₀ + … + pᵢ > u}

    Raises ValueError as `probabilities` does.
    """
    draws = default_generator() if generator is None else generator
    ends = _weights(logits).cumsum(axis=-1, dtype=np.float64)
    total = ends[..., -1:]
    return (ends > draws.random(total.shape) * total).argmax(axis=-1)


def most_likely(logits: Array) -> Array:
    """The token with the largest logit in each row, the first of several: (…, vocab) to (…)."""
    return logits.argmax(axis=-1)


def _weights(logits: Array) -> Array:
    """exp(z − max z): what the probabilities are in proportion to, with a largest value of 1."""
    peak = logits.max(axis=-1, keepdims=True)
    if not np.isfinite(peak).all():
        raise ValueError(
            "sample: a row of logits has a nan or +inf, or nothing but −inf, so that there are no "
            "probabilities; look at the model, or at what was removed from its logits"
        )
    return np.exp(logits - peak)
