"""float16, worked on as float32: the square of 300 is more than float16 can hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from tinytorch.tensor import Array

Forward = Callable[..., tuple[Array, ...]]


def half_through_float32(forward: Forward) -> Forward:
    """Where x is float16, the inputs are float32 inside, and the result is float16 again.

    What is saved for the gradient stays float32.
    """

    @wraps(forward)
    def through(x: Array, *parameters: Array | None, **attributes: Any) -> tuple[Array, ...]:
        if x.dtype != np.float16:
            return forward(x, *parameters, **attributes)
        wide = [None if p is None else p.astype(np.float32) for p in parameters]
        out, *saved = forward(x.astype(np.float32), *wide, **attributes)
        return out.astype(np.float16), *saved

    return through


def in_dtype_of(g: Array, gradients: list[Array | None]) -> list[Array | None]:
    """The gradients in the type of g, from which they were computed."""
    return [None if each is None else each.astype(g.dtype, copy=False) for each in gradients]
