"""Task 12.6 by another way: a pair is a complex number, and turning it a product."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .frequencies import frequencies


def rotate_halves(x: Array, cos: Array, sin: Array) -> Array:
    first, second = np.split(x, 2, axis=-1)
    turned = (first + 1j * second) * (cos + 1j * sin)
    return np.concatenate([turned.real, turned.imag], axis=-1)


def angles_at(positions: Array, dim: int, base: float) -> Array:
    return np.multiply.outer(positions, frequencies(dim, base))
