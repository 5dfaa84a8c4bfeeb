"""The distributions once more: the logarithm first, by logaddexp, and softmax from it."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def softmax(x: Array, *, dim: int) -> Array:
    return np.exp(less_its_logsumexp(x, dim))


def log_softmax(x: Array, *, dim: int) -> Array:
    return less_its_logsumexp(x, dim)


def less_its_logsumexp(x: Array, dim: int) -> Array:
    largest = np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf)
    with np.errstate(over="ignore"):
        below = x - largest
    return below - np.logaddexp.reduce(below, axis=dim, keepdims=True)
