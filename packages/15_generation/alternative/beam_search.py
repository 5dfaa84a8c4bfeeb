"""Task 15.7 by other ways: candidates as a list that is sorted, one step a round."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from tinytorch.tensor import Array

from .decoder import Decoder
from .finished import Beam, Finished


def search(
    decoder: Decoder,
    finished: Finished,
    max_new_tokens: int,
    num_beams: int,
    stop_tokens: Collection[int],
) -> list[Beam]:
    going, length = [0.0], 0
    while length < max_new_tokens and going:
        length += 1
        log_p = log_probabilities(decoder.next_logits()) + np.array(going)[:, None]
        finished.add_ending(decoder.rows, log_p, stop_tokens, length)
        rows, tokens = likeliest(log_p, stop_tokens, num_beams)
        going = log_p[rows, tokens].tolist()
        if going:
            decoder.keep([int(row) for row in rows])
            decoder.append(tokens)
            if finished.is_settled(max(going), length):
                going = []
    for value, row in zip(going, decoder.rows, strict=False):
        finished.add(row, value, length)
    return finished.beams


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
