"""What one array says of its size, with care for its type."""

from __future__ import annotations

from math import inf

import numpy as np

from tinytorch.tensor import Array


def sum_of_squares(array: Array) -> float:
    """Σ g², by one product of the array with itself where that keeps all digits.

    In float32 the squares of 10²⁰ are infinite and those of 10⁻²³ are 0: what looks so is done
    again in float64.
    """
    flat = array.ravel(order="K")
    if array.dtype == np.float16:
        flat = flat.astype(np.float32)
    total = float(np.vdot(flat, flat))
    if 1e-20 < total < inf:
        return total
    wide = flat.astype(np.float64)
    return float(np.vdot(wide, wide))


def sum_of_powers(array: Array, p: float) -> np.float64:
    """Σ |g|ᵖ, in float64, where what is too large becomes infinite."""
    return np.float64(np.sum(np.abs(array.astype(np.float64)) ** p))


def largest(array: Array) -> float:
    """max |g|, not a number if one is not; 0 of none."""
    return float(np.max(np.abs(array), initial=0.0))
