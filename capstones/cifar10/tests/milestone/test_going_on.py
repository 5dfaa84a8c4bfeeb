"""A training that was stopped and went on ends where it would have ended."""

import numpy as np
from tinytorch_cifar10 import Recipe, train

from tinytorch.dataloader import Shapes


def images():
    return Shapes(train=True, size=120), Shapes(train=False, size=40)


def numbers(network):
    return {name: np.array(tensor.tolist()) for name, tensor in network.state_dict().items()}


def test_two_halves_are_the_whole(tmp_path):
    recipe = Recipe("shapes", epochs=4, width=2, batch_size=20, lr=0.05)
    whole, _ = train(recipe, *images(), checkpoints=tmp_path / "whole")
    folder = tmp_path / "halves"
    train(recipe, *images(), checkpoints=folder, epochs=2)
    halves, history = train(recipe, *images(), checkpoints=folder, resume=True)
    assert len(history) == 4
    expected, found = numbers(whole), numbers(halves)
    differing = [name for name in expected if (expected[name] != found[name]).any()]
    assert not differing, f"these differ: {', '.join(differing)}"
