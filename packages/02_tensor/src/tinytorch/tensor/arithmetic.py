"""Arithmetic and comparison, element by element, with broadcasting.

Inputs are tensors or Python numbers of any shapes that broadcast together. Where not said otherwise
the result has the common dtype of the inputs; see `dtypes`. Each raises ValueError where the shapes
do not broadcast.
"""

from __future__ import annotations

import numpy as np

from ._operation import operation
from .dtypes import Array


@operation(promote="common")
def add(a: Array, b: Array) -> Array:
    """a + b."""
    return np.add(a, b)


@operation(promote="common")
def sub(a: Array, b: Array) -> Array:
    """a − b. Raises TypeError for two boolean tensors: use ^ or logical_not."""
    return np.subtract(a, b)


@operation(promote="common")
def mul(a: Array, b: Array) -> Array:
    """a · b."""
    return np.multiply(a, b)


@operation(promote="floating")
def div(a: Array, b: Array) -> Array:
    """a / b, always a floating result: integers become float32 first.

    A division by zero gives inf or nan, as IEEE 754 says, and NumPy's warning.
    """
    return np.divide(a, b)


@operation
def neg(x: Array) -> Array:
    """−x."""
    return np.negative(x)


@operation(promote="common")
def pow(a: Array, b: Array) -> Array:
    """a to the power b. A negative float to a fraction is nan.

    Raises ValueError for an integer tensor to a negative integer: the result would not be an
    integer. Raises TypeError for two booleans.
    """
    refuse_booleans("pow", a, b)
    return np.power(a, b)


@operation(promote="common", differentiable=False)
def floor_divide(a: Array, b: Array) -> Array:
    """The quotient a / b rounded down to a whole number, towards −∞.

    Raises ZeroDivisionError for integers over 0, TypeError for two booleans.
    """
    refuse_booleans("floor_divide", a, b)
    refuse_whole_zero("floor_divide", a, b)
    return np.floor_divide(a, b)


@operation(promote="common")
def remainder(a: Array, b: Array) -> Array:
    """What floor division leaves, a − b·⌊a/b⌋; it has the sign of b. Raises as `floor_divide`."""
    refuse_booleans("remainder", a, b)
    refuse_whole_zero("remainder", a, b)
    return np.remainder(a, b)


def refuse_booleans(name: str, a: Array, b: Array) -> None:
    """Raise TypeError for two booleans, which NumPy would turn into int8."""
    if all(np.asarray(x).dtype.kind == "b" for x in (a, b)):
        raise TypeError(f"{name}: not defined for booleans; use .long() first")


def refuse_whole_zero(name: str, a: Array, b: Array) -> None:
    """Raise ZeroDivisionError for integers over 0, which NumPy would answer with 0."""
    floating = any(np.asarray(x).dtype.kind == "f" for x in (a, b))
    if not (floating or np.all(b)):
        raise ZeroDivisionError(f"{name}: integers cannot be divided by 0; use .float() for inf")


@operation(promote="common", differentiable=False)
def eq(a: Array, b: Array) -> Array:
    """Whether a = b. The result is boolean, as in all comparisons."""
    return np.equal(a, b)


@operation(promote="common", differentiable=False)
def ne(a: Array, b: Array) -> Array:
    """Whether a ≠ b."""
    return np.not_equal(a, b)


@operation(promote="common", differentiable=False)
def lt(a: Array, b: Array) -> Array:
    """Whether a < b."""
    return np.less(a, b)


@operation(promote="common", differentiable=False)
def le(a: Array, b: Array) -> Array:
    """Whether a ≤ b."""
    return np.less_equal(a, b)


@operation(promote="common", differentiable=False)
def gt(a: Array, b: Array) -> Array:
    """Whether a > b."""
    return np.greater(a, b)


@operation(promote="common", differentiable=False)
def ge(a: Array, b: Array) -> Array:
    """Whether a ≥ b."""
    return np.greater_equal(a, b)


@operation(promote="common", differentiable=False)
def bitwise_and(a: Array, b: Array) -> Array:
    """a and b, bit by bit; for booleans, whether both hold. Raises TypeError for floats."""
    return np.bitwise_and(a, b)


@operation(promote="common", differentiable=False)
def bitwise_or(a: Array, b: Array) -> Array:
    """a or b, bit by bit; for booleans, whether either holds. Raises TypeError for floats."""
    return np.bitwise_or(a, b)


@operation(promote="common", differentiable=False)
def bitwise_xor(a: Array, b: Array) -> Array:
    """a or b but not both, bit by bit. Raises TypeError for floats."""
    return np.bitwise_xor(a, b)


@operation(differentiable=False)
def bitwise_not(x: Array) -> Array:
    """Each bit the other way; for booleans, whether it does not hold.

    Raises TypeError for floats.
    """
    return np.bitwise_not(x)


@operation(differentiable=False)
def logical_not(x: Array) -> Array:
    """Whether x is zero (or False)."""
    return np.logical_not(x)
