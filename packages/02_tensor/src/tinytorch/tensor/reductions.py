"""Reductions: many numbers become one, along some dimensions or all.

Sums of float16 are added up in float32 and rounded at the end, as in PyTorch.

`dim` is a dimension, a tuple of them, or None for all; `keepdim=True` leaves a size of 1 where a
dimension was reduced, so that the result still broadcasts against the input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from math import prod as product
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ._operation import operation
from .dtypes import DEFAULT_INT, Array, DTypeLike, as_dtype, float16
from .elementwise import maximum, minimum, sqrt
from .errors import check_dim

Dim: TypeAlias = int | Sequence[int] | None


class ValuesAndIndices(NamedTuple):
    """What `max`, `min`, `sort` and `topk` along a dimension give: values, and where they were."""

    values: Any
    indices: Any


def normalize_dim(name: str, dim: Dim, ndim: int) -> tuple[int, ...]:
    """`dim` as a tuple of dimensions counted from the front; None, () and [] mean all.

    Raises IndexError for a dimension that is not there, ValueError for one named twice.
    """
    if type(dim) is int and -ndim <= dim < ndim:
        return (dim % ndim,)
    if dim is None:
        return tuple(range(ndim))
    dims = (dim,) if isinstance(dim, int | np.integer) else tuple(dim)
    if not dims:
        return tuple(range(ndim))
    if ndim == 0 and dims in ((0,), (-1,)):
        return ()
    found = tuple(check_dim(name, d, ndim) for d in dims)
    if len(set(found)) < len(found):
        raise ValueError(f"{name}: dimension named twice in dim={dim}")
    return found


def half_through_float32(function: Callable[..., Array]) -> Callable[..., Array]:
    """Let a reduction of float16 add up in float32: in its own 11 bits, 2048 + 1 is 2048."""

    @wraps(function)
    def reduce(x: Array, **attributes: Any) -> Array:
        if x.dtype == float16:
            return function(x.astype(np.float32), **attributes).astype(np.float16)
        return function(x, **attributes)

    return reduce


@operation
def sum(x: Array, *, dim: Dim = None, keepdim: bool = False, dtype: DTypeLike = None) -> Array:
    """The sum along `dim`; of nothing it is 0. Integers and booleans are summed as int64.

    dtype: sum in this type instead.
    """
    axes = normalize_dim("sum", dim, x.ndim)
    kind = as_dtype(dtype) if dtype is not None else sum_dtype(x)
    if kind == float16:
        return x.sum(axis=axes, keepdims=keepdim, dtype=np.float32).astype(kind)
    return x.sum(axis=axes, keepdims=keepdim, dtype=kind)


def sum_dtype(x: Array) -> np.dtype[Any]:
    """The dtype in which the elements of `x` are added or multiplied up: int64 for all integers."""
    return x.dtype if x.dtype.kind == "f" else DEFAULT_INT


@operation
@half_through_float32
def mean(x: Array, *, dim: Dim = None, keepdim: bool = False) -> Array:
    """The mean along `dim`: the sum over the count n. Of nothing it is nan.

    Raises TypeError for integers and booleans, as PyTorch does: say x.float().mean().
    """
    check_floating("mean", x)
    axes = normalize_dim("mean", dim, x.ndim)
    total = x.sum(axis=axes, keepdims=keepdim)
    return divide_by_count(total, product(x.shape[a] for a in axes))


@operation
@half_through_float32
def var(x: Array, *, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Array:
    """The variance along `dim`: Σ(x − mean)² / (n − correction).

    correction: 1 estimates the variance of what x was drawn from (Bessel); 0 gives that of x
    itself.
    Found in two passes, mean first: Σx² − n·mean² would lose all digits where the mean is large.
    With n ≤ correction the result is nan (or inf). Raises TypeError for integers and booleans.
    """
    check_floating("var", x)
    axes = normalize_dim("var", dim, x.ndim)
    n = product(x.shape[a] for a in axes)
    centre = divide_by_count(x.sum(axis=axes, keepdims=True), n)
    squares = np.square(x - centre).sum(axis=axes, keepdims=keepdim)
    return divide_by_count(squares, max_of_zero(n - correction))


def max_of_zero(count: float) -> float:
    """`count`, but not below zero."""
    return count if count > 0 else 0


def divide_by_count(total: Array, count: float) -> Array:
    """`total` over `count` in the dtype of `total`; over 0 it is nan or inf, and no warning."""
    if count:
        return total / total.dtype.type(count)
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / total.dtype.type(0)


def check_floating(name: str, x: Array) -> None:
    """Raise TypeError for integers and booleans."""
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: needs a floating tensor, but got {x.dtype}; use .float() first")


def std(x: Any, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Any:
    """The standard deviation along `dim`: the square root of the variance. See `var`."""
    return sqrt(var(x, dim=dim, correction=correction, keepdim=keepdim))


@operation(promote="floating")
@half_through_float32
def logsumexp(x: Array, *, dim: Dim, keepdim: bool = False) -> Array:
    """log Σ exp(x) along `dim`, without overflow: m + log Σ exp(x − m) with m the largest x.

    Where every x is −∞ it is −∞, where one is +∞ it is +∞; of nothing it is −∞.
    """
    axes = normalize_dim("logsumexp", dim, x.ndim)
    largest = x.max(axis=axes, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(largest), largest, x.dtype.type(0))
    total = np.exp(x - shift).sum(axis=axes, keepdims=True)
    with np.errstate(divide="ignore"):
        result = np.log(total) + shift
    return result if keepdim else result.squeeze(axes)


@operation
def prod(x: Array, *, dim: int | None = None, keepdim: bool = False) -> Array:
    """The product along one dimension or all; of nothing it is 1. Integers multiply as int64."""
    axes = normalize_dim("prod", dim, x.ndim)
    return x.prod(axis=axes, keepdims=keepdim, dtype=sum_dtype(x))


@operation
def amax(x: Array, *, dim: Dim = None, keepdim: bool = False) -> Array:
    """The largest value along `dim`; nan if there is one.

    Raises ValueError where there is no value.
    """
    axes = normalize_dim("amax", dim, x.ndim)
    check_not_empty("amax", x, axes)
    return x.max(axis=axes, keepdims=keepdim)


@operation
def amin(x: Array, *, dim: Dim = None, keepdim: bool = False) -> Array:
    """The smallest value along `dim`; nan if there is one.

    Raises ValueError where there is no value.
    """
    axes = normalize_dim("amin", dim, x.ndim)
    check_not_empty("amin", x, axes)
    return x.min(axis=axes, keepdims=keepdim)


def check_not_empty(name: str, x: Array, axes: tuple[int, ...]) -> None:
    """Raise ValueError if a dimension of `axes` has no elements."""
    if 0 in [x.shape[a] for a in axes]:
        raise ValueError(
            f"{name}: nothing has no extreme value; the shape {x.shape} has a size of 0"
        )


@operation
def max_along(x: Array, *, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
    """The largest value along one dimension, and the index of the first one (int64). See `max`."""
    return _extreme_along("max", np.ndarray.max, np.ndarray.argmax, x, dim, keepdim)


@operation
def min_along(x: Array, *, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
    """The smallest value along one dimension, and the index of the first one (int64). See `min`."""
    return _extreme_along("min", np.ndarray.min, np.ndarray.argmin, x, dim, keepdim)


def _extreme_along(
    name: str, best: Any, find: Any, x: Array, dim: int, keepdim: bool
) -> tuple[Array, Array]:
    axes = normalize_dim(name, dim, x.ndim)
    if not axes:
        return x.copy(), np.zeros((), DEFAULT_INT)
    check_not_empty(name, x, axes)
    values = best(x, axis=axes[0], keepdims=keepdim)
    return values, np.asarray(find(x, axis=axes[0], keepdims=keepdim), DEFAULT_INT)


def max(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest value of `x`; with `dim`, values and indices along it; of two tensors, `maximum`.

    As in PyTorch: `max(x)` is a 0-d tensor, `max(x, dim)` a pair `(values, indices)`, `max(x, y)`
    the larger one of each pair. Raises ValueError where there is no value.
    """
    return _extreme(x, dim, keepdim, amax, max_along, maximum)


def min(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest value of `x`, of each row, or of two tensors: see `max`."""
    return _extreme(x, dim, keepdim, amin, min_along, minimum)


def _extreme(x: Any, dim: Any, keepdim: bool, of_all: Any, along: Any, of_two: Any) -> Any:
    if dim is None:
        return of_all(x, keepdim=keepdim)
    if not isinstance(dim, int | np.integer):
        return of_two(x, dim)
    return ValuesAndIndices(*along(x, dim=dim, keepdim=keepdim))


@operation(differentiable=False)
def argmax(x: Array, *, dim: int | None = None, keepdim: bool = False) -> Array:
    """The index (int64) of the first largest value: along `dim`, or in all of `x` flattened."""
    return _arg_extreme("argmax", np.ndarray.argmax, x, dim, keepdim)


@operation(differentiable=False)
def argmin(x: Array, *, dim: int | None = None, keepdim: bool = False) -> Array:
    """The index (int64) of the first smallest value: along `dim`, or in all of `x` flattened."""
    return _arg_extreme("argmin", np.ndarray.argmin, x, dim, keepdim)


def _arg_extreme(name: str, find: Any, x: Array, dim: int | None, keepdim: bool) -> Array:
    axes = normalize_dim(name, dim, x.ndim)
    check_not_empty(name, x, axes)
    if dim is None or not axes:
        return np.asarray(find(x), DEFAULT_INT).reshape((1,) * x.ndim if keepdim else ())
    return np.asarray(find(x, axis=axes[0], keepdims=keepdim), DEFAULT_INT)


@operation
def cumsum(x: Array, *, dim: int) -> Array:
    """The running sum along `dim`: element i is the sum of the elements 0…i.

    Integers add as int64.
    """
    axes = normalize_dim("cumsum", dim, x.ndim)
    kind = sum_dtype(x)
    return np.cumsum(x, axis=axes[0], dtype=kind) if axes else x.astype(kind)


@operation(differentiable=False)
def any(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Array:
    """Whether any element along `dim` is not zero; of nothing, False."""
    return x.any(axis=normalize_dim("any", dim, x.ndim), keepdims=keepdim)


@operation(differentiable=False)
def all(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Array:
    """Whether every element along `dim` is not zero; of nothing, True."""
    return x.all(axis=normalize_dim("all", dim, x.ndim), keepdims=keepdim)


@operation(promote="floating")
@half_through_float32
def norm(x: Array, *, p: float = 2, dim: Dim = None, keepdim: bool = False) -> Array:
    """The p-norm (Σ|x|ᵖ)^(1/p) along `dim`, of the elements as one vector.

    p: 2 the length, 1 the sum of magnitudes, inf and −inf the largest and the smallest magnitude, 0
    the count of what is not zero.
    """
    axes = normalize_dim("norm", dim, x.ndim)
    size = np.abs(x)
    if p == np.inf:
        return size.max(axis=axes, keepdims=keepdim, initial=0)
    if p == -np.inf:
        return size.min(axis=axes, keepdims=keepdim, initial=np.inf)
    if p == 0:
        return (size != 0).sum(axis=axes, keepdims=keepdim, dtype=x.dtype)
    if p == 2:
        return np.sqrt(np.square(size).sum(axis=axes, keepdims=keepdim))
    return (size**p).sum(axis=axes, keepdims=keepdim) ** x.dtype.type(1 / p)
