"""Functions of each element by itself, and choices between elements.

A function that leaves the integers (`exp`, `sqrt`, …) turns integer tensors into float32 first.
Values outside a function's domain give nan or inf and NumPy's warning.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._operation import operation
from .dtypes import DEFAULT_INT, Array, result_type
from .error_function import error_function


@operation(promote="floating")
def exp(x: Array) -> Array:
    """eˣ."""
    return np.exp(x)


@operation(promote="floating")
def log(x: Array) -> Array:
    """The natural logarithm; −inf at 0, nan below."""
    return np.log(x)


@operation(promote="floating")
def log1p(x: Array) -> Array:
    """log(1 + x), exact for small x."""
    return np.log1p(x)


@operation(promote="floating")
def sqrt(x: Array) -> Array:
    """√x; nan below 0."""
    return np.sqrt(x)


@operation(promote="floating")
def rsqrt(x: Array) -> Array:
    """1/√x; inf at 0, nan below."""
    return np.reciprocal(np.sqrt(x))


@operation(promote="floating")
def reciprocal(x: Array) -> Array:
    """1/x; inf at 0."""
    return np.reciprocal(x)


@operation
def abs(x: Array) -> Array:
    """|x|."""
    return np.abs(x)


@operation
def square(x: Array) -> Array:
    """x²; booleans become integers."""
    return np.square(x) if x.dtype.kind != "b" else x.astype(DEFAULT_INT)


@operation(promote="floating")
def sin(x: Array) -> Array:
    """sin x, x in radians."""
    return np.sin(x)


@operation(promote="floating")
def cos(x: Array) -> Array:
    """cos x, x in radians."""
    return np.cos(x)


@operation(promote="floating")
def erf(x: Array) -> Array:
    """The error function (2/√π)·∫₀ˣ e^(−t²) dt, to a few units in the last place of its dtype."""
    return error_function(x)


@operation(promote="common")
def maximum(a: Array, b: Array) -> Array:
    """The larger of a and b, with broadcasting; nan if either is nan."""
    return np.maximum(a, b)


@operation(promote="common")
def minimum(a: Array, b: Array) -> Array:
    """The smaller of a and b, with broadcasting; nan if either is nan."""
    return np.minimum(a, b)


@operation
def clip(x: Array, *, min: Any = None, max: Any = None) -> Array:
    """x, but at least `min` and at most `max`; where min > max, max. Raises ValueError if both are
    None.

    min, max: numbers, or tensors that broadcast. The result has the common dtype of all three: an
    integer tensor with a fractional bound becomes float32.
    """
    if min is None and max is None:
        raise ValueError("clip: give min, max or both")
    kind = result_type(x, *(bound for bound in (min, max) if bound is not None))
    out = x.astype(kind, copy=False)
    if min is not None:
        out = np.maximum(out, np.asarray(min, kind))
    return out if max is None else np.minimum(out, np.asarray(max, kind))


@operation
def where(condition: Array, a: Array, b: Array) -> Array:
    """a where `condition` holds, b elsewhere, with broadcasting. The result has the common dtype of
    a and b.

    Raises TypeError if `condition` is not boolean.
    """
    if condition.dtype.kind != "b":
        raise TypeError(f"where: the condition must be boolean, not {condition.dtype}")
    dtype = result_type(a, b)
    return np.where(condition, np.asarray(a, dtype), np.asarray(b, dtype))


@operation(differentiable=False)
def sign(x: Array) -> Array:
    """−1, 0 or 1: the sign of x; of nan it is nan (0 in PyTorch).

    Constant almost everywhere, so no gradient passes.
    """
    return np.sign(x) if x.dtype.kind != "b" else x.copy()


@operation(differentiable=False)
def floor(x: Array) -> Array:
    """The largest whole number that is not above x."""
    return np.floor(x) if x.dtype.kind == "f" else x.copy()


@operation(differentiable=False)
def ceil(x: Array) -> Array:
    """The smallest whole number that is not below x."""
    return np.ceil(x) if x.dtype.kind == "f" else x.copy()


@operation(differentiable=False)
def round(x: Array) -> Array:
    """The nearest whole number; a half goes to the even one, as in IEEE 754 (2.5 to 2)."""
    return np.round(x) if x.dtype.kind == "f" else x.copy()


@operation(differentiable=False)
def isfinite(x: Array) -> Array:
    """Whether x is neither nan nor infinite."""
    return np.isfinite(x)


@operation(differentiable=False)
def isnan(x: Array) -> Array:
    """Whether x is nan."""
    return np.isnan(x)


@operation(differentiable=False)
def isinf(x: Array) -> Array:
    """Whether x is +∞ or −∞."""
    return np.isinf(x)
