"""The network learns to write stories, in which most sentences are grammatical."""

from dataclasses import replace

import numpy as np
import pytest
from tinytorch_tinygpt import Recipe, evaluate_loss, grammatical_share, load_corpus, train, write

RECIPE = replace(Recipe(), steps=300, layers=3, context=64, batch_size=16, every=100)


@pytest.fixture(scope="module")
def trained():
    corpus = load_corpus(RECIPE)
    model, history = train(RECIPE, corpus)
    return model.eval(), history, corpus


def test_the_loss_falls_below_one(trained):
    """A model that knows nothing has log 512 = 6.2."""
    model, _, corpus = trained
    loss = evaluate_loss(model, corpus, RECIPE, batches=20)
    assert loss < 1.0, f"after {RECIPE.steps} steps the loss of other stories is {loss:.3f}"


def test_it_falls_from_look_to_look(trained):
    _, history, _ = trained
    losses = history["validation_loss"]
    assert (np.diff(losses) < 0).all(), f"the losses at the looks are {losses}"


def test_half_of_its_sentences_are_grammatical(trained):
    model, _, corpus = trained
    text = write(model, corpus.tokenizer, tokens=700)
    share = grammatical_share(text)
    assert share > 0.5, f"{share:.0%} of these sentences are grammatical:\n{text}"
