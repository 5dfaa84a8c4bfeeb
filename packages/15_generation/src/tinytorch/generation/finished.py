"""What a beam search has found: finished sequences, the best of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from tinytorch.tensor import Array


class Beam(NamedTuple):
    """A sequence that was found.

    ids: int64, the prompt and what was put behind it. log_probability: the sum of log p over the
    new tokens. score: what it was compared by.
    """

    ids: Array
    log_probability: float
    score: float


class Finished:
    """The best sequences that have ended, no more than `count`.

    They are compared by log p / (number of new tokens)^length_penalty. max_new_tokens: the largest
    number of new tokens that there can be.

    beams: the sequences, the best one first.
    """

    def __init__(self, count: int, length_penalty: float, max_new_tokens: int) -> None:
        self.count = count
        self.length_penalty = length_penalty
        self.max_new_tokens = max_new_tokens
        self.beams: list[Beam] = []

    def add(self, ids: Sequence[int], log_probability: float, length: int) -> None:
        """Take in a sequence with `length` new tokens, if it is among the best."""
        score = log_probability / max(1, length) ** self.length_penalty
        self.beams.append(Beam(np.array(ids), float(log_probability), float(score)))
        self.beams = sorted(self.beams, key=lambda beam: -beam.score)[: self.count]

    def add_ending(
        self,
        rows: Sequence[Sequence[int]],
        log_p: Array,
        stop_tokens: Collection[int],
        length: int,
    ) -> None:
        """Take in every row with every stop token behind it that is possible at all.

        log_p: (rows, vocab), of the row's new tokens and one more. length: how many that makes.
        """
        for i, row in enumerate(rows):
            for token in stop_tokens:
                if 0 <= token < log_p.shape[1] and log_p[i, token] > -np.inf:
                    self.add([*row, token], log_p[i, token], length)

    def is_settled(self, likeliest: float, length: int) -> bool:
        """Whether nothing that goes on can come among the best any more.

        likeliest: the largest log p of what goes on, with `length` new tokens. It falls with every
        token. So what goes on cannot score more than it would with the log p of now and the length
        that is kindest to it: the largest if longer is better, the next otherwise.
        """
        if len(self.beams) < self.count or length == self.max_new_tokens:
            return False
        kindest = self.max_new_tokens if self.length_penalty > 0 else length + 1
        return bool(likeliest / kindest**self.length_penalty <= self.beams[-1].score)
