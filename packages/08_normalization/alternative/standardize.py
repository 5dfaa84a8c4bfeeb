"""Task 8.1 by other ways: NumPy's own mean, and a dot product for the variance."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .standardize import Axes, Standardized


def standardize(x: Array, axes: Axes, eps: float) -> Standardized:
    if not x.size:
        kept = [1 if axis in axes else size for axis, size in enumerate(x.shape)]
        nothing = np.zeros(kept, x.dtype)
        return Standardized(x.copy(), nothing, nothing.copy(), inverse_root(nothing, eps))
    mean = np.mean(x, axis=axes, keepdims=True)
    centred = np.subtract(x, mean)
    letters = "abcdefgh"[: x.ndim]
    left = "".join(letter for axis, letter in enumerate(letters) if axis not in axes)
    squares = np.einsum(f"{letters},{letters}->{left}", centred, centred)
    count = x.size // max(1, mean.size)
    var = np.reshape(np.divide(squares, count, dtype=x.dtype), mean.shape)
    return Standardized(centred, mean, var, inverse_root(var, eps))


def inverse_root(var: Array, eps: float) -> Array:
    return (var + float(eps)) ** -0.5
