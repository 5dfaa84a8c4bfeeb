"""Task 15.7, candidates, by other ways: log-softmax in one sum, and pairs that are sorted."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from tinytorch.tensor import Array


def log_probabilities(logits: Array) -> Array:
    wide = np.asarray(logits, np.float64)
    return wide - np.logaddexp.reduce(wide, axis=-1, keepdims=True)


def likeliest(log_p: Array, stop_tokens: Collection[int], count: int) -> tuple[Array, Array]:
    pairs = [
        (row, token)
        for row in range(log_p.shape[0])
        for token in range(log_p.shape[1])
        if token not in stop_tokens and log_p[row, token] > -np.inf
    ]
    pairs.sort(key=lambda pair: log_p[pair], reverse=True)
    rows, tokens = np.array(pairs[:count], np.int64).reshape(-1, 2).T
    return rows, tokens
