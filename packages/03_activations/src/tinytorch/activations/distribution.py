"""Softmax: any numbers into a distribution, and its logarithm.

Both subtract the largest entry m first. That changes nothing in the result, since
e^(x − m) / Σ e^(x − m) = eˣ / Σ eˣ, and everything in the computation: the largest exponential is
then e⁰ = 1, and none can overflow.
"""

from __future__ import annotations

from operator import index

import numpy as np

from tinytorch.tensor import Array, operation

from .precision import at_least_float32


@operation(promote="floating")
@at_least_float32
def softmax(x: Array, *, dim: int) -> Array:
    """eˣ / Σ eˣ along `dim`: numbers from 0 to 1 that add up to 1.

    x: any shape. An entry of −∞ gets 0; where all entries are −∞, or one is +∞, the result is nan,
    as in PyTorch. Raises IndexError for a dimension that is not there, TypeError if `dim` is not
    an integer.
    """
    out = _below_largest(x, dim)
    np.exp(out, out=out)
    out /= out.sum(axis=dim, keepdims=True)
    return out


@operation(promote="floating")
@at_least_float32
def log_softmax(x: Array, *, dim: int) -> Array:
    """log softmax(x) along `dim`, found as x − m − log Σ e^(x − m): exact where softmax itself
    would be 0.

    x: any shape. Infinite entries as in `softmax`, of which this is the logarithm. Raises
    IndexError for a dimension that is not there, TypeError if `dim` is not an integer.
    """
    out = _below_largest(x, dim)
    if out.size:
        out -= np.log(np.exp(out).sum(axis=dim, keepdims=True))
    return out


def _below_largest(x: Array, dim: int) -> Array:
    """x − m, m the largest entry along `dim`: 0 at the largest, negative elsewhere."""
    largest = x.max(axis=index(dim), keepdims=True, initial=-np.inf)
    with np.errstate(over="ignore"):  # entries may lie further apart than the dtype reaches: −∞
        return np.subtract(x, largest, out=np.empty_like(x))
