"""Self-attention from what one projection gives: queries, keys and values side by side.

Between the two projections of a layer there is then one operation, and its gradient is one array.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from tinytorch.tensor import Array, operation

from .heads import split_heads
from .layout import Layout
from .pieces import Plan, attend_in_pieces, gradient_in_pieces, plan_of


@operation(promote="common", saves=("heads", "weights", "plan"))
def packed_attention(
    qkv: Array,
    *,
    num_heads: int,
    num_kv_heads: int | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    keep: bool = True,
) -> tuple[Any, ...]:
    """Self-attention of several heads.

    qkv: (…, T, (num_heads + 2 · num_kv_heads) · D), floating: at each position the queries of all
    heads, then their keys, then their values. The result: (…, T, num_heads · D). num_kv_heads: as
    many as num_heads if None. is_causal, scale: as in `scaled_dot_product_attention`. keep: whether
    the weights are kept, without which there is no gradient.

    Raises ValueError where the heads do not divide the features, TypeError for integers.
    """
    kv_heads = num_heads if num_kv_heads is None else num_kv_heads
    check(qkv, num_heads, kv_heads)
    layout = packed_layout(qkv.shape, num_heads, kv_heads)
    width = np.float32 if qkv.dtype == np.float16 else qkv.dtype
    heads = np.array(split_heads(qkv, num_heads + 2 * kv_heads), dtype=width, order="C")
    q, k, v = parts(heads, layout)
    q *= scale_of_heads(heads, scale)
    rows = layout.rows(q)
    plan = plan_of(rows.shape[:-1], qkv.shape[-2], layout.group, is_causal)
    out = np.empty((*qkv.shape[:-1], num_heads * heads.shape[-1]), qkv.dtype)
    apart = split_heads(out, num_heads)
    if layout.group == 1:
        weights = attend_in_pieces(rows, k, v, None, plan, apart, keep)
    else:
        folded = np.empty_like(rows)
        weights = attend_in_pieces(rows, k, v, None, plan, folded, keep)
        apart[...] = layout.of_queries(folded)
    return out, heads, weights, plan


@packed_attention.define_fused_rule
def _(
    g: Array,
    heads: Array,
    weights: tuple[Array, ...],
    plan: Plan,
    num_heads: int,
    num_kv_heads: int | None,
    scale: float | None,
) -> list[Array]:
    """The gradients of queries, keys and values are written to their places in one array."""
    kv_heads = num_heads if num_kv_heads is None else num_kv_heads
    total = num_heads + 2 * kv_heads
    found = np.empty((*g.shape[:-1], total * heads.shape[-1]), g.dtype)
    layout = packed_layout(found.shape, num_heads, kv_heads)
    q, k, v = parts(heads, layout)
    to_q, to_k, to_v = parts(split_heads(found, total), layout)
    back = split_heads(g, num_heads).astype(heads.dtype, copy=False)
    factor = scale_of_heads(heads, scale)
    if layout.group == 1:
        gradient_in_pieces(back, q, k, v, weights, plan, factor, to_q, to_k, to_v)
    else:
        rows = layout.rows(q)
        folded = np.empty_like(rows)
        gradient_in_pieces(layout.rows(back), rows, k, v, weights, plan, factor, folded, to_k, to_v)
        to_q[...] = layout.of_queries(folded)
    return [found]


def packed_layout(shape: tuple[int, ...], num_heads: int, num_kv_heads: int) -> Layout:
    before = shape[:-2]
    return Layout((*before, num_heads), (*before, num_kv_heads), num_heads // num_kv_heads)


def parts(heads: Array, layout: Layout) -> tuple[Array, Array, Array]:
    """Of all heads, (…, num_heads + 2 · num_kv_heads, T, D), the queries', keys' and values'."""
    of_queries, of_keys = layout.leading[-1], layout.kv_leading[-1]
    middle = of_queries + of_keys
    return (
        heads[..., :of_queries, :, :],
        heads[..., of_queries:middle, :, :],
        heads[..., middle:, :, :],
    )


def scale_of_heads(heads: Array, scale: float | None) -> float:
    return 1 / sqrt(max(1, heads.shape[-1])) if scale is None else scale


def check(qkv: Array, num_heads: int, num_kv_heads: int) -> None:
    if qkv.dtype.kind != "f":
        raise TypeError(f"packed_attention: not defined for {qkv.dtype}; use .float() first")
    if num_heads < 1 or num_kv_heads < 1 or num_heads % num_kv_heads:
        raise ValueError(
            f"packed_attention: num_heads={num_heads} must be a multiple of "
            f"num_kv_heads={num_kv_heads}, and both at least 1"
        )
    total = num_heads + 2 * num_kv_heads
    if qkv.ndim < 2 or qkv.shape[-1] % total:
        raise ValueError(
            f"packed_attention: the input {qkv.shape} must be (…, T, ({num_heads} + 2 · "
            f"{num_kv_heads}) · D): the {total} heads of queries, keys and values must divide its "
            "last size"
        )
