"""Task 9.5 by other ways: every place has a number, and gradients are counted up by it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tinytorch.tensor import Array


def put_back(g: Array, *, index: Any, shape: tuple[int, ...]) -> Array:
    places = np.arange(prod(shape)).reshape(shape)[index]
    sums = np.bincount(places.reshape(-1), weights=g.reshape(-1), minlength=prod(shape))
    return sums.reshape(shape).astype(g.dtype)


def gather_x(g: Any, x_shape: tuple[int, ...], dim: int, index: Array) -> Any:
    grid = list(np.indices(index.shape))
    grid[dim] = index
    return put_back(g, index=tuple(grid), shape=x_shape)
