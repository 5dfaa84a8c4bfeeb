"""What a model writes, and how much of it is grammatical."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinytorch.dataloader import Stories
from tinytorch.generation import stream_text
from tinytorch.transformers import GPT

from .texts import Tokenizer

BEGINNING = "\n"
TEMPERATURE = 0.8


def stream(
    model: GPT,
    tokenizer: Tokenizer,
    prompt: str = BEGINNING,
    *,
    tokens: int = 500,
    temperature: float = TEMPERATURE,
    top_k: int | None = None,
    top_p: float | None = None,
    stop: tuple[str, ...] = (),
    seed: int = 0,
) -> Iterator[str]:
    """The text behind the prompt, in pieces, as it comes.

    temperature, top_k, top_p, stop: as in `tinytorch.generation.generate`; a temperature of 0 takes
    the likeliest token each time.
    """
    return stream_text(
        model,
        tokenizer,
        prompt,
        tokens,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        stop=stop,
        generator=np.random.default_rng(seed),
    )


def write(model: GPT, tokenizer: Tokenizer, prompt: str = BEGINNING, **options: object) -> str:
    """The text behind the prompt. See `stream`."""
    return "".join(stream(model, tokenizer, prompt, **options))  # type: ignore[arg-type]


def grammatical_share(text: str) -> float:
    """The share of a text's sentences that the stories' grammar accepts, from 0 to 1."""
    return Stories.acceptance(text)
