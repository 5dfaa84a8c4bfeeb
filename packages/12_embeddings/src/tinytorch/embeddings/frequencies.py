"""Frequencies: how fast each pair of numbers turns from one position to the next."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def frequencies(dim: int, base: float = 10000.0) -> Array:
    """ω_i = base^(−2i / dim), for i = 0, …, ⌈dim / 2⌉ − 1, in float64.

    The first pair turns by 1 radian a position, the last by almost 1/base: clock hands, the fast
    ones for what is near, the slow ones for what is far. Vaswani et al. 2017, section 3.5.
    """
    return base ** (-np.arange(0, dim, 2) / dim)
