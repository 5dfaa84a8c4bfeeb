"""Heads: several attentions side by side, each on its own share of the features.

The functions are for tensors and for arrays, since both of the operations they are made of are.
"""

from __future__ import annotations

from typing import Any, TypeVar

from tinytorch.tensor import Array, Tensor, reshape, transpose

X = TypeVar("X", Tensor, Array)


def split_heads(x: X, num_heads: int) -> X:
    """(…, T, heads · D) to (…, heads, T, D): a view of an x that lies row by row.

    Head h has the features from h · D on. Raises ValueError if the heads do not divide the
    features.
    """
    *leading, length, features = x.shape
    if num_heads < 1 or features % num_heads:
        raise ValueError(
            f"split_heads: {features} features of {x.shape} cannot be shared by {num_heads} heads"
        )
    parts = reshape(x, shape=(*leading, length, num_heads, features // num_heads))
    apart: Any = transpose(parts, dim0=-3, dim1=-2)
    return apart


def merge_heads(x: X) -> X:
    """(…, heads, T, D) to (…, T, heads · D): the features of all heads side by side again."""
    *leading, heads, length, features = x.shape
    side_by_side = transpose(x, dim0=-3, dim1=-2)
    merged: Any = reshape(side_by_side, shape=(*leading, length, heads * features))
    return merged


def fold_groups(x: X, num_kv_heads: int) -> X:
    """(…, heads, L, D) to (…, num_kv_heads, L · group, D), where group = heads / num_kv_heads.

    The queries of the `group` heads that share keys and values, as rows of one matrix, so that
    nothing has to be repeated: row l · group + g is query l of the group's head g. Neighbours form
    a group. Raises ValueError if the heads of the keys do not divide those of the queries.
    """
    *leading, heads, length, features = x.shape
    if num_kv_heads < 1 or heads % num_kv_heads:
        raise ValueError(
            f"grouped heads: the {heads} heads of the queries {x.shape} must be a multiple of the "
            f"{num_kv_heads} of the keys and values"
        )
    group = heads // num_kv_heads
    apart = reshape(x, shape=(*leading, num_kv_heads, group, length, features))
    together = transpose(apart, dim0=-3, dim1=-2)
    rows: Any = reshape(together, shape=(*leading, num_kv_heads, length * group, features))
    return rows


def unfold_groups(x: X, num_heads: int) -> X:
    """(…, num_kv_heads, L · group, D) back to (…, num_heads, L, D)."""
    *leading, kv_heads, rows, features = x.shape
    group = num_heads // kv_heads
    together = reshape(x, shape=(*leading, kv_heads, rows // group, group, features))
    apart = transpose(together, dim0=-3, dim1=-2)
    found: Any = reshape(apart, shape=(*leading, num_heads, rows // group, features))
    return found
