"""Over the last dimensions: which axes those are, and what must fit them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinytorch.tensor import Array

from .standardize import Axes

Shape = int | Sequence[int]


def as_shape(normalized_shape: Shape) -> tuple[int, ...]:
    """The sizes as a tuple; a single one may come as a number."""
    if isinstance(normalized_shape, int | np.integer):
        return (int(normalized_shape),)
    return tuple(int(size) for size in normalized_shape)


def last_axes(name: str, x: Array, shape: tuple[int, ...], *parameters: Array | None) -> Axes:
    """The last axes of x, which have these sizes, counted from the front.

    parameters: have this shape, too, or are None. Raises ValueError for what does not fit, and
    TypeError for integers, in the name of the operation `name`.
    """
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: not defined for {x.dtype}; use .float() first")
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(
            f"{name}: normalized_shape {shape} must be the last sizes of the input {x.shape}"
        )
    for values in parameters:
        if values is not None and values.shape != shape:
            raise ValueError(
                f"{name}: weight and bias must have the shape {shape} that is normalised, not "
                f"{values.shape}"
            )
    return tuple(range(x.ndim - len(shape), x.ndim))


def sum_over_examples(g: Array, axes: Axes) -> Array:
    """The sum over all axes but the last, `axes`.

    Of a parameter that every example shares, the gradient is the sum of the examples'.
    """
    if len(axes) == g.ndim:
        return g
    shape = g.shape[axes[0] :]
    return g.reshape(-1, *shape).sum(axis=0) if g.size else np.zeros(shape, g.dtype)
