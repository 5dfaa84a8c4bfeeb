"""Task 16.6: gradients by value_and_grad, and one walk that both attacks take."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.autograd import value_and_grad
from tinytorch.tensor import Array, Tensor, default_generator

from .adversarial import Bounds, LossFunction, Model
from .evaluation_mode import in_evaluation
from .masking import Generator


def input_gradient(model: Model, x: Array, target: Any, loss_fn: LossFunction) -> Array:
    def loss_of(given: Tensor) -> Tensor:
        return loss_fn(model(given), target)

    with in_evaluation(model):
        _, gradient = value_and_grad(loss_of)(Tensor(x))
    return gradient.array


def uphill(
    model: Model, x: Array, target: Any, loss_fn: LossFunction, targeted: bool = False
) -> Array:
    slope = input_gradient(model, x, target, loss_fn)
    up = (slope > 0).astype(x.dtype) - (slope < 0).astype(x.dtype)
    return -up if targeted else up


def kept_near(moved: Array, x: Array, eps: float, bounds: Bounds) -> Array:
    low, high = x - eps, x + eps
    if bounds is not None:
        low, high = np.maximum(low, bounds[0]), np.minimum(high, bounds[1])
    return np.minimum(np.maximum(moved, low), high).astype(x.dtype)


def walked(
    model: Model,
    x: Array,
    start: Array,
    target: Any,
    loss_fn: LossFunction,
    eps: float,
    sizes: list[float],
    bounds: Bounds,
    targeted: bool,
) -> Tensor:
    here = start
    for size in sizes:
        there = here + size * uphill(model, here, target, loss_fn, targeted)
        here = kept_near(there, x, eps, bounds)
    return Tensor(here)


def fgsm(
    model: Model,
    x: Tensor,
    target: Any,
    loss_fn: LossFunction,
    eps: float,
    bounds: Bounds = (0.0, 1.0),
    *,
    targeted: bool = False,
) -> Tensor:
    given = x.detach().array
    return walked(model, given, given, target, loss_fn, eps, [eps], bounds, targeted)


def pgd(
    model: Model,
    x: Tensor,
    target: Any,
    loss_fn: LossFunction,
    eps: float,
    steps: int = 10,
    step_size: float | None = None,
    bounds: Bounds = (0.0, 1.0),
    *,
    targeted: bool = False,
    random_start: bool = True,
    generator: Generator | None = None,
) -> Tensor:
    given = start = x.detach().array
    if random_start:
        drawn = (generator or default_generator()).random(given.shape)
        start = kept_near(given + eps * (2 * drawn - 1), given, eps, bounds)
    sizes = [step_size or 2.5 * eps / steps] * steps
    return walked(model, given, start, target, loss_fn, eps, sizes, bounds, targeted)
