"""What all normalisations share: taking away the mean, dividing by the standard deviation.

    x̂ = (x − mean) / √(var + ε)

over some of the axes. The variance is found from x − mean, in a second pass, and not as
mean(x²) − mean²: of numbers near 10,000 that difference has no correct digit in float32.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from tinytorch.tensor import Array

Axes = tuple[int, ...]


class Standardized(NamedTuple):
    """centred: x − mean, as large as x. mean, var, scale: with the axes kept as size 1.

    var: divided by the number of values. scale: 1 / √(var + ε).
    """

    centred: Array
    mean: Array
    var: Array
    scale: Array


def standardize(x: Array, axes: Axes, eps: float) -> Standardized:
    """x̂ = centred · scale, and what it was made from, all in x's type.

    x: floating. axes: over which mean and variance are taken, counted from the front. Where there
    is no value to take a mean of, the mean is 0.
    """
    count = max(1, size_of(x, axes))
    mean = total(x, axes)
    mean /= count
    centred = x - mean
    var = total_of_products(centred, centred, axes)
    var /= count
    return Standardized(centred, mean, var, inverse_root(var, eps))


def inverse_root(var: Array, eps: float) -> Array:
    """1 / √(var + ε), in var's type, whatever that of ε is. var is left alone."""
    return 1 / np.sqrt(var + var.dtype.type(eps))


def standardize_gradient(g: Array, centred: Array, scale: Array, axes: Axes) -> Array:
    """∂L/∂x for g = ∂L/∂x̂.

    Moving all of x does not change x̂, and neither does stretching it, so what g has of either is
    taken away: with x̂ = centred · scale,

        ∂L/∂x = scale · (g − mean(g) − x̂ · mean(g · x̂))

    Ioffe & Szegedy 2015, section 3.
    """
    moved, stretched = total(g, axes), total_of_products(g, centred, axes)
    out = neither_moved_nor_stretched(g, centred, scale, moved, stretched, size_of(g, axes))
    out *= scale
    return out


def neither_moved_nor_stretched(
    g: Array, centred: Array, scale: Array, moved: Array, stretched: Array, count: int
) -> Array:
    """g − mean(g) − x̂ · mean(g · x̂), from moved = Σ g and stretched = Σ g · centred, both of
    `count` values.
    """
    count = max(1, count)
    out = centred * (stretched * (scale * scale / -count))
    out += g
    out -= moved / count
    return out


def size_of(x: Array, axes: Axes) -> int:
    """How many values are reduced to one."""
    return prod(x.shape[axis] for axis in axes)


def total(x: Array, axes: Axes) -> Array:
    """The sum over `axes`, kept as size 1, in x's type.

    NumPy adds up in pairs only along memory, and elsewhere one by one, where a long sum in float32
    would lose digits: so the longer part of it is done in float64. The shorter one, which comes
    first, walks along memory whatever its order.
    """
    if axes == (x.ndim - 1,):
        return x.sum(axis=axes, keepdims=True)
    shorter, longer = halves(x, axes)
    return in_float64(x.sum(axis=shorter, keepdims=True) if shorter else x, longer)


def total_of_products(a: Array, b: Array, axes: Axes) -> Array:
    """total(a · b), for a and b of one shape, without the memory for their products."""
    shorter, longer = halves(a, axes)
    if axes == (a.ndim - 1,) or not shorter:
        return total(a * b, axes)
    every = range(a.ndim)
    kept = [axis for axis in every if axis not in shorter]
    products = np.einsum(a, every, b, every, kept)
    return in_float64(np.expand_dims(products, shorter), longer)


def halves(x: Array, axes: Axes) -> tuple[Axes, Axes]:
    """The first of the axes and the others; first those with fewer values."""
    first, others = axes[:1], axes[1:]
    return (first, others) if size_of(x, first) <= size_of(x, others) else (others, first)


def in_float64(x: Array, axes: Axes) -> Array:
    """The sum over `axes`, kept as size 1, found in float64 and returned in x's type."""
    return x.sum(axis=axes, keepdims=True, dtype=np.float64).astype(x.dtype, copy=False)
