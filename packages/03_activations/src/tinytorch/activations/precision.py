"""The precision in which activations compute."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.tensor import Array


def at_least_float32(function: Callable[..., Array]) -> Callable[..., Array]:
    """`function` on one array, for float16 computed in float32 and rounded once, at the end.

    float16 ends at 65504 and keeps 11 bits: on the way to a result that fits, a sum of exponentials
    would overflow, and a difference would lose what the result consists of. PyTorch does the same.
    """

    @functools.wraps(function)
    def wide(x: Array, **options: Any) -> Array:
        if x.dtype != np.float16:
            return function(x, **options)
        return function(x.astype(np.float32), **options).astype(np.float16)

    return wide
