"""Text in pieces with the tokenizers of `tinytorch.embeddings`."""

from collections.abc import Sequence

import pytest

from tinytorch.embeddings import BPETokenizer, CharTokenizer
from tinytorch.generation import Tokenizer, generate_text, stream_text
from tinytorch.generation.text import whole_characters
from tinytorch.transformers import GPT, GPTConfig

TEXT = "Grüße, Ente 🦆 und Fuchs 🦊! Der Preis: 3 €, größer → teurer. " * 3


def tokenizers() -> Sequence[Tokenizer]:
    return CharTokenizer.train(TEXT), BPETokenizer.train(TEXT, 270), BPETokenizer.train(TEXT, 300)


@pytest.mark.parametrize("which", range(3))
def test_all_pieces_are_the_whole(which: int) -> None:
    tokenizer = tokenizers()[which]
    pieces = list(whole_characters(tokenizer.encode(TEXT), tokenizer))
    assert "".join(pieces) == TEXT
    assert "" not in pieces
    assert "\ufffd" not in "".join(pieces)
    assert max(map(len, pieces)) < 15


@pytest.mark.parametrize("which", range(3))
def test_a_model_writes(which: int) -> None:
    tokenizer = tokenizers()[which]
    size: int = tokenizer.vocab_size  # type: ignore[attr-defined]
    model = GPT(GPTConfig(vocab_size=size, block_size=16, n_layer=1, n_head=1, n_embd=4))
    text = generate_text(model, tokenizer, "Der ", 30, greedy=True)
    pieces = list(stream_text(model, tokenizer, "Der ", 30, greedy=True))
    assert "".join(pieces) == text
    assert text
