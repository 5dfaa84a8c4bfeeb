"""Softmax: any numbers into a distribution, and its logarithm.

Both subtract the largest entry first. That changes nothing in the result, since e^(x − m) / Σe^(x −
m) = eˣ / Σeˣ, and
everything in the computation: the largest exponential is then e⁰ = 1, and none can overflow.
"""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, operation


@operation(promote="floating")
def softmax(x: Array, *, dim: int) -> Array:
    """eˣ / Σ eˣ along `dim`: numbers from 0 to 1 that add up to 1.

    x: any shape. An entry of −∞ gets 0; where all entries are −∞, or one is +∞, the result is nan,
    as in PyTorch. Raises IndexError for a dimension that is not there.
    """
    powers = np.exp(x - x.max(axis=dim, keepdims=True, initial=-np.inf))
    powers /= powers.sum(axis=dim, keepdims=True)
    return powers


@operation(promote="floating")
def log_softmax(x: Array, *, dim: int) -> Array:
    """log softmax(x) along `dim`, found as x − m − log Σ e^(x − m): exact where softmax itself
    would be 0.

    x: any shape. Raises IndexError for a dimension that is not there.
    """
    shifted = x - x.max(axis=dim, keepdims=True, initial=-np.inf)
    shifted -= np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return shifted
