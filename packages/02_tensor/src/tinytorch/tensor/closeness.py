"""Whether tensors are equal, or as good as equal."""

from __future__ import annotations

from typing import Any

from ._tensor import Tensor, as_array
from .arithmetic import eq, le
from .elementwise import isfinite, isnan, where


def isclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether |a − b| ≤ atol + rtol · |b|, element by element; infinities are close to themselves.

    a, b: tensors that broadcast. equal_nan: whether nan counts as close to nan.
    """
    a, b = Tensor(as_array(a)), Tensor(as_array(b))
    finite = isfinite(a) & isfinite(b)
    here, there = where(finite, a, 0).double(), where(finite, b, 0).double()
    close = finite & le((here - there).abs(), atol + rtol * there.abs()) | eq(a, b)
    return close | (isnan(a) & isnan(b)) if equal_nan else close


def allclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether all elements are close. See `isclose`."""
    return bool(isclose(a, b, rtol, atol, equal_nan).all())


def equal(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors have the same shape and the same elements. (nan equals nothing.)"""
    return a.shape == b.shape and bool(eq(a, b).all())
