"""Gradients of reductions: what was summed goes out again to everything that was summed up."""

from __future__ import annotations

from math import inf, prod
from typing import Any

import numpy as np

import tinytorch.tensor as tt
from tinytorch.tensor import abs, broadcast_to, cumsum, exp, flip, scatter_add, sign, where
from tinytorch.tensor.reductions import max_along, min_along

from .attaching import attach

Shape = tuple[int, ...]


def reduced(shape: Shape, dim: Any) -> tuple[int, ...]:
    """The dimensions that a reduction of `shape` along `dim` goes over, counted from the front."""
    if dim is None or (isinstance(dim, tuple | list) and not dim):
        return tuple(range(len(shape)))
    dims = dim if isinstance(dim, tuple | list) else (dim,)
    return tuple(d % len(shape) for d in dims) if shape else ()


def with_kept_dims(reduction: Any, shape: Shape, dim: Any) -> Any:
    """A result or gradient of a reduction with a size of 1 where `shape` was reduced, so that it
    broadcasts against what was reduced.
    """
    axes = reduced(shape, dim)
    return reduction.reshape(tuple(1 if i in axes else n for i, n in enumerate(shape)))


def sum_x(g: Any, x_shape: Shape, dim: Any) -> Any:
    """∂Σx/∂xᵢ = 1: each has the gradient of the sum that it went into."""
    return broadcast_to(with_kept_dims(g, x_shape, dim), x_shape)


def mean_x(g: Any, x_shape: Shape, dim: Any) -> Any:
    """∂mean/∂xᵢ = 1/n."""
    n = prod(x_shape[axis] for axis in reduced(x_shape, dim))
    return sum_x(g / max(n, 1), x_shape, dim)


def var_x(g: Any, x: Any, dim: Any, correction: float) -> Any:
    """∂var/∂xᵢ = 2(xᵢ − mean)/(n − correction): the mean's own share adds up to 0."""
    axes = reduced(x.shape, dim)
    n = prod(x.shape[axis] for axis in axes)
    centred = x - tt.mean(x, axes, True) if axes else x * 0
    scale = 2 / (n - correction) if n > correction else inf
    return with_kept_dims(g, x.shape, dim) * centred * scale


def extreme_x(g: Any, x: Any, out: Any, dim: Any) -> Any:
    """To the largest (or smallest) alone; where there are several, each has an equal share."""
    chosen = x == with_kept_dims(out, x.shape, dim)
    share = tt.sum(chosen, reduced(x.shape, dim), True)
    return where(chosen, with_kept_dims(g, x.shape, dim) / share, 0.0)


def logsumexp_x(g: Any, x: Any, out: Any, dim: Any) -> Any:
    """∂ log Σ eˣ/∂xᵢ = e^(xᵢ − out), which is softmax. Where out is −∞, 0."""
    out = with_kept_dims(out, x.shape, dim)
    return with_kept_dims(g, x.shape, dim) * exp(x - where(out > -inf, out, 0.0))


def prod_x(g: Any, x: Any, out: Any, dim: Any) -> Any:
    """∂Πx/∂xᵢ is the product of the others; out / xᵢ, where no x is 0."""
    g = with_kept_dims(g, x.shape, dim)
    if not _has_zero(x):
        return g * with_kept_dims(out, x.shape, dim) / x
    axes = reduced(x.shape, dim)
    last = x if len(axes) != 1 else tt.transpose(x, axes[0], -1)
    line = last if len(axes) == 1 else last.reshape(-1)
    n = line.shape[-1]
    grid = broadcast_to(line[..., None, :], (*line.shape[:-1], n, n))
    others = tt.prod(where(_eye(n), 1.0, grid), -1)
    return g * (tt.transpose(others, axes[0], -1) if len(axes) == 1 else others.reshape(x.shape))


def cumsum_x(g: Any, x_shape: Shape, dim: int) -> Any:
    """xᵢ is in every running sum from i on: the running sum from behind."""
    return flip(cumsum(flip(g, dim), dim), dim) if x_shape else g


def norm_x(g: Any, x: Any, out: Any, p: float, dim: Any) -> Any:
    """∂‖x‖/∂xᵢ = sign(xᵢ)·(|xᵢ|/‖x‖)ᵖ⁻¹, and 0 at x = 0."""
    g, out = with_kept_dims(g, x.shape, dim), with_kept_dims(out, x.shape, dim)
    if p == 0:
        return g * x * 0
    if p in (inf, -inf):
        chosen = abs(x) == out
        share = tt.sum(chosen, reduced(x.shape, dim), True)
        return where(chosen, g * sign(x) / share, 0.0)
    if p == 1:
        return g * sign(x)
    safe = where(out == 0, 1.0, out)
    if p == 2:
        return g * where(out == 0, 0.0, x / safe)
    size = where(x == 0, 1.0, abs(x) / safe)
    return g * where(x == 0, 0.0, sign(x) * size ** (p - 1))


def picked_x(g: tuple[Any, Any], out: tuple[Any, Any], x_shape: Shape, dim: int) -> Any:
    """To where each picked value came from."""
    gradient, (_, index) = g[0], out
    if not x_shape:
        return gradient
    if len(index.shape) < len(x_shape):
        place = dim % len(x_shape)
        kept = (*index.shape[:place], 1, *index.shape[place:])
        gradient, index = gradient.reshape(kept), index.reshape(kept)
    return scatter_add(np.zeros(x_shape, gradient.dtype), gradient, dim, index)


def _has_zero(x: Any) -> bool:
    return bool((x == 0).any())


def _eye(n: int) -> Any:
    return np.eye(n, dtype=bool)


attach(tt.reductions.sum, x=sum_x)
attach(tt.mean, x=mean_x)
attach(tt.var, x=var_x)
attach(tt.amax, x=extreme_x)
attach(tt.amin, x=extreme_x)
attach(tt.logsumexp, x=logsumexp_x)
attach(tt.prod, x=prod_x)
attach(tt.cumsum, x=cumsum_x)
attach(tt.norm, x=norm_x)
attach(max_along, x=picked_x)
attach(min_along, x=picked_x)
