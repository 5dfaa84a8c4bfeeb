"""Task 13.6 by another way: all cases alike, without a short cut."""

from __future__ import annotations

from typing import Any

from tinytorch.layers import Module
from tinytorch.tensor import Tensor, arange

from .cache import KVCache
from .fused import scaled_dot_product_attention
from .heads import merge_heads
from .hiding import Mask


class MultiHeadAttention(Module):
    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        attn_mask: Mask = None,
        key_padding_mask: Mask = None,
        is_causal: bool = False,
        cache: KVCache | None = None,
        positions: Any = None,
    ) -> Tensor:
        self.check_inputs(query, key, value, cache)
        q, k, v = self.heads_of(query, key, value)
        alone = cache is not None and query.ndim == 2
        if alone:
            q, k, v = q[None], k[None], v[None]
        if self.rotary is not None:
            if positions is None:
                first = cache.length if cache is not None else 0
                positions = arange(first, first + query.shape[-2])
            q = self.rotary(q, positions)
            k = self.rotary(k, positions)
        if cache is not None:
            k, v = cache.append(k, v)
        heads = scaled_dot_product_attention(
            q,
            k,
            v,
            self.visible(attn_mask, key_padding_mask),
            is_causal=is_causal,
            enable_gqa=True,
            dropout=self.active_dropout(),
        )
        found = self.out_proj(merge_heads(heads))
        return found[0] if alone else found
