"""Beam search: the likeliest sequence, looked for along several at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from tinytorch.layers import Module
from tinytorch.tensor import Array

from .decoder import Decoder
from .generate import check_count
from .prompts import as_rows
from .sampling import probabilities


class Beam(NamedTuple):
    """A sequence that was found.

    ids: int64, the prompt and what was put behind it. log_probability: the sum of log p over the
    new tokens. score: what it was compared by.
    """

    ids: Array
    log_probability: float
    score: float


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
    return search(decoder, max_new_tokens, num_beams, length_penalty, frozenset(stop_tokens))


def search(
    decoder: Decoder,
    max_new_tokens: int,
    num_beams: int,
    length_penalty: float,
    stop_tokens: Collection[int],
) -> list[Beam]:
    """`beam_search` behind the decoder's one row."""
    going = np.zeros(1)
    finished: list[Beam] = []
    for length in range(1, max_new_tokens + 1):
        log_p = going[:, np.newaxis] + log_probabilities(decoder.next_logits())
        for row, token in ending(log_p, stop_tokens, num_beams):
            ended = np.array([*decoder.rows[row], token])
            finished.append(scored(ended, log_p[row, token], length, length_penalty))
        finished = best(finished, num_beams)
        rows, tokens = likeliest(log_p, stop_tokens, num_beams)
        if not len(rows):
            return finished
        going = log_p[rows, tokens]
        decoder.keep(rows.tolist())
        decoder.append(tokens)
        if settled(finished, going[0], length, max_new_tokens, length_penalty, num_beams):
            return finished
    for ids, value in zip(decoder.rows, going, strict=True):
        finished.append(scored(np.array(ids), value, max_new_tokens, length_penalty))
    return best(finished, num_beams)


def log_probabilities(logits: Array) -> Array:
    """log p of every token, (…, vocab), float64; −inf where p is 0."""
    with np.errstate(divide="ignore"):
        return np.log(probabilities(logits.astype(np.float64)))


def likeliest(log_p: Array, stop_tokens: Collection[int], count: int) -> tuple[Array, Array]:
    """Rows and tokens of the `count` largest of log_p, falling, stop tokens and −inf left out.

    log_p: (rows, vocab). Two arrays of the same length, of up to `count` numbers.
    """
    open_ones = log_p.copy()
    open_ones[:, [t for t in stop_tokens if 0 <= t < log_p.shape[1]]] = -np.inf
    flat = open_ones.reshape(-1)
    order = np.argsort(-flat, kind="stable")[:count]
    order = order[flat[order] > -np.inf]
    return np.unravel_index(order, log_p.shape)  # type: ignore[return-value]


def ending(log_p: Array, stop_tokens: Collection[int], count: int) -> list[tuple[int, int]]:
    """Rows and tokens with which a sequence ends: stop tokens that are possible at all.

    Of one length, no more than the `count` likeliest can come among the best.
    """
    pairs = [
        (row, token)
        for row in range(log_p.shape[0])
        for token in stop_tokens
        if 0 <= token < log_p.shape[1] and log_p[row, token] > -np.inf
    ]
    return sorted(pairs, key=lambda pair: -log_p[pair])[:count]


def scored(ids: Array, log_probability: float, length: int, length_penalty: float) -> Beam:
    """length: the number of new tokens."""
    score = log_probability / max(1, length) ** length_penalty
    return Beam(ids, float(log_probability), float(score))


def best(finished: list[Beam], count: int) -> list[Beam]:
    """The `count` with the largest scores, falling."""
    return sorted(finished, key=lambda beam: -beam.score)[:count]


def settled(
    finished: list[Beam],
    likeliest_going: float,
    length: int,
    max_new_tokens: int,
    length_penalty: float,
    count: int,
) -> bool:
    """Whether nothing that goes on can come among the `count` finished ones.

    log p falls with every token. So a sequence that goes on cannot score more than it would with
    the log p of now and the length that is best for it: the largest if longer is better, the next
    otherwise.
    """
    if len(finished) < count or length == max_new_tokens:
        return False
    kindest = max_new_tokens if length_penalty > 0 else length + 1
    bound: float = likeliest_going / kindest**length_penalty
    return bound <= finished[-1].score
