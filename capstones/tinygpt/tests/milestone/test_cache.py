"""What a GPT writes with a cache is what it writes without one."""

import numpy as np
from tinytorch_tinygpt import Recipe, make_model

from tinytorch.generation import generate
from tinytorch.tensor import Tensor

RECIPE = Recipe(layers=2, heads=2, width=16, context=12, seed=3)


def stirred_model():
    rng = np.random.default_rng(5)
    model = make_model(RECIPE, vocabulary=20).eval()
    for parameter in model.parameters():
        parameter.detach().copy_(Tensor((0.3 * rng.standard_normal(parameter.shape)).tolist()))
    return model.requires_grad_(False)


def test_scores_behind_a_cache_are_those_of_the_whole_text():
    model = stirred_model()
    idx = np.random.default_rng(0).integers(20, size=(2, 12))
    expected = np.array(model(Tensor(idx)).tolist())
    cache, found = model.new_cache(2), []
    for start, end in ((0, 5), (5, 6), (6, 9), (9, 12)):
        found.append(np.array(model(Tensor(idx[:, start:end]), cache=cache).tolist()))
    assert np.abs(np.concatenate(found, axis=1) - expected).max() < 1e-4


def test_the_likeliest_tokens_are_the_same_past_the_context():
    model = stirred_model()
    prompt = np.array([3, 1, 4])
    with_cache = generate(model, prompt, 40, greedy=True)
    without = generate(model, prompt, 40, greedy=True, use_cache=False)
    assert np.array_equal(np.asarray(with_cache), np.asarray(without))
