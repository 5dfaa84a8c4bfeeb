"""Generation: token after token, for one prompt or many."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypedDict, Unpack, overload

import numpy as np

from tinytorch.layers import Module
from tinytorch.tensor import Array, Tensor

from .decoder import Decoder
from .inference import at_work
from .prompts import Rows, as_rows
from .sampler import Sampler


class Options(TypedDict, total=False):
    """What `generate` and `stream` can be told by name."""

    temperature: float
    top_k: int | None
    top_p: float | None
    min_p: float | None
    repetition_penalty: float
    greedy: bool
    stop_tokens: Collection[int]
    generator: np.random.Generator | None
    use_cache: bool


@overload
def generate(
    model: Module, idx: Sequence[int], max_new_tokens: int, **options: Unpack[Options]
) -> Array: ...
@overload
def generate(
    model: Module, idx: Sequence[Sequence[int]], max_new_tokens: int, **options: Unpack[Options]
) -> list[Array]: ...
@overload
def generate(
    model: Module, idx: Tensor | Array, max_new_tokens: int, **options: Unpack[Options]
) -> Any: ...
def generate(
    model: Module,
    idx: Any,
    max_new_tokens: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    repetition_penalty: float = 1.0,
    greedy: bool = False,
    stop_tokens: Collection[int] = (),
    generator: np.random.Generator | None = None,
    use_cache: bool = True,
) -> Array | list[Array]:
    """The prompt, and up to max_new_tokens that the model puts behind it, each drawn in turn.

    model: as in `Decoder`; it is in evaluation mode meanwhile, and nothing is recorded. idx: a
    prompt, (T,), or several: (rows, T), or a list of prompts of any lengths. temperature to greedy:
    see `Sampler`. stop_tokens: behind one of these a row ends. generator: where draws come from;
    the default one unless given. use_cache: the same tokens either way, and with it sooner.

    The result: an int64 array, the prompt with what came; for several prompts a list of them, as
    long as each one became. Where a row outgrows the model's block_size, the model goes on from the
    last half of the window. Raises ValueError for options that cannot be and an empty prompt,
    TypeError for a prompt that is not made of whole numbers.
    """
    prompts, single = as_rows(idx)
    sampler = Sampler(temperature, top_k, top_p, min_p, repetition_penalty, greedy)
    check_count(max_new_tokens)
    decoder = Decoder(model, prompts, use_cache)
    with at_work(decoder.parts):
        rows = complete(decoder, max_new_tokens, sampler, stop_tokens, generator)
    found = [np.array(row, np.int64) for row in rows]
    return found[0] if single else found


def complete(
    decoder: Decoder,
    max_new_tokens: int,
    sampler: Sampler,
    stop_tokens: Collection[int] = (),
    generator: np.random.Generator | None = None,
) -> Rows:
    """Every row of the decoder with what comes behind it, in their order.

    A row that has ended leaves the decoder, so that the others go on without it.
    """
    finished: Rows = [[] for _ in decoder.rows]
    going: Sequence[int] = range(len(decoder.rows))
    for _ in range(max_new_tokens):
        decoder.append(decoder.choose(sampler, generator))
        ended = [i for i, row in enumerate(decoder.rows) if row[-1] in stop_tokens]
        if not ended:
            continue
        for i in ended:
            finished[going[i]] = decoder.rows[i]
        staying = [i for i in range(len(going)) if i not in ended]
        if not staying:
            return finished
        going = [going[i] for i in staying]
        decoder.keep(staying)
    for i, row in enumerate(decoder.rows):
        finished[going[i]] = row
    return finished


def stream(
    model: Module,
    idx: Any,
    max_new_tokens: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    repetition_penalty: float = 1.0,
    greedy: bool = False,
    stop_tokens: Collection[int] = (),
    generator: np.random.Generator | None = None,
    use_cache: bool = True,
) -> Iterator[int]:
    """The tokens that `generate` puts behind one prompt, each as soon as it is there.

    idx: one prompt, (T,) or (1, T). A stop token comes as the last one. Between two tokens the
    model is in the mode in which it was left, and recording as well. Everything else, and what it
    raises, is as in `generate`; for more than one prompt ValueError.
    """
    prompts, _ = as_rows(idx)
    if len(prompts) != 1:
        raise ValueError(f"stream: there is one prompt to go on from, not {len(prompts)}")
    sampler = Sampler(temperature, top_k, top_p, min_p, repetition_penalty, greedy)
    check_count(max_new_tokens)
    decoder = Decoder(model, prompts, use_cache)
    return flow(decoder, max_new_tokens, sampler, stop_tokens, generator)


def flow(
    decoder: Decoder,
    max_new_tokens: int,
    sampler: Sampler,
    stop_tokens: Collection[int] = (),
    generator: np.random.Generator | None = None,
) -> Iterator[int]:
    """The tokens behind the decoder's one row, until a stop token has come or all are there."""
    for _ in range(max_new_tokens):
        token = int(decoder.choose(sampler, generator)[0])
        decoder.append([token])
        yield token
        if token in stop_tokens:
            return


def check_count(max_new_tokens: int) -> None:
    """Raise ValueError for a number of tokens below 0."""
    if max_new_tokens < 0:
        raise ValueError(f"generate: max_new_tokens is how many, and cannot be {max_new_tokens}")
