"""The text: from characters to the numbers that the network learns from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinytorch.dataloader import (
    DataLoader,
    RandomSampler,
    Stories,
    Subset,
    TinyShakespeare,
    Windows,
)
from tinytorch.dataloader.text import Text
from tinytorch.embeddings import BPETokenizer, CharTokenizer
from tinytorch.tensor import Array

from .recipe import Recipe

Tokenizer = BPETokenizer | CharTokenizer
SMALLEST_VOCABULARY = 256
TRAINED_ON = 200_000
"""Characters that a byte-pair tokenizer is trained on: enough to count pairs."""


@dataclass(frozen=True)
class Corpus:
    """train, val: the tokens of the first 90 % of a text, and of the rest."""

    tokenizer: Tokenizer
    train: Array
    val: Array


def load_corpus(
    recipe: Recipe, *, data_dir: Path | None = None, file: Path | None = None
) -> Corpus:
    """The text that the recipe names, as tokens.

    data_dir: a folder with Tiny Shakespeare; without one TINYTORCH_DATA, or it is downloaded. file:
    the text of the data set "text", in UTF-8.

    Raises ValueError for a text that is shorter than two contexts.
    """
    text = text_of(recipe, data_dir, file)
    tokenizer = tokenizer_for(text, recipe.vocabulary)
    train, val = (np.asarray(tokenizer.encode(part)) for part in (text.train_text, text.val_text))
    for name, tokens in (("the first 90 %", train), ("the rest", val)):
        if len(tokens) <= recipe.context:
            raise ValueError(
                f"the text is too short: {name} has {len(tokens)} tokens, and a context "
                f"of {recipe.context} needs more: give a longer text, or a smaller --context"
            )
    return Corpus(tokenizer, train, val)


def text_of(recipe: Recipe, data_dir: Path | None, file: Path | None) -> Text:
    if recipe.dataset == "stories":
        return Stories(seed=recipe.seed)
    if recipe.dataset == "shakespeare":
        return TinyShakespeare(data_dir)
    if file is None:
        raise ValueError('the data set "text" needs a file: give --text FILE')
    return Text(file.read_text(encoding="utf-8"))


def tokenizer_for(text: Text, vocabulary: int) -> Tokenizer:
    """A token for each character, or `vocabulary` of them for the most frequent bytes in a row."""
    if vocabulary == 0:
        return CharTokenizer(text.characters)
    return BPETokenizer.train(text.train_text[:TRAINED_ON], vocabulary)


def training_loader(corpus: Corpus, recipe: Recipe, generator: np.random.Generator) -> DataLoader:
    """`every` batches of windows that begin anywhere."""
    windows = Windows(corpus.train, recipe.context)
    sampler = RandomSampler(
        windows, replacement=True, num_samples=recipe.batch_size * recipe.every, generator=generator
    )
    return DataLoader(windows, batch_size=recipe.batch_size, sampler=sampler)


def validation_loader(corpus: Corpus, recipe: Recipe, batches: int) -> DataLoader:
    """`batches` batches of windows of the rest, evenly spread: the same ones each time."""
    windows = Windows(corpus.val, recipe.context)
    count = min(len(windows), batches * recipe.batch_size)
    starts = np.linspace(0, len(windows) - 1, count).astype(int)
    return DataLoader(Subset(windows, starts.tolist()), batch_size=recipe.batch_size)
