"""Task 9.4 by other formulas."""

from __future__ import annotations

from typing import Any

from tinytorch.tensor import logical_not, reciprocal, where


def exp_x(g: Any, out: Any) -> Any:
    return out * g


def log_x(g: Any, x: Any) -> Any:
    return g * reciprocal(x)


def sqrt_x(g: Any, out: Any) -> Any:
    return 0.5 * g / out


def where_a(g: Any, condition: Any) -> Any:
    return where(logical_not(condition), 0.0, g)


def where_b(g: Any, condition: Any) -> Any:
    return where(logical_not(condition), g, 0.0)


def larger(g: Any, a: Any, b: Any) -> Any:
    return where(a > b, g, 0.0) + where(a == b, g / 2, 0.0)
