"""Attention by its definition, in operations on tensors.

    weights = softmax(Q Kᵀ · scale),   out = weights V

It is what to read, and what the fused operation is compared to. Gradients of gradients work. Its
memory: the scores and everything made from them, each as large as queries × keys.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from tinytorch.activations import softmax
from tinytorch.tensor import Array, Tensor, float16, matmul, result_type

from .heads import fold_groups, unfold_groups
from .hiding import Mask, flags_and_bias
from .masks import causal_mask


def attention_weights(
    query: Tensor,
    key: Tensor,
    attn_mask: Mask = None,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """How much each query takes of each key's value: rows of numbers from 0 to 1 that add up to 1.

        softmax(Q Kᵀ · scale)

    query: (…, L, D); key: (…, S, D); the result: (…, L, S). The arguments are those of
    `scaled_dot_product_attention`. A query that may look at nothing has zeros.
    """
    if result_type(query, key) == float16:
        wide = query.float(), key.float()
        return attention_weights(*wide, attn_mask, is_causal, scale, enable_gqa).half()
    heads = query.shape[-3] if enable_gqa else 0
    if enable_gqa:
        query = fold_groups(query, key.shape[-3])
    scores = scores_of(query, key, scale_of(query, scale))
    if enable_gqa:
        scores = unfold_groups(scores, heads)
    flags, bias = flags_and_bias(attn_mask)
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    return masked_softmax(scores, hidden_by(flags, bias, scores.shape if is_causal else None))


def scores_of(query: Tensor, key: Tensor, scale: float) -> Tensor:
    """How well each key fits each query: their product, times `scale`.

    query: (…, L, D); key: (…, S, D); the result: (…, L, S).
    """
    return matmul(query * scale, key.mT)


def masked_softmax(scores: Tensor, hidden: Tensor | None) -> Tensor:
    """Softmax over the last dimension of `scores`, with 0 where `hidden` holds.

    hidden: boolean, broadcast to scores, or None. A row that is all hidden is zeros, and so is its
    gradient. A hidden score may be anything but nan.
    """
    if hidden is None:
        return softmax(scores, dim=-1)
    # Not −∞: a row of nothing else would have no largest entry. It becomes zeros afterwards.
    lowest = np.finfo(scores.dtype).min
    weights = softmax(scores.masked_fill(hidden, lowest), dim=-1)
    return weights.masked_fill(hidden, 0.0)


def composed_attention(
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
    """`scaled_dot_product_attention`, written in operations on tensors."""
    dtype = result_type(query, key, value)
    if dtype == float16:
        query, key, value = query.float(), key.float(), value.float()
    weights = attention_weights(query, key, attn_mask, is_causal, scale, enable_gqa)
    if dropout is not None:
        weights = dropout(weights)
    if enable_gqa:
        folded = fold_groups(weights, value.shape[-3]) @ value
        return unfold_groups(folded, query.shape[-3]).to(dtype)
    return (weights @ value).to(dtype)


def scale_of(query: Tensor | Array, scale: float | None) -> float:
    """1 / √D if there is no other."""
    return 1 / sqrt(max(1, query.shape[-1])) if scale is None else scale


def hidden_by(
    flags: np.ndarray | None, bias: Tensor | None, causal: tuple[int, ...] | None
) -> Tensor | None:
    """True where a query may not look. causal: the shape of the scores, if that hides, too."""
    hidden = None
    if flags is not None:
        hidden = ~Tensor(flags)
    if bias is not None:
        hidden = bias.detach() == -np.inf
    if causal is not None:
        ahead = ~causal_mask(*causal[-2:])
        hidden = ahead if hidden is None else hidden | ahead
    return hidden
