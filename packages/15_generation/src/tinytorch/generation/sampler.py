"""A sampler: from a row of logits to a token, by all the rules that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinytorch.tensor import Array

from .min_p import min_p
from .repetition_penalty import repetition_penalty
from .sampling import most_likely, sample
from .temperature import temperature
from .top_k import top_k
from .top_p import top_p


@dataclass(frozen=True)
class Sampler:
    """How tokens are chosen. The rules are applied in the order in which they stand in `adjusted`.

    temperature: what the logits are divided by; 0 for the most likely token. top_k: from how many
    tokens to choose. top_p: from how much of the probability. min_p: how likely a token must be
    beside the likeliest. repetition_penalty: by how much what has occurred is punished. greedy:
    take the most likely token, whatever the first four say.

    None, and a penalty of 1, leave a rule out. Raises ValueError for values that cannot be.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repetition_penalty: float = 1.0
    greedy: bool = False

    def __post_init__(self) -> None:
        """Try the rules on a row of two tokens: each refuses what cannot be."""
        row = np.zeros((1, 2))
        if self.temperature not in (0, 1):
            temperature(row, self.temperature)
        if self.top_k is not None:
            top_k(row, self.top_k)
        if self.top_p is not None:
            top_p(row, self.top_p)
        if self.min_p is not None:
            min_p(row, self.min_p)
        if self.repetition_penalty != 1:
            repetition_penalty(row, row > 0, self.repetition_penalty)

    @property
    def takes_the_likeliest(self) -> bool:
        return self.greedy or self.temperature == 0

    def __call__(
        self,
        logits: Array,
        seen: Array | None = None,
        generator: np.random.Generator | None = None,
    ) -> Array:
        """A token for each row of logits: (rows, vocab) to (rows,), int64.

        seen: (rows, vocab), bool, what has occurred: see `occurrences`. None where nothing is
        to be punished. generator: the default one unless given.
        """
        logits = self.adjusted(logits, seen)
        return most_likely(logits) if self.takes_the_likeliest else sample(logits, generator)

    def adjusted(self, logits: Array, seen: Array | None = None) -> Array:
        """The logits behind all rules: the penalty, temperature, top-k, top-p, min-p.

        Where the most likely token is taken, behind the penalty. Shapes as in a call.
        """
        if seen is not None:
            logits = repetition_penalty(logits, seen, self.repetition_penalty)
        if self.takes_the_likeliest:
            return logits
        logits = temperature(logits, self.temperature)
        if self.top_k is not None:
            logits = top_k(logits, self.top_k)
        if self.top_p is not None:
            logits = top_p(logits, self.top_p)
        if self.min_p is not None:
            logits = min_p(logits, self.min_p)
        return logits


def occurrences(rows: Sequence[Sequence[int]], vocab_size: int) -> Array:
    """Which tokens each row holds: (rows, vocab_size), bool."""
    seen = np.zeros((len(rows), vocab_size), bool)
    for i, row in enumerate(rows):
        seen[i, row] = True
    return seen
