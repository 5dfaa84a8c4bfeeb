"""Task 2.5 by other ways: reduced dimensions put last and made one, then reduced together."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index

import numpy as np

from .dtypes import Array
from .errors import check_dim
from .reductions import Dim, check_floating


def normalize_dim(name: str, dim: Dim, ndim: int) -> tuple[int, ...]:
    if isinstance(dim, Iterable):
        dims = [index(d) for d in dim]
    else:
        dims = [] if dim is None else [index(dim)]
    if not dims:
        return tuple(range(ndim))
    if ndim == 0 and len(dims) == 1 and dims[0] in (0, -1):
        return ()
    found: list[int] = []
    for d in dims:
        axis = check_dim(name, d, ndim)
        if axis in found:
            raise ValueError(f"{name}: dim={dim} has dimension {axis} twice")
        found.append(axis)
    return tuple(found)


def put_last(x: Array, axes: tuple[int, ...]) -> Array:
    """x: (…) as (kept…, n), with the dimensions `axes` behind the others and made one."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    sizes = [x.shape[axis] for axis in kept]
    n = 1
    for axis in axes:
        n *= x.shape[axis]
    return x.transpose([*kept, *sorted(axes)]).reshape([*sizes, n])


def put_back(result: Array, x: Array, axes: tuple[int, ...], keepdim: bool) -> Array:
    """`result` with a size of 1 in the place of each reduced dimension, if they are kept."""
    if not keepdim:
        return result
    return result.reshape([1 if axis in axes else n for axis, n in enumerate(x.shape)])


def over(total: Array, count: float) -> Array:
    """`total` / `count` in the dtype of `total`, without a warning for 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(total, count if count > 0 else 0, dtype=total.dtype)


def mean(x: Array, *, dim: Dim = None, keepdim: bool = False) -> Array:
    check_floating("mean", x)
    axes = normalize_dim("mean", dim, x.ndim)
    last = put_last(x, axes)
    return put_back(over(last.sum(axis=-1), last.shape[-1]), x, axes, keepdim)


def var(x: Array, *, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Array:
    check_floating("var", x)
    axes = normalize_dim("var", dim, x.ndim)
    last = put_last(x, axes)
    n = last.shape[-1]
    away = last - over(last.sum(axis=-1), n)[..., None]
    squares = np.einsum("...i,...i->...", away, away)
    return put_back(over(squares, n - correction), x, axes, keepdim)


def logsumexp(x: Array, *, dim: Dim, keepdim: bool = False) -> Array:
    axes = normalize_dim("logsumexp", dim, x.ndim)
    with np.errstate(invalid="ignore"):
        pairwise = np.logaddexp.reduce(put_last(x, axes), axis=-1, initial=-np.inf)
    return put_back(np.asarray(pairwise, x.dtype), x, axes, keepdim)
