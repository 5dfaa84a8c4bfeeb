"""The decoder: rows of tokens, and a model's logits for the next one, with a cache and a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.layers import Module
from tinytorch.tensor import Array, Tensor

from .inference import at_work
from .prompts import mask_and_positions, pad_left
from .sampler import Sampler, occurrences


class Decoder:
    """Rows of tokens that grow at their ends.

    model: takes (tokens, positions=, key_padding_mask=, cache=, last_only=), has
    config.block_size and new_cache(rows): `tinytorch.transformers.GPT` or one like it. prompts:
    rows of at least one token. use_cache: whether keys and values of what the model has seen are
    kept; without, it sees all tokens of the window again for each new one.

    rows: all tokens of each row. starts: where the window of each row begins.
    """

    def __init__(
        self, model: Module, prompts: Sequence[Sequence[int]], use_cache: bool = True
    ) -> None:
        self.model: Any = model
        self.parts = list(model.modules())
        self.rows = [list(row) for row in prompts]
        self.starts = [0] * len(self.rows)
        self.block_size: int = model.config.block_size
        self.use_cache = use_cache
        self.cache: Any = None
        self.width = 0
        """How many columns the model has seen, and keeps in the cache; 0 for none."""
        self.padding = np.zeros(len(self.rows), np.int64)

    def next_logits(self) -> Array:
        """What the model says about the token behind each row: (rows, vocab).

        It is asked about the window of each row. It sees only the new token of each row where a
        cache with room holds the rest, and otherwise the whole of all windows. (When a window
        moves, the cache is full: it holds all of that window but the new token.) Ask once between
        two `append`.
        """
        self.move_windows()
        if self.cache is None or self.width == self.block_size:
            return self.encode_windows()
        self.width += 1
        return self.ask(np.array([row[-1:] for row in self.rows]))

    def move_windows(self) -> None:
        """Let the window of each row that has outgrown the model begin anew.

        A window of more than block_size tokens becomes one of its last block_size // 2, at least
        one.
        """
        for i, row in enumerate(self.rows):
            if len(row) - self.starts[i] > self.block_size:
                self.starts[i] = len(row) - max(1, self.block_size // 2)

    def choose(self, sampler: Sampler, generator: np.random.Generator | None = None) -> Array:
        """The sampler's token for each row, of `next_logits`: (rows,), int64."""
        logits = self.next_logits()
        seen = None
        if sampler.repetition_penalty != 1:
            seen = occurrences(self.rows, logits.shape[-1])
        return sampler(logits, seen, generator)

    def append(self, tokens: Sequence[int] | Array) -> None:
        """Put a token behind each row. tokens: (rows,)."""
        for row, token in zip(self.rows, tokens, strict=True):
            row.append(int(token))

    def keep(self, rows: Sequence[int] | Array) -> None:
        """Go on with these rows alone, in this order; one that occurs twice is there twice."""
        chosen = [int(i) for i in rows]
        self.rows = [list(self.rows[i]) for i in chosen]
        self.starts = [self.starts[i] for i in chosen]
        self.padding = self.padding[chosen]
        if self.cache is not None:
            self.cache.keep(chosen)

    def encode_windows(self) -> Array:
        """Show the model all windows from their beginnings, with an empty cache: (rows, vocab)."""
        windows = [row[start:] for row, start in zip(self.rows, self.starts, strict=True)]
        tokens, self.padding = pad_left(windows)
        self.width = tokens.shape[1]
        if self.use_cache:
            self.cache = self.model.new_cache(len(windows))
        return self.ask(tokens)

    def ask(self, tokens: Array) -> Array:
        """Show the model these tokens, the last ones of each row: (rows, new) to (rows, vocab).

        Without a cache they are all there are. They must be counted in `width` already.
        """
        options: dict[str, Any] = {}
        if self.padding.any():
            mask, positions = mask_and_positions(self.padding, self.width, tokens.shape[1])
            options = {"key_padding_mask": Tensor(mask), "positions": Tensor(positions)}
        with at_work(self.parts):
            logits = self.model(Tensor(tokens), cache=self.cache, last_only=True, **options)
        last: Array = logits.detach().numpy()[:, -1]
        return last
