"""What a model writes, and how much of it is grammatical."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinytorch.dataloader import Stories
from tinytorch.generation import stream_text
from tinytorch.transformers import GPT

from .texts import Tokenizer

TEMPERATURE = 0.8


def beginning(tokenizer: Tokenizer) -> str:
    """What a text is begun with where nobody begins it: a new line, or the first token there is."""
    try:
        tokenizer.encode("\n")
    except ValueError:
        return tokenizer.decode([0])
    return "\n"


def stream(
    model: GPT,
    tokenizer: Tokenizer,
    prompt: str | None = None,
    *,
    tokens: int = 500,
    temperature: float = TEMPERATURE,
    top_k: int | None = None,
    top_p: float | None = None,
    stop: tuple[str, ...] = (),
    seed: int = 0,
) -> Iterator[str]:
    """The text behind the prompt, in pieces, as it comes; without a prompt, a text of its own.

    temperature, top_k, top_p, stop: as in `tinytorch.generation.generate`; a temperature of 0 takes
    the likeliest token each time.
    """
    return stream_text(
        model,
        tokenizer,
        beginning(tokenizer) if prompt is None else prompt,
        tokens,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        stop=stop,
        generator=np.random.default_rng(seed),
    )


def write(model: GPT, tokenizer: Tokenizer, prompt: str | None = None, **options: object) -> str:
    """The text behind the prompt. See `stream`."""
    return "".join(stream(model, tokenizer, prompt, **options))  # type: ignore[arg-type]


def grammatical_share(text: str) -> float:
    """The share of a text's sentences that the stories' grammar accepts, from 0 to 1."""
    return Stories.acceptance(text)
