"""What a GPT remembers of the tokens that it has read: keys and values of every block."""

from __future__ import annotations

from collections.abc import Sequence

from tinytorch.attention import KVCache


class GPTCache:
    """The caches of all blocks, which grow together. `GPT.new_cache` makes one.

    It has room for max_length tokens of each sequence of a batch.
    """

    def __init__(self, layers: Sequence[KVCache]) -> None:
        self.layers = tuple(layers)

    def __getitem__(self, block: int) -> KVCache:
        return self.layers[block]

    def __len__(self) -> int:
        return len(self.layers)

    @property
    def length(self) -> int:
        """How many tokens it holds."""
        return self.layers[0].length

    @property
    def max_length(self) -> int:
        """How many it has room for."""
        return self.layers[0].max_length

    def reset(self) -> None:
        """Forget all tokens."""
        for layer in self.layers:
            layer.reset()

    def truncate(self, length: int) -> None:
        """Forget all tokens but the first `length`."""
        for layer in self.layers:
            layer.truncate(length)

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with these sequences of the batch, in this order; one may come several times."""
        for layer in self.layers:
            layer.keep(rows)
