"""Task 15.7 by other ways: candidates as a list that is sorted, one step a round."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from tinytorch.tensor import Array

from .beam_search import Beam, best, ending, scored, settled
from .decoder import Decoder


def search(
    decoder: Decoder,
    max_new_tokens: int,
    num_beams: int,
    length_penalty: float,
    stop_tokens: Collection[int],
) -> list[Beam]:
    going, finished, length = [0.0], [], 0
    while length < max_new_tokens and going:
        length += 1
        log_p = log_probabilities(decoder.next_logits()) + np.array(going)[:, None]
        finished += [
            scored(np.array(decoder.rows[row] + [token]), log_p[row, token], length, length_penalty)
            for row, token in ending(log_p, stop_tokens, num_beams)
        ]
        rows, tokens = likeliest(log_p, stop_tokens, num_beams)
        going = log_p[rows, tokens].tolist()
        if going:
            decoder.keep([int(row) for row in rows])
            decoder.append(tokens)
            ranked = best(finished, num_beams)
            if settled(ranked, max(going), length, max_new_tokens, length_penalty, num_beams):
                return ranked
    if going:
        for row, value in zip(decoder.rows, going, strict=True):
            finished.append(scored(np.array(row), value, length, length_penalty))
    return best(finished, num_beams)


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
