"""Task 15.6, pieces of text, by other ways: what was shown so far is remembered as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .stops import split_at_stop
from .text import Tokenizer


def whole_characters(tokens: Iterable[int], tokenizer: Tokenizer) -> Iterator[str]:
    kept: list[int] = []
    shown = ""
    for token in tokens:
        kept = [*kept, token]
        text = tokenizer.decode(kept)
        end = len(text)
        while end and text[end - 1] == "\ufffd":
            end -= 1
        if text[:end] != shown:
            yield text[len(shown) : end]
            shown = text[:end]
        if end == len(text):
            kept, shown = [], ""
    rest = tokenizer.decode(kept)[len(shown) :] if kept else ""
    if rest:
        yield rest


def until_stop(pieces: Iterable[str], stop: Sequence[str]) -> Iterator[str]:
    text, shown = "", 0
    for piece in pieces:
        text += piece
        ready, _, stopped = split_at_stop(text[shown:], stop)
        shown += len(ready)
        if ready:
            yield ready
        if stopped:
            return
    if text[shown:]:
        yield text[shown:]
