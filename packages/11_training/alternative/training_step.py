"""Task 11.4 by other ways: the share as the gradient that goes back, and a mean kept by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tinytorch.layers import Module
from tinytorch.optimizers import Optimizer, clip_grad_norm_
from tinytorch.tensor import full_like

from .batches import as_batch
from .counted_targets import counted_targets
from .training_step import LossFunction, check_loss, parameters_of


def backward(model: Module, loss_fn: LossFunction, *batch: Any, share: float = 1.0) -> float:
    output = model(*batch[:-1])
    loss = loss_fn(output, batch[-1])
    check_loss(loss)
    loss.backward(full_like(loss, share))
    return float(loss.tolist())


def train_step(
    optimizer: Optimizer, find_gradients: Callable[[], float], *, clip_norm: float | None = None
) -> float:
    parameters = parameters_of(optimizer)
    for parameter in parameters:
        parameter.grad = None

    def closure() -> float:
        loss = find_gradients()
        if clip_norm is not None:
            clip_grad_norm_(parameters, clip_norm, error_if_nonfinite=True)
        return loss

    return float(optimizer.step(closure))


def train_epoch(
    model: Module,
    loader: Iterable[Any],
    loss_fn: LossFunction,
    optimizer: Optimizer,
    *,
    clip_norm: float | None = None,
) -> float:
    total, weight = 0.0, 0.0
    model.train()
    for batch in map(as_batch, loader):
        count = counted_targets(loss_fn, batch[-1])
        if not count:
            continue

        def find_gradients(batch: tuple[Any, ...] = batch) -> float:
            return backward(model, loss_fn, *batch)

        total += count * train_step(optimizer, find_gradients, clip_norm=clip_norm)
        weight += count
    return total / weight if weight else float("nan")
