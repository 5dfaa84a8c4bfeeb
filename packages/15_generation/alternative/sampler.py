"""Task 15.3, all rules, by other ways: a list of steps, and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from tinytorch.tensor import Array

from .min_p import min_p
from .repetition_penalty import repetition_penalty
from .temperature import temperature
from .top_k import top_k
from .top_p import top_p


class Sampler:
    def adjusted(self, logits: Array, seen: Array | None = None) -> Array:
        steps: list[Callable[[Array], Array]] = []
        if seen is not None:
            steps.append(partial(repetition_penalty, seen=seen, penalty=self.repetition_penalty))
        if not self.takes_the_likeliest:
            steps.append(partial(temperature, t=self.temperature))
            if self.top_k:
                steps.append(partial(top_k, k=self.top_k))
            if self.top_p:
                steps.append(partial(top_p, p=self.top_p))
            if self.min_p:
                steps.append(partial(min_p, p=self.min_p))
        for step in steps:
            logits = step(logits)
        return logits


def occurrences(rows: Sequence[Sequence[int]], vocab_size: int) -> Array:
    vocabulary = np.arange(vocab_size)
    found = [np.isin(vocabulary, np.array(row, np.int64)) for row in rows]
    return np.array(found, bool).reshape(len(rows), vocab_size)
