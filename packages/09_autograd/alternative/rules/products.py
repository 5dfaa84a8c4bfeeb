"""Task 9.3 by other ways: Einstein's notation throughout."""

from __future__ import annotations

from typing import Any

from tinytorch.tensor import einsum


def matmul_a(g: Any, a_shape: tuple[int, ...], b: Any) -> Any:
    if b.ndim == 1:
        return einsum("...,k->...k", g, b)
    if len(a_shape) == 1:
        return einsum("...m,...km->...k", g, b)
    return einsum("...nm,...km->...nk", g, b)


def matmul_b(g: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
    if len(b_shape) == 1:
        return einsum("...,...k->...k", g, a)
    if a.ndim == 1:
        return einsum("...m,k->...km", g, a)
    return einsum("...nm,...nk->...km", g, a)
