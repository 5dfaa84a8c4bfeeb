"""How many epochs fit into the time that there is: a short rehearsal tells."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from tinytorch.tensor import Tensor
from tinytorch.training import Shards, cross_entropy

from .network import make_network
from .recipe import Recipe

REHEARSED_STEPS = 8
SPARE = 0.85
"""The share of the budget that is planned with; the rest is for evaluation and slow moments."""


def epochs_within(seconds: float, recipe: Recipe, images: int) -> int:
    """The recipe's epochs, or as many as take about `seconds`; at least one.

    One cycle of the learning rate must be planned before it begins. So steps are timed on another
    network of the same size and thrown away.
    """
    steps = max(1, images // recipe.batch_size)
    epoch = steps * seconds_a_step(recipe)
    return int(np.clip(seconds * SPARE / epoch, 1, recipe.epochs))


def seconds_a_step(recipe: Recipe) -> float:
    """The median time of a step of forward and back."""
    network = make_network(recipe.width)
    rng = np.random.default_rng(0)
    x = Tensor(rng.standard_normal((recipe.batch_size, 3, 32, 32), np.float32))
    y = Tensor(rng.integers(10, size=recipe.batch_size))
    times = []
    with Shards(network, cross_entropy, recipe.shards) as shards:
        for _ in range(REHEARSED_STEPS):
            start = perf_counter()
            shards.backward(x, y)
            times.append(perf_counter() - start)
    return float(np.median(times[1:]))
