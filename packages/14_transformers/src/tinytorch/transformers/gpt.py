"""A GPT: tokens in, for each place a score for every token that could come next."""

from __future__ import annotations

import numpy as np

from tinytorch.attention import KVCache
from tinytorch.embeddings import Embedding
from tinytorch.layers import Identity, Module, ModuleList, linear
from tinytorch.normalization import LayerNorm
from tinytorch.tensor import DTypeLike, Tensor

from .block import TransformerBlock
from .cache import GPTCache
from .config import GPTConfig
from .feed_forward import Function
from .initialization import initialize_


class GPT(Module):
    """A decoder of pre-norm blocks with learned positions, as GPT-2 (Radford et al. 2019).

    config: its sizes. dropout: called on the sum of the embeddings, and in each block. generator:
    what the first values are drawn from. dtype: float32 if not given.

    The last layer has no weights of its own: the score of a token is the product of what the blocks
    have made of a place with the token's embedding ("tied weights", Press & Wolf 2017).
    """

    def __init__(
        self,
        config: GPTConfig,
        *,
        dropout: Function | None = None,
        dtype: DTypeLike = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        width = config.n_embd
        self.wte = Embedding(config.vocab_size, width, dtype=dtype, generator=generator)
        self.wpe = Embedding(config.block_size, width, dtype=dtype, generator=generator)
        self.drop = Identity() if dropout is None else dropout
        self.blocks = ModuleList(
            TransformerBlock(
                width,
                config.n_head,
                dropout=dropout,
                bias=config.bias,
                dtype=dtype,
                generator=generator,
            )
            for _ in range(config.n_layer)
        )
        self.ln_f = LayerNorm(width, bias=config.bias, dtype=dtype)
        initialize_(self, config.n_layer, generator)

    def forward(
        self,
        idx: Tensor,
        *,
        positions: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        cache: GPTCache | None = None,
        last_only: bool = False,
    ) -> Tensor:
        """The scores (logits) of every token to come next.

        idx: (B, T), integers below vocab_size. The result: (B, T, vocab_size), and for `last_only`
        (B, 1, vocab_size), that of the last place alone.

        cache: holds what came before idx, if anything, and idx afterwards; see `new_cache`.
        positions: (B, T), the places of idx, where they are not those behind the cache. For
        sequences that were padded. key_padding_mask: (B, S), True where a token is to be ignored,
        for all S that can be looked at, the cached ones first.

        Raises ValueError where there are more tokens than block_size or the cache have room for,
        and IndexError for a token or place that there is not.
        """
        x = self.hidden(idx, positions, key_padding_mask, cache)
        if last_only:
            x = x[:, -1:]
        return linear(x, self.wte.weight)

    def hidden(
        self,
        idx: Tensor,
        positions: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        cache: GPTCache | None = None,
    ) -> Tensor:
        """What the blocks have made of each place, normalised: (B, T, n_embd)."""
        start = 0 if cache is None else cache.length
        self.check_length(idx, start)
        x = self.drop(self.embed(idx, positions, start))
        for i, block in enumerate(self.blocks):
            x = block(
                x,
                key_padding_mask=key_padding_mask,
                is_causal=True,
                cache=None if cache is None else cache[i],
            )
        return self.ln_f(x)

    def embed(self, idx: Tensor, positions: Tensor | None, start: int) -> Tensor:
        """The embedding of each token plus that of its place: (B, T, n_embd).

        Without positions, the places are start, start + 1, and so on.
        """
        if positions is None:
            return self.wte(idx) + self.wpe.weight[start : start + idx.shape[1]]
        return self.wte(idx) + self.wpe(positions)

    def check_length(self, idx: Tensor, start: int) -> None:
        """Raise ValueError unless idx is (B, T) and there is room for T tokens behind `start`."""
        if idx.ndim != 2:
            raise ValueError(
                f"GPT: the tokens must be (B, T), a row for each sequence, not {idx.shape}"
            )
        if start + idx.shape[1] > self.config.block_size:
            behind = f" behind {start} in the cache" if start else ""
            raise ValueError(
                f"GPT: {idx.shape[1]} tokens{behind} are more than block_size, "
                f"{self.config.block_size}: give it the last ones only"
            )

    def new_cache(self, batch_size: int, max_length: int | None = None) -> GPTCache:
        """An empty cache for this model, for `batch_size` sequences at once.

        max_length: of how many tokens there is room for; block_size if not given.
        """
        room = self.config.block_size if max_length is None else max_length
        heads, size = self.config.n_head, self.config.n_embd // self.config.n_head
        dtype = self.wte.weight.dtype
        return GPTCache(
            [KVCache(batch_size, heads, room, size, dtype) for _ in range(self.config.n_layer)]
        )

    def num_parameters(self, non_embedding: bool = True) -> int:
        """How many numbers are learnt; without those for the places, unless `non_embedding` is
        False. (Those for the tokens are the last layer, too, and count.) As in nanoGPT.
        """
        count = sum(parameter.numel() for parameter in self.parameters())
        return count - self.wpe.weight.numel() if non_embedding else count
