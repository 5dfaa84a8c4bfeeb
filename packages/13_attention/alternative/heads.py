"""Task 13.4 by other ways: axes put in order all at once."""

from __future__ import annotations

from typing import Any

from tinytorch.tensor import permute, reshape


def split_heads(x: Any, num_heads: int) -> Any:
    if num_heads <= 0 or x.shape[-1] % num_heads != 0:
        raise ValueError(f"split_heads: {num_heads} heads for the features of {x.shape}")
    size = x.shape[-1] // num_heads
    return exchanged(reshape(x, shape=(*x.shape[:-1], num_heads, size)))


def merge_heads(x: Any) -> Any:
    positions_first = exchanged(x)
    size = x.shape[-1] * x.shape[-3]
    merged: Any = reshape(positions_first, shape=(*positions_first.shape[:-2], size))
    return merged


def fold_groups(x: Any, num_kv_heads: int) -> Any:
    heads, length, size = x.shape[-3:]
    if num_kv_heads <= 0 or heads % num_kv_heads != 0:
        raise ValueError(f"{heads} heads of {x.shape} cannot share {num_kv_heads}")
    group = heads // num_kv_heads
    apart = exchanged(reshape(x, shape=(*x.shape[:-3], num_kv_heads, group, length, size)))
    rows: Any = reshape(apart, shape=(*x.shape[:-3], num_kv_heads, group * length, size))
    return rows


def unfold_groups(x: Any, num_heads: int) -> Any:
    group = num_heads // x.shape[-3]
    length = x.shape[-2] // group
    apart = exchanged(reshape(x, shape=(*x.shape[:-2], length, group, x.shape[-1])))
    found: Any = reshape(apart, shape=(*x.shape[:-3], num_heads, length, x.shape[-1]))
    return found


def exchanged(x: Any) -> Any:
    """With the last axis but two and the last but one exchanged."""
    axes = list(range(len(x.shape)))
    axes[-3], axes[-2] = axes[-2], axes[-3]
    return permute(x, dims=tuple(axes))
