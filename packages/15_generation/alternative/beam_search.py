"""Task 15.7, the search, by another way: it ends when nothing goes on."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from .candidates import likeliest, log_probabilities
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
