"""Text from a model: pieces as they come, whole characters only, up to a stop string."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, Unpack

from tinytorch.layers import Module

from .generate import Options, stream
from .stops import split_at_stop

INCOMPLETE = "\N{REPLACEMENT CHARACTER}"
"""What decoding puts in the place of bytes that are no character, or not yet."""


class Tokenizer(Protocol):
    """What turns text into tokens and back: those of `tinytorch.embeddings`, and others."""

    def encode(self, text: str) -> list[int]: ...

    def decode(self, ids: Sequence[int]) -> str: ...


def generate_text(
    model: Module,
    tokenizer: Tokenizer,
    prompt: str,
    max_new_tokens: int = 200,
    *,
    stop: str | Sequence[str] = (),
    **options: Unpack[Options],
) -> str:
    """What the model writes behind the prompt: up to max_new_tokens, or to a stop string.

    tokenizer: encode(text) gives tokens, decode(tokens) text. stop: strings; the text ends in front
    of the first that comes, and does not hold it. options: see `generate`. Raises ValueError for an
    empty prompt or stop string.
    """
    return "".join(stream_text(model, tokenizer, prompt, max_new_tokens, stop=stop, **options))


def stream_text(
    model: Module,
    tokenizer: Tokenizer,
    prompt: str,
    max_new_tokens: int = 200,
    *,
    stop: str | Sequence[str] = (),
    **options: Unpack[Options],
) -> Iterator[str]:
    """What `generate_text` gives, in pieces, each as soon as it is certain.

    A character whose bytes have not all come is held back, and so is what may be the beginning of a
    stop string. No piece is empty.
    """
    strings = (stop,) if isinstance(stop, str) else tuple(stop)
    if "" in strings:
        raise ValueError("stream_text: a stop string must not be empty: it would come at once")
    tokens = stream(model, tokenizer.encode(prompt), max_new_tokens, **options)
    return until_stop(whole_characters(tokens, tokenizer), strings)


def whole_characters(tokens: Iterable[int], tokenizer: Tokenizer) -> Iterator[str]:
    """The text of tokens that come one by one, as far as its characters are complete.

    Tokens may be pieces of a character's bytes. Decoded, an incomplete one becomes U+FFFD; so what
    is in front of such an end is given, and the tokens are kept until no such end is left. What is
    incomplete when the tokens end is given as it is.
    """
    kept: list[int] = []
    given = 0
    for token in tokens:
        kept.append(token)
        text = tokenizer.decode(kept)
        certain = text.rstrip(INCOMPLETE)
        if len(certain) > given:
            yield certain[given:]
            given = len(certain)
        if certain == text:
            kept, given = [], 0
    if kept:
        yield tokenizer.decode(kept)[given:]


def until_stop(pieces: Iterable[str], stop: Sequence[str]) -> Iterator[str]:
    """The pieces up to the first stop string, which may lie across several of them."""
    waiting = ""
    for piece in pieces:
        ready, waiting, stopped = split_at_stop(waiting + piece, stop)
        if ready:
            yield ready
        if stopped:
            return
    if waiting:
        yield waiting
