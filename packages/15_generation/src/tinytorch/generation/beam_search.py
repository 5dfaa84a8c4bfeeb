"""Beam search: the likeliest sequence, looked for along several at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from tinytorch.layers import Module

from .candidates import likeliest, log_probabilities
from .decoder import Decoder
from .finished import Beam, Finished
from .generate import check_count
from .inference import at_work
from .prompts import as_rows


def beam_search(
    model: Module,
    idx: Any,
    max_new_tokens: int,
    num_beams: int,
    length_penalty: float = 1.0,
    stop_tokens: Collection[int] = (),
    *,
    use_cache: bool = True,
) -> list[Beam]:
    """The num_beams best sequences found behind one prompt, the best one first.

    In each step every sequence is tried with every token, and the num_beams likeliest that do not
    end with a stop token go on; those that do are finished. What has max_new_tokens is finished,
    too. Finished ones are compared by

        score = log p(new tokens) / (number of new tokens)^length_penalty

    0 prefers short sequences, as each token costs; 1 is the mean for each token. The search ends as
    soon as nothing that goes on can come among the best. Fewer come back where there are fewer.

    model, use_cache: as in `generate`. idx: one prompt, (T,) or (1, T). Raises ValueError unless
    num_beams ≥ 1, and for more than one prompt. Graves 2012; length penalty as in Hugging Face.
    """
    prompts, _ = as_rows(idx)
    if len(prompts) != 1:
        raise ValueError(f"beam_search: there is one prompt to go on from, not {len(prompts)}")
    if num_beams < 1:
        raise ValueError(f"beam_search: at least one beam is needed, not {num_beams}")
    check_count(max_new_tokens)
    decoder = Decoder(model, prompts, use_cache)
    finished = Finished(num_beams, length_penalty, max_new_tokens)
    with at_work(decoder.parts):
        return search(decoder, finished, max_new_tokens, num_beams, frozenset(stop_tokens))


def search(
    decoder: Decoder,
    finished: Finished,
    max_new_tokens: int,
    num_beams: int,
    stop_tokens: Collection[int],
) -> list[Beam]:
    """`beam_search` behind the decoder's one row. What ends goes into `finished`, which is empty
    at first; its beams are the result.
    """
    going = np.zeros(1)
    for length in range(1, max_new_tokens + 1):
        log_p = going[:, np.newaxis] + log_probabilities(decoder.next_logits())
        finished.add_ending(decoder.rows, log_p, stop_tokens, length)
        rows, tokens = likeliest(log_p, stop_tokens, num_beams)
        if not len(rows):
            return finished.beams
        going = log_p[rows, tokens]
        decoder.keep(rows)
        decoder.append(tokens)
        if finished.is_settled(going[0], length):
            return finished.beams
    for i, row in enumerate(decoder.rows):
        finished.add(row, going[i], max_new_tokens)
    return finished.beams
