"""Gradients of functions of each element, and of choices between elements.

Where a choice is a tie, `maximum` and `minimum` give half of the gradient to each, as in PyTorch.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import tinytorch.tensor as tt
from tinytorch.tensor import cos, erf, exp, sign, sin, square, where

from .attaching import attach


def exp_x(g: Any, out: Any) -> Any:
    """∂eˣ/∂x = eˣ, which is the result."""
    return g * out


def log_x(g: Any, x: Any) -> Any:
    """∂log x/∂x = 1/x."""
    return g / x


def sqrt_x(g: Any, out: Any) -> Any:
    """∂√x/∂x = 1/(2√x)."""
    return g / (2 * out)


def where_a(g: Any, condition: Any) -> Any:
    """The gradient goes to what was chosen."""
    return where(condition, g, 0.0)


def where_b(g: Any, condition: Any) -> Any:
    """The gradient goes to what was chosen."""
    return where(condition, 0.0, g)


def larger(g: Any, a: Any, b: Any) -> Any:
    """g where a > b, half of it where a = b, nothing where a < b. A nan is passed on to."""
    return where(a < b, 0.0, where(a == b, g * 0.5, g))


def inside(g: Any, x: Any, min: Any, max: Any) -> Any:
    """g where x lies between the bounds or on one of them."""
    if min is not None:
        g = where(x >= min, g, 0.0)
    return g if max is None else where(x <= max, g, 0.0)


attach(tt.exp, x=exp_x)
attach(tt.log, x=log_x)
attach(tt.log1p, x=lambda g, x: g / (1 + x))
attach(tt.sqrt, x=sqrt_x)
attach(tt.rsqrt, x=lambda g, out: -0.5 * g * out * square(out))
attach(tt.reciprocal, x=lambda g, out: -g * square(out))
attach(tt.square, x=lambda g, x: 2 * g * x)
attach(tt.abs, x=lambda g, x: g * sign(x))
attach(tt.sin, x=lambda g, x: g * cos(x))
attach(tt.cos, x=lambda g, x: -g * sin(x))
attach(erf, x=lambda g, x: 2 / sqrt(pi) * g * exp(-square(x)))
attach(tt.where, a=where_a, b=where_b)
attach(tt.maximum, a=larger, b=lambda g, a, b: larger(g, b, a))
attach(tt.minimum, a=lambda g, a, b: larger(g, b, a), b=larger)
attach(tt.clip, x=inside)
