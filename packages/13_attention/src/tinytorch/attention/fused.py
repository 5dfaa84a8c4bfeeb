"""Attention as one operation, with its gradient rule: `scaled_dot_product_attention`.

Composed of operations, each of them would keep what it made of the scores. Fused, it keeps the
weights alone, and works on pieces that stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Array, Tensor, operation, result_type

from .hiding import Mask, as_addend, flags_and_bias
from .layout import NAME, Layout, layout_of
from .masks import causal_mask
from .pieces import Plan, attend_in_pieces, gradient_in_pieces, plan_of
from .weights import composed_attention, scale_of


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Mask = None,
    *,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    dropout: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    """softmax(Q Kᵀ · scale) V: for each query the mean of the values, by how well their keys fit.

    query: (…, L, D); key: (…, S, D); value: (…, S, Dv), floating; what stands before is broadcast,
    usually batch and heads. The result: (…, L, Dv).

    attn_mask: what fits (…, L, S): boolean, True where a query may look; or floating, added to the
    scores, whose type it takes. A query that may look at nothing gets zeros, and sends no gradient,
    as from PyTorch's fused kernels. is_causal: query i sees the keys j ≤ i + max(S − L, 0). For
    L = S that is PyTorch's; where there are more keys than queries, PyTorch aligns the first query
    with the first key, and this the last with the last, as a cache of keys needs it. Unlike there,
    a mask may be given besides. scale: 1/√D if None. enable_gqa: query (…, Hq, L, D) has a multiple
    of the heads of key and value (…, H, S, D), and neighbours share them. dropout: is called with
    the weights, before they meet the values; it takes the place of PyTorch's dropout_p.

    2·L·S·(D + Dv) operations a head. L·S numbers a head are kept if there may be a gradient; if
    not, memory grows with L + S. It is one operation, unless there is a dropout (see
    `composed_attention`). Raises ValueError where shapes do not fit,
    TypeError for integers. Vaswani et al., "Attention is all you need" (2017), section 3.2.
    """
    if dropout is not None:
        return composed_attention(
            query,
            key,
            value,
            attn_mask,
            is_causal=is_causal,
            scale=scale,
            enable_gqa=enable_gqa,
            dropout=dropout,
        )
    flags, bias = flags_and_bias(attn_mask)
    inputs = [query, key, value]
    if bias is not None:
        bias = bias.to(result_type(*inputs))
        inputs.append(bias)
    return attention(
        query,
        key,
        value,
        bias,
        mask=flags,
        is_causal=is_causal,
        scale=scale,
        enable_gqa=enable_gqa,
        keep=any(x.requires_grad for x in inputs),
    )


@operation(promote="common", saves=("weights", "plan"), called="scaled_dot_product_attention")
def attention(
    query: Array,
    key: Array,
    value: Array,
    bias: Array | None = None,
    *,
    mask: Array | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    keep: bool = True,
) -> tuple[Any, ...]:
    """See `scaled_dot_product_attention`. bias: a floating mask. mask: a boolean one.

    keep: whether the weights are kept, without which there is no gradient.
    """
    layout = layout_of(query, key, value, enable_gqa)
    q, k, v = matrices(query, key, value, scale, layout)
    length, total = query.shape[-2], key.shape[-2]
    addend = addend_of(mask, bias, is_causal, (*layout.leading, length, total), q.dtype)
    plan = plan_of(q.shape[:-1], total, layout.group, is_causal and addend is None)
    out = np.empty((*q.shape[:-1], v.shape[-1]), q.dtype)
    rows = None if addend is None else layout.rows(addend)
    weights = attend_in_pieces(q, k, v, rows, plan, out, keep)
    return layout.of_queries(out).astype(query.dtype, copy=False), weights, plan


@attention.define_fused_rule
def _(
    g: Array,
    needs: Sequence[bool],
    query: Array,
    key: Array,
    value: Array,
    weights: tuple[Array, ...],
    plan: Plan,
    scale: float | None,
    enable_gqa: bool,
) -> list[Array | None]:
    layout = layout_of(query, key, value, enable_gqa)
    q, k, v = matrices(query, key, value, scale, layout)
    back = layout.rows(g.astype(q.dtype, copy=False))
    to_q, to_k, to_v = (np.empty(x.shape, q.dtype) for x in (q, k, v))
    to_scores = np.empty((*q.shape[:-1], k.shape[-2]), q.dtype) if needs[3] else None
    factor = scale_of(query, scale)
    gradient_in_pieces(back, q, k, v, weights, plan, factor, to_q, to_k, to_v, to_scores)
    found = [
        layout.of_queries(to_q),
        layout.of_keys(to_k),
        layout.of_keys(to_v),
        None if to_scores is None else layout.of_queries(to_scores),
    ]
    return [None if x is None else x.astype(g.dtype, copy=False) for x in found]


def matrices(
    query: Array, key: Array, value: Array, scale: float | None, layout: Layout
) -> tuple[Array, Array, Array]:
    """q, scaled, k and v as `attend_in_pieces` takes them; float16 as float32."""
    if query.dtype == np.float16:
        query, key, value = (x.astype(np.float32) for x in (query, key, value))
    scaled = query * scale_of(query, scale)
    return layout.rows(scaled), layout.keys(key), layout.keys(value)


def addend_of(
    mask: Array | None,
    bias: Array | None,
    is_causal: bool,
    shape: tuple[int, ...],
    dtype: np.dtype[np.floating],
) -> Array | None:
    """All masks as numbers to add to the scores, which have this shape; None if there are none.

    Nothing but `is_causal` counts as none where the plan can see to it: if there are at least as
    many keys as queries.
    """
    parts = []
    if mask is not None:
        parts.append(as_addend(mask, dtype))
    if bias is not None:
        parts.append(bias.astype(dtype, copy=False))
    if is_causal and (parts or shape[-2] > shape[-1]):
        parts.append(as_addend(causal_mask(*shape[-2:]).array, dtype))
    if not parts:
        return None
    total = sum(parts[1:], start=parts[0])
    try:
        return np.broadcast_to(total, shape)
    except ValueError:
        raise ValueError(
            f"{NAME}: the mask {total.shape} does not fit the scores {shape}: it must broadcast to "
            "(…, queries, keys). A mask of (batch, keys) needs dimensions for heads and queries: "
            "mask[:, None, None, :]"
        ) from None
