"""Task 2.7 by other ways: one line of memory and positions in it, sums of sorted runs."""

from __future__ import annotations

import numpy as np

from .dtypes import Array
from .errors import check_dim


def take(x: Array, *, index: Array) -> Array:
    refuse_other_than_integers("take", index)
    line = np.ascontiguousarray(x).ravel()
    wrapped = np.where(index < 0, index.astype(np.int64) + line.size, index)
    if wrapped.size and not (wrapped.min() >= 0 and wrapped.max() < line.size):
        raise IndexError(f"take: a position in {index.tolist()} is outside of {line.size} elements")
    return np.take(line, wrapped.astype(np.int64))


def gather(x: Array, *, dim: int, index: Array) -> Array:
    along = pick_along("gather", x, dim, index)
    reach = tuple(slice(n) for n in index.shape)
    shortened = x[(*reach[:along], slice(None), *reach[along + 1 :])]
    return np.take_along_axis(shortened, index.astype(np.int64), along)


def scatter_add(x: Array, src: Array, *, dim: int, index: Array) -> Array:
    along = pick_along("scatter_add", x, dim, index)
    if index.shape != src.shape:
        raise ValueError(f"scatter_add: src {src.shape} has not the shape of index {index.shape}")
    out = np.array(x, order="C")
    if not index.size:
        return out
    where = list(np.indices(index.shape))
    where[along] = index.astype(np.int64)
    places = np.ravel_multi_index(where, x.shape).ravel()
    order = np.argsort(places, kind="stable")
    targets, starts = np.unique(places[order], return_index=True)
    sums = np.add.reduceat(src.ravel()[order], starts)
    out.reshape(-1)[targets] += sums.astype(out.dtype)
    return out


def pick_along(name: str, x: Array, dim: int, index: Array) -> int:
    """`dim` counted from the front. Raises where `index` cannot pick along it from `x`."""
    along = check_dim(name, dim, x.ndim)
    others = [axis for axis in range(x.ndim) if axis != along]
    if index.ndim != x.ndim or any(index.shape[axis] > x.shape[axis] for axis in others):
        raise ValueError(f"{name}: an index of shape {index.shape} does not fit {x.shape}")
    refuse_other_than_integers(name, index)
    for position in (index.min(), index.max()) if index.size else ():
        if not 0 <= position < x.shape[along]:
            raise IndexError(f"{name}: position {position} is outside of {x.shape[along]} elements")
    return along


def refuse_other_than_integers(name: str, index: Array) -> None:
    if index.dtype.kind not in "iu":
        raise TypeError(f"{name}: positions are integers, not {index.dtype}")
