"""The corpus: nothing of the text is lost, and what is looked at was not trained with."""

from dataclasses import replace

import numpy as np
import pytest
from tinytorch_tinygpt import Recipe, load_corpus
from tinytorch_tinygpt.recipe import PRESETS
from tinytorch_tinygpt.texts import training_loader, validation_loader

from tinytorch.dataloader import Stories


@pytest.mark.parametrize("vocabulary", [0, 300])
def test_tokens_are_the_text(vocabulary):
    recipe = replace(Recipe(), vocabulary=vocabulary)
    corpus = load_corpus(recipe)
    stories = Stories()
    assert corpus.tokenizer.decode(corpus.train.tolist()) == stories.train_text
    assert corpus.tokenizer.decode(corpus.val.tolist()) == stories.val_text
    assert corpus.tokenizer.vocab_size == (vocabulary or len(stories.characters))


def test_batches_between_two_looks():
    recipe = replace(Recipe(), batch_size=4, context=8, every=5)
    loader = training_loader(load_corpus(recipe), recipe, np.random.default_rng(0))
    batches = list(loader)
    assert len(batches) == 5
    for inputs, targets in batches:
        assert inputs.shape == targets.shape == (4, 8)
        assert inputs[:, 1:].tolist() == targets[:, :-1].tolist()


def test_each_look_is_at_the_same_windows():
    recipe = replace(Recipe(), batch_size=4, context=8)
    corpus = load_corpus(recipe)
    first, second = (
        [inputs.tolist() for inputs, _ in validation_loader(corpus, recipe, 3)] for _ in range(2)
    )
    assert first == second
    assert len(first) == 3


def test_the_presets_are_recipes_of_themselves():
    for recipe in PRESETS.values():
        assert Recipe.from_dict(recipe.as_dict()) == recipe
        assert recipe.steps % recipe.every == 0
        assert recipe.width % recipe.heads == 0
