"""Making tensors: from data, filled, or counted."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from operator import index
from typing import Any

import numpy as np

from ._tensor import Tensor, as_array
from .dtypes import DEFAULT_FLOAT, DEFAULT_INT, Array, DTypeLike, as_dtype, result_type


def tensor(data: Any, *, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data`: a number, nested lists of numbers, an array, or a tensor.

    Python floats become float32, integers int64; an array keeps its dtype. Raises ValueError for
    lists whose rows differ in length, TypeError for what are not numbers.
    """
    return Tensor(np.array(as_array(data, dtype), copy=True), requires_grad=requires_grad)


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares the memory of `array`: a write to one shows in the other."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected a NumPy array, but got {type(array).__name__}")
    return Tensor(array)


def from_dlpack(source: Any) -> Tensor:
    """A tensor that shares the memory of any CPU array that speaks DLPack, PyTorch's among them."""
    return Tensor(np.from_dlpack(source))


def as_size(size: Any) -> tuple[int, ...]:
    """A shape given as integers, `f(2, 3)`, or as one sequence, `f((2, 3))`."""
    if len(size) == 1 and isinstance(size[0], Sequence | np.ndarray):
        size = size[0]
    sizes = tuple(index(n) for n in size)
    if min(sizes, default=0) < 0:
        raise ValueError(f"a shape cannot have a negative size: {sizes}")
    return sizes


def full(
    size: Sequence[int] | int,
    fill_value: Any,
    *,
    dtype: DTypeLike = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor filled with `fill_value`, whose type decides the dtype if none is given."""
    kind = as_dtype(dtype) if dtype is not None else result_type(fill_value)
    filled = np.broadcast_to(as_array(fill_value, kind), as_size((size,)))
    return Tensor(filled.copy(), requires_grad=requires_grad)


def zeros(*size: Any, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """A tensor of zeros, float32 if no dtype is given. size: integers, or one shape."""
    kind = DEFAULT_FLOAT if dtype is None else as_dtype(dtype)
    return Tensor(np.zeros(as_size(size), kind), requires_grad=requires_grad)


def ones(*size: Any, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """A tensor of ones, float32 if no dtype is given. size: integers, or one shape."""
    kind = DEFAULT_FLOAT if dtype is None else as_dtype(dtype)
    return Tensor(np.ones(as_size(size), kind), requires_grad=requires_grad)


def empty(*size: Any, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """A tensor whose values are whatever the memory held before: for filling at once."""
    kind = DEFAULT_FLOAT if dtype is None else as_dtype(dtype)
    return Tensor(np.empty(as_size(size), kind), requires_grad=requires_grad)


def zeros_like(x: Tensor, *, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """Zeros with the shape and, if none is given, the dtype of `x`."""
    return zeros(x.shape, dtype=x.dtype if dtype is None else dtype, requires_grad=requires_grad)


def ones_like(x: Tensor, *, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """Ones with the shape and, if none is given, the dtype of `x`."""
    return ones(x.shape, dtype=x.dtype if dtype is None else dtype, requires_grad=requires_grad)


def empty_like(x: Tensor, *, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """`empty` with the shape and, if none is given, the dtype of `x`."""
    return empty(x.shape, dtype=x.dtype if dtype is None else dtype, requires_grad=requires_grad)


def full_like(
    x: Tensor, fill_value: Any, *, dtype: DTypeLike = None, requires_grad: bool = False
) -> Tensor:
    """`fill_value` with the shape and, if none is given, the dtype of `x`."""
    kind = x.dtype if dtype is None else dtype
    return full(x.shape, fill_value, dtype=kind, requires_grad=requires_grad)


def arange(
    start: float, end: float | None = None, step: float = 1, *, dtype: DTypeLike = None
) -> Tensor:
    """The numbers start, start + step, … before `end`; `arange(end)` starts at 0.

    int64 if all are integers, else float32. There are ⌈(end − start) / step⌉ of them.
    Raises ValueError if `step` is 0 or leads away from `end`.
    """
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) / step < 0:
        raise ValueError(f"arange: steps of {step} do not lead from {start} to {end}")
    whole = all(isinstance(x, int | np.integer) for x in (start, end, step))
    kind = as_dtype(dtype) if dtype is not None else (DEFAULT_INT if whole else DEFAULT_FLOAT)
    count = ceil((end - start) / step)
    return Tensor((start + np.arange(count) * step).astype(kind))


def linspace(start: float, end: float, steps: int, *, dtype: DTypeLike = None) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included."""
    if steps < 0:
        raise ValueError(f"linspace: the number of steps must not be negative, but is {steps}")
    kind = DEFAULT_FLOAT if dtype is None else as_dtype(dtype)
    return Tensor(np.linspace(start, end, steps).astype(kind))


def eye(n: int, m: int | None = None, *, dtype: DTypeLike = None) -> Tensor:
    """An n × m matrix (n × n if m is not given) with ones on the main diagonal."""
    return Tensor(np.eye(n, m, dtype=DEFAULT_FLOAT if dtype is None else as_dtype(dtype)))
