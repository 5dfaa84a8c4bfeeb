"""Task 9.5 by other ways: the order that sorts, and pieces by `split`."""

from __future__ import annotations

from typing import Any

from tinytorch.tensor import permute, split


def permute_x(g: Any, dims: tuple[int, ...]) -> Any:
    forward = [dim % len(dims) for dim in dims]
    return permute(g, tuple(sorted(range(len(dims)), key=forward.__getitem__)))


def cat_tensors(g: Any, tensors_shape: list[tuple[int, ...]], dim: int) -> list[Any]:
    return list(split(g, [shape[dim] for shape in tensors_shape], dim))
