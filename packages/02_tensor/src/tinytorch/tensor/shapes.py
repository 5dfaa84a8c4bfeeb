"""Shapes: the same numbers, seen or laid out differently.

Those marked *view* copy nothing: the result looks into the memory of its input, with another shape
and other strides, and a write to one shows in the other. The others copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ._operation import operation
from .dtypes import Array
from .errors import check_dim


def infer_shape(shape: Sequence[int], numel: int) -> tuple[int, ...]:
    """`shape` for `numel` elements, its one -1, if there is one, replaced by the size that fits.

    `infer_shape((2, -1), 6) == (2, 3)`. Raises ValueError if the sizes cannot hold exactly `numel`
    elements, if -1 occurs twice, if another size is negative, or if -1 could be any size (the
    others have no elements).
    """
    sizes = tuple(shape)
    if sizes.count(-1) > 1 or [size for size in sizes if size < -1]:
        raise ValueError(f"reshape: {sizes} is no shape: sizes are 0 or more, and one may be -1")
    if -1 in sizes:
        known = prod(size for size in sizes if size != -1)
        if known == 0:
            raise ValueError(f"reshape: with {sizes}, -1 could be any size; write the one you mean")
        sizes = tuple(numel // known if size == -1 else size for size in sizes)
    if prod(sizes) != numel:
        raise ValueError(f"reshape: {numel} elements do not fill the shape {tuple(shape)}")
    return sizes


@operation(views=True)
def reshape(x: Array, *, shape: Sequence[int]) -> Array:
    """`x` with another shape, its elements in the same order (row by row); one size may be -1.

    A view where strides can express it, else a copy, as in PyTorch. Raises ValueError where the
    sizes do not fit.
    """
    return x.reshape(infer_shape(shape, x.size))


@operation(views=True)
def view(x: Array, *, shape: Sequence[int]) -> Array:
    """`reshape`, but never a copy (*view*). Raises ValueError where only a copy could do it."""
    sizes = infer_shape(shape, x.size)
    try:
        return x.reshape(sizes, copy=False)
    except ValueError:
        raise ValueError(
            f"view: a tensor of shape {x.shape} with these strides cannot be seen as "
            f"{tuple(shape)} without a copy; use reshape, or contiguous() first"
        ) from None


@operation(views=True)
def permute(x: Array, *, dims: Sequence[int]) -> Array:
    """`x` with its dimensions in the order `dims` (*view*): dimension i of the result is dims[i] of
    `x`.

    Only the strides change places. Raises ValueError unless `dims` names each dimension once.
    """
    try:
        return x.transpose(dims)
    except ValueError:
        raise ValueError(
            f"permute: {tuple(dims)} must name each of the {x.ndim} dimensions of {x.shape} once"
        ) from None


@operation(views=True)
def transpose(x: Array, *, dim0: int, dim1: int) -> Array:
    """`x` with two dimensions exchanged (*view*)."""
    if x.ndim == 0 and {dim0, dim1} <= {0, -1}:
        return x.view()
    return x.swapaxes(dim0, dim1)


@operation(views=True)
def squeeze(x: Array, *, dim: int | Sequence[int] | None = None) -> Array:
    """`x` without its dimensions of size 1 (*view*): all of them, or those in `dim`.

    A dimension in `dim` that has another size stays as it is, as in PyTorch.
    """
    if dim is None:
        return x.squeeze()
    dims = (dim,) if isinstance(dim, int) else dim
    if x.ndim == 0:
        return x.view()
    found = tuple(check_dim("squeeze", d, x.ndim) for d in dims)
    return x.squeeze(tuple(d for d in found if x.shape[d] == 1))


@operation(views=True)
def unsqueeze(x: Array, *, dim: int) -> Array:
    """`x` with a new dimension of size 1 at position `dim` (*view*).

    dim: from 0 to the number of dimensions, or from the end. Raises IndexError for another.
    """
    if not -x.ndim - 1 <= dim <= x.ndim:
        raise IndexError(
            f"unsqueeze: {x.shape} has no place {dim} for a new dimension; "
            f"the places go from {-x.ndim - 1} to {x.ndim}"
        )
    return np.expand_dims(x, dim)


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """`x` with the dimensions from `start_dim` to `end_dim` made one; a 0-d tensor becomes 1-d."""
    if x.ndim == 0:
        return reshape(x, (1,))
    first = check_dim("flatten", start_dim, x.ndim)
    last = check_dim("flatten", end_dim, x.ndim)
    if first > last:
        raise ValueError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    joined = prod(x.shape[first : last + 1])
    return reshape(x, (*x.shape[:first], joined, *x.shape[last + 1 :]))


@operation(promote="common")
def cat(*tensors: Array, dim: int = 0) -> Array:
    """The `tensors` one after another along an existing dimension; the other sizes must be equal.

    Raises ValueError for an empty list or where the other sizes differ.
    """
    if not tensors:
        raise ValueError("cat: expected at least one tensor")
    along = check_dim("cat", dim, tensors[0].ndim)
    try:
        return np.concatenate(tensors, axis=along)
    except ValueError:
        listed = ", ".join(str(x.shape) for x in tensors)
        raise ValueError(f"cat: the shapes {listed} may differ only in dimension {dim}") from None


@operation(promote="common")
def stack(*tensors: Array, dim: int = 0) -> Array:
    """The `tensors`, all of one shape, along a new dimension at position `dim`."""
    if not tensors:
        raise ValueError("stack: expected at least one tensor")
    if len({x.shape for x in tensors}) > 1:
        listed = ", ".join(str(x.shape) for x in tensors)
        raise ValueError(f"stack: the shapes {listed} must be equal")
    return np.stack(tensors, axis=check_dim("stack", dim, tensors[0].ndim + 1))


@operation(views=True)
def split(x: Array, *, split_size: int | Sequence[int], dim: int = 0) -> tuple[Array, ...]:
    """`x` in pieces along `dim` (*views*): of `split_size` each, the last perhaps smaller, or of
    the given sizes.

    Raises ValueError if given sizes do not add up to the size of the dimension.
    """
    along = check_dim("split", dim, x.ndim)
    total = x.shape[along]
    if isinstance(split_size, int):
        if split_size <= 0:
            raise ValueError(f"split: the size of a piece must be positive, not {split_size}")
        cuts = list(range(split_size, total, split_size))
    else:
        if sum(split_size) != total or min(split_size, default=0) < 0:
            raise ValueError(
                f"split: the sizes {list(split_size)} must add up to {total}, the size of "
                f"dimension {dim}"
            )
        cuts = list(np.cumsum(split_size)[:-1])
    return tuple(np.split(x, cuts, axis=along))


def chunk(x: Any, chunks: int, dim: int = 0) -> Any:
    """`x` in at most `chunks` equal pieces along `dim` (*views*), the last perhaps smaller."""
    if chunks <= 0:
        raise ValueError(f"chunk: the number of pieces must be positive, not {chunks}")
    size = x.shape[check_dim("chunk", dim, x.ndim)]
    return split(x, max(-(-size // chunks), 1), dim)


@operation
def pad(x: Array, *, pad: Sequence[int], value: float = 0.0) -> Array:
    """`x` with `value` put around it.

    pad: (left, right) of the last dimension, then of the one before, and so on, as in PyTorch; a
    negative number cuts away instead. Raises ValueError for an odd count, more pairs than
    dimensions, or more cut away than there is.
    """
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ValueError(
            f"pad: {tuple(pad)} must be pairs (before, after), last dimension first, for at most "
            f"{x.ndim} dimensions"
        )
    pairs = list(zip(pad[0::2], pad[1::2], strict=True))[::-1]
    pairs = [(0, 0)] * (x.ndim - len(pairs)) + pairs
    if any(max(-b, 0) + max(-a, 0) > size for size, (b, a) in zip(x.shape, pairs, strict=True)):
        raise ValueError(f"pad: {tuple(pad)} cuts away more than the shape {x.shape} has")
    cut = tuple(
        slice(max(-before, 0), size - max(-after, 0))
        for size, (before, after) in zip(x.shape, pairs, strict=True)
    )
    widths = [(max(before, 0), max(after, 0)) for before, after in pairs]
    return np.pad(x[cut], widths, constant_values=x.dtype.type(value))


@operation
def flip(x: Array, *, dims: int | Sequence[int]) -> Array:
    """A copy of `x` with the order along `dims` reversed. (A view in NumPy, a copy in PyTorch.)"""
    dims = (dims,) if isinstance(dims, int) else dims
    return np.flip(x, tuple(check_dim("flip", d, x.ndim) for d in dims)).copy()


@operation
def roll(
    x: Array, *, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None
) -> Array:
    """`x` moved by `shifts` along `dims`; what leaves at the end enters at the start.

    Without `dims`, x is moved as one line and takes its shape again.
    """
    return np.roll(x, shifts, dims)


@operation
def tril(x: Array, *, diagonal: int = 0) -> Array:
    """The lower triangle of each matrix in x: (…, n, m), zero elsewhere.

    diagonal: how far above the main diagonal (below, if negative) the triangle still reaches.
    """
    _check_matrix("tril", x)
    return np.tril(x, diagonal)


@operation
def triu(x: Array, *, diagonal: int = 0) -> Array:
    """The upper triangle of each matrix in x: (…, n, m), zero elsewhere. See `tril`."""
    _check_matrix("triu", x)
    return np.triu(x, diagonal)


def _check_matrix(name: str, x: Array) -> None:
    if x.ndim < 2:
        raise ValueError(f"{name}: expected at least two dimensions, but got the shape {x.shape}")


@operation(views=True)
def contiguous(x: Array) -> Array:
    """`x` laid out row by row: `x` itself where it already is, else a copy."""
    return np.ascontiguousarray(x).reshape(x.shape)


@operation
def clone(x: Array) -> Array:
    """A copy of `x` with its own memory, laid out alike. Gradients flow through."""
    return x.copy(order="K")


@operation
def cast(x: Array, *, dtype: Any) -> Array:
    """A copy of `x` with another dtype. Floats lose their fraction on the way to integers."""
    return x.astype(dtype)
