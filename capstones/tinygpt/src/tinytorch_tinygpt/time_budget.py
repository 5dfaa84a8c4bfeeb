"""How many steps fit into the time that there is: a short rehearsal tells."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from tinytorch.tensor import Tensor
from tinytorch.training import Shards

from .recipe import Recipe
from .training import loss_of, make_model

REHEARSED_STEPS = 12
SPARE = 0.8
"""The share of the budget that is planned with; the rest is for looks and slow moments."""


def steps_within(seconds: float, recipe: Recipe, vocabulary: int) -> int:
    """The recipe's steps, or as many as take about `seconds`: a multiple of `every`, at least one.

    The course of the learning rate must be planned before it begins. So steps are timed on another
    model of the same size, which is thrown away.
    """
    looks = int(seconds * SPARE / seconds_a_step(recipe, vocabulary)) // recipe.every
    return int(np.clip(looks * recipe.every, recipe.every, recipe.steps))


def seconds_a_step(recipe: Recipe, vocabulary: int) -> float:
    """The median time of a step of forward and back."""
    model = make_model(recipe, vocabulary)
    rng = np.random.default_rng(0)
    x, y = (
        Tensor(rng.integers(vocabulary, size=(recipe.batch_size, recipe.context))) for _ in range(2)
    )
    times = []
    with Shards(model, loss_of, recipe.shards) as shards:
        for _ in range(REHEARSED_STEPS):
            start = perf_counter()
            shards.backward(x, y)
            times.append(perf_counter() - start)
    return float(np.median(times[2:]))
