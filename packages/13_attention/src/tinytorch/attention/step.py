"""Self-attention to a cache: a step of generation, which is short, so that every call shows."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Tensor

from .cache import KVCache, refuse_gradients
from .heads import merge_heads, split_heads
from .packed import check, packed_layout, parts, scale_of_heads
from .pieces import attend_in_pieces, plan_of
from .rows import attend


def attend_to_cache(
    qkv: Tensor, cache: KVCache, *, num_heads: int, num_kv_heads: int, is_causal: bool
) -> Tensor:
    """`packed_attention` whose queries look at all that the cache holds, once it holds them, too.

    qkv: (B, T, (num_heads + 2 · num_kv_heads) · D), or without B for a batch of one; the result:
    (B, T, num_heads · D). Not recorded: raises RuntimeError if it should be.
    """
    refuse_gradients("attention to a cache", qkv)
    if qkv.ndim == 2:
        return attend_to_cache(
            qkv[None], cache, num_heads=num_heads, num_kv_heads=num_kv_heads, is_causal=is_causal
        )[0]
    check(qkv.array, num_heads, num_kv_heads)
    layout = packed_layout(qkv.shape, num_heads, num_kv_heads)
    heads = split_heads(qkv.array, num_heads + 2 * num_kv_heads)
    q, k, v = parts(heads, layout)
    keys, values = (x.array for x in cache.append(Tensor(k), Tensor(v)))
    if qkv.dtype == np.float16:
        q, keys, values = (x.astype(np.float32) for x in (q, keys, values))
    rows = layout.rows(q * scale_of_heads(q, None))
    length, total = q.shape[-2], keys.shape[-2]
    if length == 1 or not is_causal:
        out, _ = attend(rows, keys, values)
    else:
        plan = plan_of(rows.shape[:-1], total, layout.group, True)
        out = np.empty_like(rows)
        attend_in_pieces(rows, keys, values, None, plan, out)
    merged = merge_heads(layout.of_queries(out))
    return Tensor(merged.astype(qkv.dtype, copy=False))
