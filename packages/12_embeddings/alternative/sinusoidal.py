"""Task 12.5 by another way: the sines are cosines of a moved angle."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .frequencies import frequencies
from .sinusoidal import BASE


def sinusoids(positions: Array, dim: int, base: float = BASE) -> Array:
    angles = np.repeat(frequencies(dim, base), 2)[:dim] * np.expand_dims(positions, -1)
    return np.where(np.arange(dim) % 2 == 0, np.sin(angles), np.cos(angles))
