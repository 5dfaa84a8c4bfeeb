"""Self-attention to a cache: the steps of generation, so short that every call shows."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor

from .cache import KVCache, refuse_gradients
from .heads import merge_heads, split_heads
from .packed import check, packed_layout, parts, scale_of_heads
from .pieces import attend_in_pieces, plan_of
from .rows import attend


def cached_attention(
    qkv: Tensor, cache: KVCache, *, num_heads: int, num_kv_heads: int, is_causal: bool
) -> Tensor:
    """`packed_attention` whose queries look at all that the cache holds, once it holds them, too.

    qkv: (B, T, (num_heads + 2 · num_kv_heads) · D); the result: (B, T, num_heads · D). Not
    recorded: raises RuntimeError if it should be.
    """
    refuse_gradients("attention to a cache", qkv)
    check(qkv.array, num_heads, num_kv_heads)
    if qkv.ndim != 3:
        raise ValueError(f"cached_attention: the input must be (B, T, features), not {qkv.shape}")
    attend_here = one_position if qkv.shape[1] == 1 else several_positions
    return Tensor(attend_here(qkv.array, cache, num_heads, num_kv_heads, is_causal))


def one_position(
    qkv: Array, cache: KVCache, num_heads: int, num_kv_heads: int, is_causal: bool
) -> Array:
    """With a single query nothing is ahead, and heads and positions need no transposing."""
    batch, _, features = qkv.shape
    middle = num_heads + num_kv_heads
    heads = qkv.reshape(batch, middle + num_kv_heads, 1, features // (middle + num_kv_heads))
    kept = cache.append(Tensor(heads[:, num_heads:middle]), Tensor(heads[:, middle:]))
    q = heads[:, :num_heads] * scale_of_heads(heads, None)
    if num_kv_heads != num_heads:
        q = q.reshape(batch, num_kv_heads, num_heads // num_kv_heads, q.shape[-1])
    out = attend_in_float32(q, kept[0].array, kept[1].array)
    return out.reshape(batch, 1, num_heads * q.shape[-1])


def several_positions(
    qkv: Array, cache: KVCache, num_heads: int, num_kv_heads: int, is_causal: bool
) -> Array:
    layout = packed_layout(qkv.shape, num_heads, num_kv_heads)
    q, k, v = parts(split_heads(qkv, num_heads + 2 * num_kv_heads), layout)
    keys, values = (x.array for x in cache.append(Tensor(k), Tensor(v)))
    rows = layout.rows(q * scale_of_heads(q, None))
    plan = plan_of(rows.shape[:-1], keys.shape[-2], layout.group, is_causal)
    if qkv.dtype == np.float16:
        rows, keys, values = (x.astype(np.float32) for x in (rows, keys, values))
    out = np.empty(rows.shape, qkv.dtype)
    attend_in_pieces(rows, keys, values, None, plan, out, keep=False)
    return merge_heads(layout.of_queries(out))


def attend_in_float32(q: Array, k: Array, v: Array) -> Array:
    """`attend`, of float16 in float32."""
    if q.dtype != np.float16:
        return attend(q, k, v)[0]
    wide = (x.astype(np.float32) for x in (q, k, v))
    return attend(*wide)[0].astype(q.dtype)
