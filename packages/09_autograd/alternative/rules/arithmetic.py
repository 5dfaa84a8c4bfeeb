"""Task 9.3 by other formulas."""

from __future__ import annotations

from typing import Any

import tinytorch.tensor as tt


def mul_a(g: Any, b: Any) -> Any:
    return b * g


def mul_b(g: Any, a: Any) -> Any:
    return a * g


def div_a(g: Any, b: Any) -> Any:
    return g * (1 / b)


def div_b(g: Any, out: Any, b: Any) -> Any:
    return -(g / b) * out


def pow_a(g: Any, a: Any, b: Any) -> Any:
    if isinstance(b, int | float):
        return g * b * tt.pow(a, b - 1) if b != 0 else tt.sub(g, g)
    constant = b == 0
    slope = tt.pow(a, tt.where(constant, 1.0, b - 1)) * b
    return g * tt.where(constant, 0.0, slope)


def pow_b(g: Any, out: Any, a: Any, b: Any) -> Any:
    if isinstance(a, int | float):
        a = tt.where(b == b, 0.0, b) + a
    flat = (a == 0) & (b >= 0)
    return tt.where(flat, 0.0, g * out * tt.log(tt.where(flat, 1.0, a)))
