"""Between the shapes that attention is asked with and the matrices that it works on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinytorch.tensor import Array

from .heads import fold_groups, unfold_groups

NAME = "scaled_dot_product_attention"


class Layout(NamedTuple):
    """What stands before the matrices.

    leading: the sizes before (L, D) of the queries and of the result. kv_leading: those before
    (S, D) of keys and values. They are the same, unless `group` heads of the queries share a head
    of the keys.
    """

    leading: tuple[int, ...]
    kv_leading: tuple[int, ...]
    group: int

    def rows(self, x: Array) -> Array:
        """What has a row for each query, (…, L, n), as (*kv_leading, L · group, n).

        There is a leading size at least, of 1.
        """
        x = broadcast(x, self.leading)
        if self.group > 1:
            x = fold_groups(x, self.kv_leading[-1])
        return x if self.leading else x[None]

    def keys(self, x: Array) -> Array:
        """What has a row for each key, (…, S, n), as (*kv_leading, S, n)."""
        x = broadcast(x, self.kv_leading)
        return x if self.kv_leading else x[None]

    def of_queries(self, x: Array) -> Array:
        """The way back of `rows`, to (*leading, L, n)."""
        if self.group > 1:
            x = unfold_groups(x, self.leading[-1])
        return x if self.leading else x[0]

    def of_keys(self, x: Array) -> Array:
        """The way back of `keys`, to (*kv_leading, S, n)."""
        return x if self.kv_leading else x[0]


def broadcast(x: Array, leading: tuple[int, ...]) -> Array:
    shape = (*leading, *x.shape[-2:])
    return x if x.shape == shape else np.broadcast_to(x, shape)


def layout_of(query: Array, key: Array, value: Array, enable_gqa: bool) -> Layout:
    """Raises ValueError where query, key and value do not fit, TypeError if they are integers."""
    check_matrices(query, key, value, 3 if enable_gqa else 2)
    leading = query.shape[:-2]
    if leading == key.shape[:-2] == value.shape[:-2]:
        return Layout(leading, leading, 1)
    shared = [x.shape[: -3 if enable_gqa else -2] for x in (query, key, value)]
    try:
        before = np.broadcast_shapes(*shared)
    except ValueError:
        raise ValueError(
            f"{NAME}: the query {query.shape}, the key {key.shape} and the value {value.shape} do "
            f"not fit: {', '.join(map(str, shared))} in front do not broadcast. Do several heads "
            "share keys and values? Then say enable_gqa=True"
        ) from None
    if not enable_gqa:
        return Layout(before, before, 1)
    heads, kv_heads = query.shape[-3], key.shape[-3]
    if value.shape[-3] != kv_heads or kv_heads < 1 or heads % kv_heads:
        raise ValueError(
            f"{NAME}: the query {query.shape} has {heads} heads, the key {key.shape} {kv_heads} "
            f"and the value {value.shape} {value.shape[-3]}: key and value must have equally many, "
            "and the query a multiple of them"
        )
    return Layout((*before, heads), (*before, kv_heads), heads // kv_heads)


def check_matrices(query: Array, key: Array, value: Array, fewest: int) -> None:
    if query.dtype.kind != "f":
        raise TypeError(f"{NAME}: not defined for {query.dtype}; use .float() first")
    shapes = f"the query {query.shape}, the key {key.shape} and the value {value.shape}"
    if min(query.ndim, key.ndim, value.ndim) < fewest:
        wanted = "(…, heads, length, features)" if fewest == 3 else "(…, length, features)"
        raise ValueError(f"{NAME}: {shapes} must be {wanted}")
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"{NAME}: {shapes} do not fit: a score is the product of a query and a key, so these "
            f"must have equally many features, not {query.shape[-1]} and {key.shape[-1]}"
        )
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"{NAME}: {shapes} do not fit: each key has a value, so there must be equally many, "
            f"not {key.shape[-2]} and {value.shape[-2]}"
        )
