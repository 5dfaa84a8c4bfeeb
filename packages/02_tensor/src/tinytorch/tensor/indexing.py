"""Indexing: reading and gathering elements by their positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._operation import operation
from .dtypes import DEFAULT_INT, Array
from .errors import check_dim
from .reductions import ValuesAndIndices


@operation(views=True)
def getitem(x: Array, *, index: Any) -> Array:
    """`x[index]`. A view for integers, slices, None and `...`; a copy for index arrays and masks.

    Raises IndexError for a position outside, ValueError for a slice with a negative step (use
    `flip`), as PyTorch does.
    """
    picked = x[index]
    if type(picked) is np.ndarray:
        return picked
    # One element: with an ellipsis NumPy gives a view of it, without one a copy.
    return x[(*index, ...)] if isinstance(index, tuple) else x[index, ...]


_PLAIN = (int, type(None))


def as_index(index: Any) -> Any:
    """What stands in brackets after a tensor, with tensors turned into arrays.

    Raises as `getitem`.
    """
    if type(index) is int:
        return index
    if isinstance(index, tuple):
        return tuple(as_index(part) for part in index)
    if isinstance(index, slice):
        return _as_slice(index)
    if isinstance(index, list):
        return np.asarray(index, dtype=None if index else DEFAULT_INT)
    array = np.asarray(index) if isinstance(index, bool) else getattr(index, "array", index)
    if not isinstance(array, np.ndarray):
        return array
    if array.dtype.kind == "f":
        raise IndexError(
            f"an index must be made of integers or booleans, not {array.dtype}; use .long()"
        )
    # A 0-d integer is a position like another, and gives a view.
    return array if array.ndim or array.dtype.kind == "b" else int(array)


def in_two_steps(index: Any) -> tuple[Any, Any]:
    """An index as two that are applied one after the other: what gives a view, then the arrays.

    `x[0, :, [1, 2]]` is `x[0][:, [1, 2]]` in PyTorch. NumPy takes the 0 for an array too, and puts
    the dimension of arrays that do not stand side by side first. The second is None if one step is
    enough.
    """
    if not isinstance(index, tuple) or not [p for p in index if isinstance(p, np.ndarray)]:
        return index, None
    if not [part for part in index if isinstance(part, int | np.integer)]:
        return index, None
    first: list[Any] = []
    second: list[Any] = []
    for part in index:
        if isinstance(part, np.ndarray):
            # A mask stands for all of its dimensions, other arrays for one.
            first += [slice(None)] * (part.ndim if part.dtype.kind == "b" else 1)
            second.append(part)
        else:
            first.append(part)
            if not isinstance(part, int | np.integer):
                second.append(... if part is ... else slice(None))
    # The ellipsis keeps one element an array, which can be written to.
    return (*first, *([] if ... in first else [...])), tuple(second)


def _as_slice(index: slice) -> slice:
    if index.step is None and type(index.start) in _PLAIN and type(index.stop) in _PLAIN:
        return index
    parts = [getattr(part, "array", part) for part in (index.start, index.stop, index.step)]
    start, stop, step = (int(p) if isinstance(p, np.ndarray) else p for p in parts)
    if step is not None and step <= 0:
        raise ValueError(f"the step of a slice must be positive, not {step}; to reverse, use flip")
    return slice(start, stop, step)


@operation
def take(x: Array, *, index: Array) -> Array:
    """The elements of `x`, flattened, at the positions `index`; the result has the shape of
    `index`.

    index: integers, negative ones counted from the end. Raises IndexError for a position outside.
    """
    check_index("take", index, x.size)
    return x.reshape(-1)[index]


@operation
def gather(x: Array, *, dim: int, index: Array) -> Array:
    """Elements of `x` picked along `dim`: for dim = 1, out[i, j] = x[i, index[i, j]].

    index: integers, as many dimensions as x, sizes at most those of x except along `dim`. The
    result has its shape. Raises IndexError for a position outside, ValueError for shapes that do
    not fit, TypeError for an index that is not made of integers.
    """
    along = check_along("gather", x.shape, dim, index)
    return x[positions(index, along)]


@operation(promote="common")
def scatter_add(x: Array, src: Array, *, dim: int, index: Array) -> Array:
    """A copy of `x` with the elements of `src` added where `index` says: the reverse of `gather`.

    For dim = 1, out[i, index[i, j]] += src[i, j]; a position that occurs twice gets both. index and
    src have one shape, with as many dimensions as x. x and src meet in their common dtype. Raises
    as `gather`.
    """
    along = check_along("scatter_add", x.shape, dim, index)
    if src.shape != index.shape:
        raise ValueError(
            f"scatter_add: index {index.shape} and src {src.shape} must have the same shape"
        )
    out = x.copy()
    np.add.at(out, positions(index, along), src)
    return out


def positions(index: Array, dim: int) -> tuple[Array, ...]:
    """Where each element of `index` points: its own position, but along `dim` its value."""
    grid: list[Any] = list(np.indices(index.shape, sparse=True))
    grid[dim] = index
    return tuple(grid)


def check_along(name: str, shape: tuple[int, ...], dim: int, index: Array) -> int:
    """`dim` counted from the front, if `index` can pick along it from a tensor of `shape`."""
    along = check_dim(name, dim, len(shape))
    fits = index.ndim == len(shape) and all(
        i <= n for axis, (i, n) in enumerate(zip(index.shape, shape, strict=True)) if axis != along
    )
    if not fits:
        raise ValueError(
            f"{name}: the index {index.shape} needs as many dimensions as the tensor {shape}, and "
            f"no larger sizes except in dimension {dim}"
        )
    check_index(name, index, shape[along])
    if index.size and index.min() < 0:
        raise IndexError(f"{name}: negative index {index.min()}; count from 0")
    return along


def check_index(name: str, index: Array, size: int) -> None:
    """Raise unless `index` holds integers that point into `size` elements."""
    if index.dtype.kind not in "iu":
        raise TypeError(f"{name}: an index must be made of integers, not {index.dtype}")
    if not index.size:
        return
    lowest, highest = index.min(), index.max()
    if not (-size <= lowest and highest < size):
        raise IndexError(
            f"{name}: the index has values from {lowest} to {highest}, but there are {size} "
            "elements"
        )


@operation
def masked_select(x: Array, *, mask: Array) -> Array:
    """The elements of `x` where `mask` holds, as a 1-d tensor, in the order of their positions.

    mask: boolean, broadcast together with x. Raises TypeError if it is not boolean.
    """
    if mask.dtype.kind != "b":
        raise TypeError(f"masked_select: the mask must be boolean, not {mask.dtype}")
    x, mask = np.broadcast_arrays(x, mask)
    return x[mask]


@operation(called="sort")
def sort_along(x: Array, *, dim: int = -1, descending: bool = False) -> tuple[Array, Array]:
    """The values of `x` in order along `dim`, and where they were (int64). See `sort`."""
    if x.ndim == 0:
        return x.copy(), np.zeros((), DEFAULT_INT)
    along = check_dim("sort", dim, x.ndim)
    order = argsorted(x, along, descending)
    return np.take_along_axis(x, order, along), order


@operation(called="topk")
def topk_along(x: Array, *, k: int, dim: int = -1, largest: bool = True) -> tuple[Array, Array]:
    """The `k` largest or smallest values along `dim`, in order, and where they were. See `topk`."""
    along = check_dim("topk", dim, x.ndim) if x.ndim else 0
    size = x.shape[along] if x.ndim else 1
    if not 0 <= k <= size:
        raise ValueError(f"topk: k = {k}, but dimension {dim} of {x.shape} has {size} elements")
    if x.ndim == 0:
        return x.copy(), np.zeros((), DEFAULT_INT)
    order = np.take(argsorted(x, along, largest), np.arange(k), axis=along)
    return np.take_along_axis(x, order, along), order


def argsorted(x: Array, axis: int, descending: bool) -> Array:
    """The order that sorts `x` along `axis`; equal values keep theirs, nan is the largest."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    backwards = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(backwards, axis)


def sort(x: Any, dim: int = -1, descending: bool = False) -> ValuesAndIndices:
    """`x` sorted along `dim`: values, and the indices they had (int64).

    Equal values keep their order (PyTorch promises that only with stable=True); nan counts as the
    largest.
    """
    return ValuesAndIndices(*sort_along(x, dim=dim, descending=descending))


def argsort(x: Any, dim: int = -1, descending: bool = False) -> Any:
    """The indices that sort `x` along `dim`. See `sort`."""
    return sort(x, dim, descending).indices


def topk(x: Any, k: int, dim: int = -1, largest: bool = True) -> ValuesAndIndices:
    """The `k` largest values along `dim` (smallest, if not `largest`), in order, and their indices.

    Of equal values the first comes first. Raises ValueError if there are fewer than `k`.
    """
    return ValuesAndIndices(*topk_along(x, k=k, dim=dim, largest=largest))


def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    """`x` with `value` where `mask` (boolean, broadcast to x) holds; the dtype stays that of x."""
    from .elementwise import where

    value = value.to(x.dtype) if hasattr(value, "array") else np.asarray(value, x.dtype)
    return where(mask, value, x)


def index_select(x: Any, dim: int, index: Any) -> Any:
    """The slices of `x` along `dim` at the positions `index` (1-d), in that order."""
    before: Sequence[Any] = (slice(None),) * check_dim("index_select", dim, x.ndim)
    return x[(*before, index)]
