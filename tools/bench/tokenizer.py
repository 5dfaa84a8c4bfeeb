"""Byte-pair tokens: learning a vocabulary of 1,000 from 300,000 characters, and encoding them.

Beside the library `tokenizers`, which is written in Rust and uses both cores.
"""

from __future__ import annotations

from typing import Any

from .case import Case, Work

VOCABULARY = 1000
CHARACTERS = 300_000


def text() -> str:
    """Made-up fables: no other text is there without a download."""
    from tinytorch.dataloader import Stories

    written: str = Stories(1500).text[:CHARACTERS]
    return written


def trained_library() -> Any:
    from tokenizers import ByteLevelBPETokenizer

    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator([text()], VOCABULARY, show_progress=False)
    return tokenizer


def library_training() -> Work:
    from tokenizers import ByteLevelBPETokenizer

    written = text()

    def work() -> None:
        ByteLevelBPETokenizer().train_from_iterator([written], VOCABULARY, show_progress=False)

    return work


def tinytorch_training() -> Work:
    from tinytorch.embeddings import BPETokenizer

    written = text()
    return lambda: BPETokenizer.train(written, VOCABULARY)


def library_encoding() -> Work:
    tokenizer, written = trained_library(), text()
    return lambda: tokenizer.encode(written).ids


def tinytorch_encoding() -> Work:
    from tinytorch.embeddings import BPETokenizer

    written = text()
    tokenizer = BPETokenizer.train(written, VOCABULARY)
    return lambda: tokenizer.encode(written)


CASES = [
    Case("learning byte pairs", {"tokenizers": library_training, "TinyTorch": tinytorch_training}),
    Case(
        "encoding by byte pairs", {"tokenizers": library_encoding, "TinyTorch": tinytorch_encoding}
    ),
]
