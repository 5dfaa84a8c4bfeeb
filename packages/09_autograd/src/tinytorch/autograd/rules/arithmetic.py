"""Gradients of arithmetic. g is the gradient of the result.

Each function gives the gradient of the input that its name ends with.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.tensor import (
    add,
    div,
    floor_divide,
    log,
    mul,
    neg,
    pow,
    remainder,
    sub,
    where,
)

from .attaching import attach


def mul_a(g: Any, b: Any) -> Any:
    """∂(ab)/∂a = b."""
    return g * b


def mul_b(g: Any, a: Any) -> Any:
    """∂(ab)/∂b = a."""
    return g * a


def div_a(g: Any, b: Any) -> Any:
    """∂(a/b)/∂a = 1/b."""
    return g / b


def div_b(g: Any, out: Any, b: Any) -> Any:
    """∂(a/b)/∂b = −a/b², which is −(a/b)/b."""
    return -g * out / b


def pow_a(g: Any, a: Any, b: Any) -> Any:
    """∂(aᵇ)/∂a = b·aᵇ⁻¹; 0 where b = 0, also at a = 0."""
    if isinstance(b, int | float):
        return g * (b * a ** (b - 1)) if b else g * 0
    return g * where(b == 0, 0.0, b * a ** where(b == 0, 1.0, b - 1))


def pow_b(g: Any, out: Any, a: Any, b: Any) -> Any:
    """∂(aᵇ)/∂b = aᵇ·log a; 0 where a = 0 and b ≥ 0."""
    zero = (b >= 0) & (a == 0)
    base = np.asarray(a, b.dtype) if isinstance(a, int | float) else a
    return g * where(zero, 0.0, out * log(where(zero, 1.0, base)))


attach(add, a=lambda g: g, b=lambda g: g)
attach(sub, a=lambda g: g, b=lambda g: -g)
attach(mul, a=mul_a, b=mul_b)
attach(div, a=div_a, b=div_b)
attach(neg, x=lambda g: -g)
attach(pow, a=pow_a, b=pow_b)
attach(remainder, a=lambda g: g, b=lambda g, a, b: -g * floor_divide(a, b))
