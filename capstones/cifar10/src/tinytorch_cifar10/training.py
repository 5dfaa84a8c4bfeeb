"""Training by a recipe: momentum, one cycle of the learning rate, a checkpoint an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from tinytorch.layers import Module, Parameter
from tinytorch.networks import Sequential
from tinytorch.optimizers import SGD, OneCycleLR
from tinytorch.tensor import manual_seed
from tinytorch.training import (
    Accuracy,
    Callback,
    Checkpoint,
    History,
    Trainer,
    cross_entropy,
    keep_memory,
)

from .data import Images, evaluation_loader, training_loader
from .network import make_network
from .recipe import Recipe

WARM_UP = 0.25


def train(
    recipe: Recipe,
    train_images: Images,
    test_images: Images,
    *,
    callbacks: Sequence[Callback] = (),
    checkpoints: Path | None = None,
    resume: bool = False,
    epochs: int | None = None,
    time_budget: float | None = None,
) -> tuple[Sequential, History]:
    """The network and the history of its epochs.

    checkpoints: a folder where each epoch's end is saved; with `resume` the latest there is where
    training goes on. epochs: where to stop before the recipe's end. time_budget: seconds after
    which it stops within an epoch.
    """
    keep_memory()
    manual_seed(recipe.seed)
    draws = np.random.default_rng(recipe.seed)
    model = make_network(recipe.width, len(train_images.classes), draws)
    loader = training_loader(train_images, recipe, np.random.default_rng([recipe.seed, 1]))
    optimizer = SGD(
        weight_decay_groups(model, recipe.weight_decay),
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=True,
    )
    schedule = OneCycleLR(
        optimizer,
        recipe.lr,
        total_steps=max(1, recipe.epochs * len(loader)),
        pct_start=WARM_UP,
        cycle_momentum=False,
    )
    saving = [Checkpoint(checkpoints, keep_last=2)] if checkpoints else []
    trainer = Trainer(
        model,
        optimizer,
        partial(cross_entropy, label_smoothing=recipe.label_smoothing),
        metrics={"accuracy": Accuracy()},
        scheduler=schedule,
        scheduler_every="step",
        callbacks=[*callbacks, *saving],
        shards=recipe.shards,
    )
    history = trainer.fit(
        loader,
        evaluation_loader(test_images, recipe.dataset),
        recipe.epochs if epochs is None else epochs,
        time_budget=time_budget,
        resume=checkpoints if resume else None,
    )
    return model, history


def weight_decay_groups(model: Module, weight_decay: float) -> list[dict[str, object]]:
    """Weights decay; what is one number a channel (biases, batch normalisation) does not."""
    decaying: list[Parameter] = [p for p in model.parameters() if p.ndim > 1]
    others: list[Parameter] = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
