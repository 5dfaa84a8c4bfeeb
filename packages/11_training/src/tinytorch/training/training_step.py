"""One step of training: what was wrong, whose fault it was, and a small change for the better."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import isfinite
from typing import Any, Protocol

from tinytorch.layers import Module
from tinytorch.optimizers import Optimizer, clip_grad_norm_
from tinytorch.tensor import Tensor

from .batches import as_batch
from .counted_targets import counted_targets
from .weighted_mean import WeightedMean

LossFunction = Callable[[Tensor, Tensor], Tensor]


class Backward(Protocol):
    """What adds the gradients of a batch to those of the parameters."""

    def __call__(self, *batch: Any, share: float = 1.0) -> float:
        """batch: inputs, and the target. share: what the gradients are multiplied by before they
        are added. Returns the loss of the batch, which share does not change."""


class LossNotFinite(RuntimeError):
    """The loss is infinite or not a number: its gradients would spoil every parameter."""


def backward(model: Module, loss_fn: LossFunction, *batch: Any, share: float = 1.0) -> float:
    """Add `share` times the gradients of a batch's loss to those of the parameters.

    batch: the model's inputs, and the target. Returns the loss, which `share` does not change.
    Raises LossNotFinite for one that is infinite or not a number, before there are gradients;
    ValueError for one that is not a single number.
    """
    *inputs, target = batch
    loss = loss_fn(model(*inputs), target)
    check_loss(loss)
    (loss * share).backward()
    return float(loss.item())


def train_step(
    optimizer: Optimizer, find_gradients: Callable[[], float], *, clip_norm: float | None = None
) -> float:
    """One step: old gradients away, new ones, clipped if wished, and the parameters moved.

    find_gradients: called once; adds to the parameters' gradients and returns the loss, which is
    returned. clip_norm: how long the vector of all gradients may be at most (`clip_grad_norm_`);
    RuntimeError if it is infinite or not a number, before any parameter is moved.
    """
    optimizer.zero_grad()
    loss = find_gradients()
    if clip_norm is not None:
        clip_grad_norm_(parameters_of(optimizer), clip_norm, error_if_nonfinite=True)
    optimizer.step()
    return loss


def train_epoch(
    model: Module,
    loader: Iterable[Any],
    loss_fn: LossFunction,
    optimizer: Optimizer,
    *,
    clip_norm: float | None = None,
) -> float:
    """Go over all batches once, in training mode, with a step for each.

    loader: batches of inputs and a target. Returns the mean loss over all targets, each as it was
    before its step: Σ count · loss / Σ count, `counted_targets` being the count; nan without
    batches. A batch in which no target counts is left out.
    """
    model.train()
    mean = WeightedMean()
    for given in loader:
        batch = as_batch(given)
        count = counted_targets(loss_fn, batch[-1])
        if count:
            find_gradients = partial(backward, model, loss_fn, *batch)
            loss = train_step(optimizer, find_gradients, clip_norm=clip_norm)
            mean.update(loss, count)
    return mean.compute()


def parameters_of(optimizer: Optimizer) -> list[Tensor]:
    """The parameters of all groups."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def check_loss(loss: Tensor) -> None:
    """Raise ValueError unless the loss is a single number, LossNotFinite unless that is finite."""
    if not isinstance(loss, Tensor) or loss.shape != ():
        shape = getattr(loss, "shape", None)
        raise ValueError(
            f"the loss must be a tensor with a single number, but loss_fn gave "
            f"{type(loss).__name__ if shape is None else shape}: use reduction='mean'"
        )
    value = loss.item()
    if not isfinite(value):
        raise LossNotFinite(
            f"the loss is {value}: look whether the inputs hold nan or inf, whether something is "
            "divided by 0 or has log(0) taken; or the steps were too large: lower the learning "
            "rate, or clip the gradients (clip_norm)"
        )
