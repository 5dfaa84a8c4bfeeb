"""Task 15.5, the loop, by other ways: finished rows in a dictionary, and a countdown."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from .decoder import Decoder
from .prompts import Rows
from .sampler import Sampler


def complete(
    decoder: Decoder,
    max_new_tokens: int,
    sampler: Sampler,
    stop_tokens: Collection[int] = (),
    generator: np.random.Generator | None = None,
) -> Rows:
    total = len(decoder.rows)
    places, finished = list(range(total)), {}
    while max_new_tokens > 0 and len(finished) < total:
        max_new_tokens -= 1
        tokens = decoder.choose(sampler, generator).tolist()
        decoder.append(tokens)
        goes_on = [token not in stop_tokens for token in tokens]
        for place, row, alive in zip(places, decoder.rows, goes_on, strict=True):
            if not alive:
                finished[place] = row
        if any(goes_on) and not all(goes_on):
            decoder.keep([i for i, alive in enumerate(goes_on) if alive])
        places = [place for place, alive in zip(places, goes_on, strict=True) if alive]
    finished.update(zip(places, decoder.rows, strict=False))
    return [finished[place] for place in range(total)]


def flow(
    decoder: Decoder,
    max_new_tokens: int,
    sampler: Sampler,
    stop_tokens: Collection[int] = (),
    generator: np.random.Generator | None = None,
) -> Iterator[int]:
    left, stopped = max_new_tokens, False
    while left and not stopped:
        chosen = decoder.choose(sampler, generator)
        decoder.append(chosen)
        left -= 1
        stopped = decoder.rows[0][-1] in stop_tokens
        yield decoder.rows[0][-1]
