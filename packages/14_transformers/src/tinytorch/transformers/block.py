"""A transformer's block: look at one another, then think, and each time add to what was there.

    x ← x + attention(norm(x))
    x ← x + cross_attention(norm(x), memory)     where there is one
    x ← x + feed_forward(norm(x))

The sum runs through all blocks unchanged, so that gradients reach the lowest one as they are. The
norm stands before each branch ("pre-norm"), not behind the sum as in the first transformer, which
needed a slow start of its learning rate (Xiong et al. 2020).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinytorch.attention import KVCache, MultiHeadAttention
from tinytorch.layers import Identity, Module
from tinytorch.normalization import LayerNorm
from tinytorch.tensor import DTypeLike, Tensor

from .feed_forward import FeedForward, Function


class TransformerBlock(Module):
    """A block, for an encoder, a decoder, or a GPT, by what it is asked with.

    embed_dim, num_heads, num_kv_heads, rotary: as in `MultiHeadAttention`. hidden, activation: as
    in `FeedForward`. cross_attention: whether it can look at another sequence, too, as a decoder
    does. dropout: called on what each branch gives, and on the weights of attention; module 16 has
    one. bias, eps: of the normalisations, too. generator: what the first values are drawn from.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        hidden: int | None = None,
        *,
        num_kv_heads: int | None = None,
        cross_attention: bool = False,
        activation: Function | None = None,
        dropout: Function | None = None,
        rotary: Callable[..., Tensor] | None = None,
        bias: bool = True,
        eps: float = 1e-5,
        dtype: DTypeLike = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()

        def norm() -> LayerNorm:
            return LayerNorm(embed_dim, eps, bias=bias, dtype=dtype)

        def attention(rotary: Callable[..., Tensor] | None) -> MultiHeadAttention:
            return MultiHeadAttention(
                embed_dim,
                num_heads,
                num_kv_heads,
                bias=bias,
                dropout=dropout,
                rotary=rotary,
                dtype=dtype,
                generator=generator,
            )

        self.ln_1 = norm()
        self.attn = attention(rotary)
        self.ln_cross = norm() if cross_attention else None
        self.cross_attn = attention(None) if cross_attention else None
        self.ln_2 = norm()
        self.mlp = FeedForward(
            embed_dim, hidden, activation=activation, bias=bias, dtype=dtype, generator=generator
        )
        self.drop = Identity() if dropout is None else dropout

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        *,
        attn_mask: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
        memory_key_padding_mask: Tensor | None = None,
        positions: Tensor | None = None,
        cache: KVCache | None = None,
    ) -> Tensor:
        """x: (B, T, embed_dim), as the result. memory: (B, S, embed_dim), what else to look at.

        attn_mask, key_padding_mask, is_causal, positions, cache: of the attention within x, as in
        `MultiHeadAttention`. memory_key_padding_mask: (B, S), True where memory is to be ignored.

        Raises ValueError for a memory without cross-attention, or the reverse.
        """
        self.check_memory(memory)
        x = self.attend(
            x,
            attn_mask=attn_mask,
            key_padding_mask=key_padding_mask,
            is_causal=is_causal,
            positions=positions,
            cache=cache,
        )
        if memory is not None:
            x = self.attend_to(memory, x, memory_key_padding_mask)
        return x + self.drop(self.mlp(self.ln_2(x)))

    def attend(
        self,
        x: Tensor,
        *,
        attn_mask: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
        positions: Tensor | None = None,
        cache: KVCache | None = None,
    ) -> Tensor:
        """x + attention(norm(x)): each place with what it has seen at the others."""
        seen = self.attn(
            self.ln_1(x),
            attn_mask=attn_mask,
            key_padding_mask=key_padding_mask,
            is_causal=is_causal,
            positions=positions,
            cache=cache,
        )
        return x + self.drop(seen)

    def attend_to(self, memory: Tensor, x: Tensor, ignored: Tensor | None) -> Tensor:
        """x + cross_attention(norm(x), memory): each place with what it has seen in memory.

        ignored: (B, S), True where memory is to be ignored, or None.
        """
        assert self.ln_cross is not None
        assert self.cross_attn is not None
        seen = self.cross_attn(self.ln_cross(x), memory, memory, key_padding_mask=ignored)
        return x + self.drop(seen)

    def check_memory(self, memory: Tensor | None) -> None:
        """Raise ValueError unless there is a memory just where the block looks at one."""
        if memory is None and self.cross_attn is not None:
            raise ValueError("TransformerBlock: with cross_attention=True it needs a memory")
        if memory is not None and self.cross_attn is None:
            raise ValueError(
                "TransformerBlock: a memory was given, but the block has no cross-attention: make "
                "it with cross_attention=True"
            )
