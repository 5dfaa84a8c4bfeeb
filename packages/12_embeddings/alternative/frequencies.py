"""Task 12.5: each frequency by itself."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def frequencies(dim: int, base: float = 10000.0) -> Array:
    return np.array([1 / base ** (2 * i / dim) for i in range((dim + 1) // 2)])
