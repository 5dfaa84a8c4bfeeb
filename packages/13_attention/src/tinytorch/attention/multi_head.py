"""The layer: projections to several heads, attention in each, a projection of what they found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.layers import Linear, Module, init, linear
from tinytorch.tensor import DTypeLike, Tensor, arange

from .cache import KVCache
from .fused import scaled_dot_product_attention
from .heads import merge_heads, split_heads
from .hiding import Mask, both_masks
from .packed import packed_attention
from .step import cached_attention

Rotary = Callable[[Tensor, Any], Tensor]


class MultiHeadAttention(Module):
    """Attention of several heads, each with its own view of the features.

    embed_dim: the features of queries and result. num_heads must divide it. num_kv_heads: how many
    heads of keys and values there are, of which each serves num_heads / num_kv_heads neighbours
    (Ainslie et al. 2023); as many as num_heads if None. bias: whether the projections have one.
    dropout: is called with the weights, in training (if it is a module, as long as that is in
    training). rotary: is called with the heads (B, H, T, D) of queries and of keys, and their
    positions, and turns them. kdim, vdim: the features of key and value, if they are others than
    embed_dim. generator: what the first values are drawn from. dtype: float32 if not given.

    Parameters: `in_proj`, one Linear from embed_dim to the queries of all heads, their keys and
    their values, in this order; with kdim or vdim `q_proj`, `k_proj` and `v_proj`; and `out_proj`.
    They start as PyTorch's: the first by Glorot's rule, biases 0.

    What differs from torch.nn.MultiheadAttention: the batch comes first, the result is the output
    alone, and a boolean attn_mask is True where one *may* look. Vaswani et al. 2017, section 3.2.2.
    """

    in_proj: Linear
    q_proj: Linear
    k_proj: Linear
    v_proj: Linear
    out_proj: Linear

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        num_kv_heads: int | None = None,
        *,
        bias: bool = True,
        dropout: Callable[[Tensor], Tensor] | None = None,
        rotary: Rotary | None = None,
        kdim: int | None = None,
        vdim: int | None = None,
        dtype: DTypeLike = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        kv_heads = num_heads if num_kv_heads is None else num_kv_heads
        check_heads(embed_dim, num_heads, kv_heads)
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.num_kv_heads = kv_heads
        self.head_dim = embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.dropout = dropout
        self.rotary = rotary
        self.packed = self.kdim == self.vdim == embed_dim
        of_keys = kv_heads * self.head_dim
        options: Any = {"bias": bias, "dtype": dtype, "generator": generator}
        if self.packed:
            self.in_proj = Linear(embed_dim, embed_dim + 2 * of_keys, **options)
        else:
            self.q_proj = Linear(embed_dim, embed_dim, **options)
            self.k_proj = Linear(self.kdim, of_keys, **options)
            self.v_proj = Linear(self.vdim, of_keys, **options)
        self.out_proj = Linear(embed_dim, embed_dim, **options)
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw all parameters anew."""
        self.out_proj.reset_parameters(generator)
        for projection in self.projections():
            init.xavier_uniform_(projection.weight, generator=generator)
        for projection in (*self.projections(), self.out_proj):
            if projection.bias is not None:
                init.zeros_(projection.bias)

    def projections(self) -> tuple[Linear, ...]:
        """Those in front of the heads."""
        return (self.in_proj,) if self.packed else (self.q_proj, self.k_proj, self.v_proj)

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
        """For each query what the heads found, (B, T, embed_dim).

        query: (B, T, embed_dim). key: (B, S, kdim), value: (B, S, vdim); without a key the query
        attends to itself, and without a value the key is its own. All of them may also come without
        the batch: (T, embed_dim).

        attn_mask: fits (B, heads, T, S): boolean, True where a query MAY look, or floating, added
        to the scores: that is scaled_dot_product_attention's convention. key_padding_mask: (B, S),
        boolean, True where a key is padding and is IGNORED (see `padding_mask`), or floating and
        added. The two are contrary to each other. PyTorch has that, too, between its function and
        its layer; each argument here follows the one whose name it has.

        is_causal: query i does not look beyond i, or, where a cache holds earlier keys, beyond its
        own place behind them. cache: the new keys and values are appended to it, and the queries
        look at all that it holds then. positions: what `rotary` gets; if None, the numbers from
        0 on, or from the cache's length on. Raises ValueError where arguments do not fit together.
        """
        self.check_inputs(query, key, value, cache)
        if cache is not None and query.ndim == 2:
            return self.forward(
                query[None],
                attn_mask=attn_mask,
                key_padding_mask=key_padding_mask,
                is_causal=is_causal,
                cache=cache,
                positions=positions,
            )[0]
        plain = attn_mask is None and key_padding_mask is None and self.rotary is None
        dropout = self.active_dropout()
        if plain and key is None and dropout is None:
            qkv = self.in_proj(query)
            heads = {"num_heads": self.num_heads, "num_kv_heads": self.num_kv_heads}
            if cache is None:
                found = packed_attention(qkv, **heads, is_causal=is_causal, keep=qkv.requires_grad)
                return self.out_proj(found)
            return self.out_proj(cached_attention(qkv, cache, **heads, is_causal=is_causal))
        q, k, v = self.heads_of(query, key, value)
        if self.rotary is not None:
            start = 0 if cache is None else cache.length
            at = arange(start, start + q.shape[-2]) if positions is None else positions
            q, k = self.rotary(q, at), self.rotary(k, at)
        if cache is not None:
            k, v = cache.append(k, v)
        found = scaled_dot_product_attention(
            q,
            k,
            v,
            self.visible(attn_mask, key_padding_mask),
            is_causal=is_causal,
            enable_gqa=self.num_kv_heads != self.num_heads,
            dropout=dropout,
        )
        return self.out_proj(merge_heads(found))

    def heads_of(
        self, query: Tensor, key: Tensor | None, value: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries (B, heads, T, D), keys and values (B, kv_heads, S, D)."""
        key = query if key is None else key
        value = key if value is None else value
        if not self.packed:
            q, k, v = self.q_proj(query), self.k_proj(key), self.v_proj(value)
        elif value is key is query:
            q, k, v = self.in_proj(query).split(self._sizes(), dim=-1)
        else:
            weight, bias = self.in_proj.weight, self.in_proj.bias
            weights = weight.split(self._sizes())
            biases = (None,) * 3 if bias is None else bias.split(self._sizes())
            given = zip((query, key, value), weights, biases, strict=True)
            q, k, v = (linear(x, w, b) for x, w, b in given)
        kv_heads = self.num_kv_heads
        return split_heads(q, self.num_heads), split_heads(k, kv_heads), split_heads(v, kv_heads)

    def visible(self, attn_mask: Mask, key_padding_mask: Mask) -> Mask:
        """One mask, in the convention of attn_mask, from the two of `forward`."""
        return both_masks(attn_mask, key_padding_mask)

    def _sizes(self) -> list[int]:
        """How many features of `in_proj` are the queries', the keys' and the values'."""
        of_keys = self.num_kv_heads * self.head_dim
        return [self.embed_dim, of_keys, of_keys]

    def active_dropout(self) -> Callable[[Tensor], Tensor] | None:
        """The dropout, if weights are to be dropped now."""
        if self.dropout is None:
            return None
        return self.dropout if getattr(self.dropout, "training", self.training) else None

    def check_inputs(
        self, query: Tensor, key: Tensor | None, value: Tensor | None, cache: KVCache | None
    ) -> None:
        """Raise ValueError where the arguments of `forward` do not fit together."""
        if query.ndim not in (2, 3) or query.shape[-1] != self.embed_dim:
            raise ValueError(
                f"MultiHeadAttention: the query {query.shape} must be (B, T, {self.embed_dim}) or "
                f"(T, {self.embed_dim})"
            )
        if key is None:
            if value is not None:
                raise ValueError("MultiHeadAttention: a value needs a key, by which it is found")
            if not self.packed:
                raise ValueError(
                    f"MultiHeadAttention: made for keys of {self.kdim} and values of {self.vdim} "
                    "features, it needs a key; for self-attention leave kdim and vdim away"
                )
            return
        if cache is not None or self.rotary is not None:
            raise ValueError(
                "MultiHeadAttention: a cache and rotary positions are for self-attention: call it "
                "without a key"
            )
        for name, given, size in (("key", key, self.kdim), ("value", value, self.vdim)):
            if given is not None and (given.ndim != query.ndim or given.shape[-1] != size):
                batch = "B, " if query.ndim == 3 else ""
                raise ValueError(
                    f"MultiHeadAttention: the {name} {given.shape} must be ({batch}S, {size}), as "
                    f"the query is {query.shape}"
                )

    def extra_repr(self) -> str:
        heads = f"embed_dim={self.embed_dim}, num_heads={self.num_heads}"
        if self.num_kv_heads == self.num_heads:
            return heads
        return f"{heads}, num_kv_heads={self.num_kv_heads}"


def check_heads(embed_dim: int, num_heads: int, num_kv_heads: int) -> None:
    if num_heads < 1 or embed_dim < 1 or embed_dim % num_heads:
        raise ValueError(
            f"MultiHeadAttention: embed_dim={embed_dim} must be a multiple of num_heads={num_heads}"
        )
    if num_kv_heads < 1 or num_heads % num_kv_heads:
        raise ValueError(
            f"MultiHeadAttention: num_heads={num_heads} must be a multiple of "
            f"num_kv_heads={num_kv_heads}, since each of these serves equally many of those"
        )
