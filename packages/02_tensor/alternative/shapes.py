"""Task 2.4 by other ways: views made by hand from strides, a missing size found by division."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .dtypes import Array
from .errors import check_dim


def infer_shape(shape: Sequence[int], numel: int) -> tuple[int, ...]:
    sizes, unknown, known = list(shape), None, 1
    for axis, size in enumerate(sizes):
        if size >= 0:
            known *= size
        elif size == -1 and unknown is None:
            unknown = axis
        else:
            raise ValueError(f"reshape: {tuple(shape)} has a size that cannot be")
    if unknown is not None:
        if known == 0:
            raise ValueError(f"reshape: the -1 in {tuple(shape)} could be anything")
        sizes[unknown], rest = divmod(numel, known)
        known = numel - rest
    if known != numel:
        raise ValueError(f"reshape: {tuple(shape)} cannot hold {numel} elements")
    return tuple(sizes)


def permute(x: Array, *, dims: Sequence[int]) -> Array:
    order = [d + x.ndim if d < 0 else d for d in dims]
    if sorted(order) != list(range(x.ndim)):
        raise ValueError(f"permute: {tuple(dims)} is no order of the dimensions of {x.shape}")
    return as_strided(x, [x.shape[d] for d in order], [x.strides[d] for d in order])


def transpose(x: Array, *, dim0: int, dim1: int) -> Array:
    if x.ndim == 0 and {dim0, dim1} <= {0, -1}:
        return x[...]
    first, second = (check_dim("transpose", d, x.ndim) for d in (dim0, dim1))
    shape, strides = list(x.shape), list(x.strides)
    shape[first], shape[second] = shape[second], shape[first]
    strides[first], strides[second] = strides[second], strides[first]
    return as_strided(x, shape, strides)


def unsqueeze(x: Array, *, dim: int) -> Array:
    place = check_dim("unsqueeze", dim, x.ndim + 1)
    index = [slice(None)] * x.ndim
    return x[(*index[:place], np.newaxis, *index[place:], ...)]
