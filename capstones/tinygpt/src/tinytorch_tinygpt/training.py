"""Training by a recipe: AdamW, a warm-up and half a cosine, gradients clipped, on two threads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinytorch.layers import Module, Parameter
from tinytorch.optimizers import AdamW, LinearWarmupCosine
from tinytorch.tensor import Tensor, manual_seed
from tinytorch.training import (
    Callback,
    Checkpoint,
    History,
    Trainer,
    cross_entropy,
    evaluate,
    keep_memory,
)
from tinytorch.transformers import GPT, GPTConfig

from .recipe import Recipe
from .texts import Corpus, training_loader, validation_loader

LOOK = 20
"""Batches of each look at the text that is not trained with."""
FINAL_LOOK = 200


def make_model(recipe: Recipe, vocabulary: int) -> GPT:
    """The GPT of the recipe for so many tokens, its weights drawn by the recipe's seed."""
    config = GPTConfig(
        vocab_size=vocabulary,
        block_size=recipe.context,
        n_layer=recipe.layers,
        n_head=recipe.heads,
        n_embd=recipe.width,
    )
    return GPT(config, generator=np.random.default_rng(recipe.seed))


def loss_of(scores: Tensor, targets: Tensor) -> Tensor:
    """The mean cross-entropy of scores (B, T, vocabulary) and the tokens that came (B, T)."""
    return cross_entropy(scores.reshape(-1, scores.shape[-1]), targets.reshape(-1))


def train(
    recipe: Recipe,
    corpus: Corpus,
    *,
    callbacks: Sequence[Callback] = (),
    checkpoints: Path | None = None,
    resume: bool = False,
    looks: int | None = None,
    time_budget: float | None = None,
) -> tuple[GPT, History]:
    """The model, and the history with a row for every `every` steps.

    checkpoints: a folder where the state is saved at each look; with `resume` the latest there is
    where training goes on. looks: where to stop before the recipe's end. time_budget: seconds after
    which it stops.
    """
    keep_memory()
    manual_seed(recipe.seed)
    model = make_model(recipe, corpus.tokenizer.vocab_size)
    optimizer = AdamW(
        weight_decay_groups(model, recipe.weight_decay), lr=recipe.lr, betas=(0.9, recipe.beta2)
    )
    schedule = LinearWarmupCosine(optimizer, recipe.warmup, recipe.steps, eta_min=recipe.min_lr)
    saving = [Checkpoint(checkpoints, keep_last=2)] if checkpoints else []
    trainer = Trainer(
        model,
        optimizer,
        loss_of,
        scheduler=schedule,
        scheduler_every="step",
        callbacks=[*callbacks, *saving],
        clip_norm=recipe.clip_norm,
        shards=recipe.shards,
    )
    history = trainer.fit(
        training_loader(corpus, recipe, np.random.default_rng([recipe.seed, 1])),
        validation_loader(corpus, recipe, LOOK),
        epochs_of(recipe) if looks is None else looks,
        time_budget=time_budget,
        resume=checkpoints if resume else None,
    )
    return model, history


def epochs_of(recipe: Recipe) -> int:
    """How many times `every` steps are the recipe's steps; the last time may be too many."""
    return -(-recipe.steps // recipe.every)


def evaluate_loss(
    model: Module, corpus: Corpus, recipe: Recipe, batches: int = FINAL_LOOK
) -> float:
    """The mean loss over that many batches of the text that was not trained with."""
    loss: float = evaluate(model, validation_loader(corpus, recipe, batches), loss_of)["loss"]
    return loss


def weight_decay_groups(model: Module, weight_decay: float) -> list[dict[str, object]]:
    """Matrices decay; biases and weights of normalisations do not."""
    decaying: list[Parameter] = [p for p in model.parameters() if p.ndim > 1]
    others: list[Parameter] = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
