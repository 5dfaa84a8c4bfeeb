"""Adversarial examples: the smallest changes of an input that raise the loss the most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.autograd import enable_grad, grad
from tinytorch.tensor import Array, Tensor, default_generator

from .evaluation_mode import in_evaluation
from .masking import Generator
from .refusing import refuse_by

Model = Callable[..., Tensor]
LossFunction = Callable[[Tensor, Any], Tensor]
Bounds = tuple[float, float] | None


def check(
    model: Model,
    x: Tensor,
    target: Any,
    loss_fn: LossFunction,
    eps: float,
    bounds: Bounds = (0.0, 1.0),
    *,
    name: str = "fgsm",
    **options: Any,
) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: expected a tensor, but got a {type(x).__name__}")
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: the input must be floating, not {x.dtype}; use .float() first")
    if not 0 <= eps < np.inf:
        raise ValueError(f"{name}: eps must be a number of at least 0, not {eps}")
    if bounds is None or not x.array.size:
        return
    low, high = bounds
    least, most = x.array.min(), x.array.max()
    if not low <= least <= most <= high:
        raise ValueError(
            f"{name}: the input goes from {least:.4g} to {most:.4g}, but the bounds are {low} and "
            f"{high}: give bounds=(lowest, highest), or bounds=None"
        )


@refuse_by(check)
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
    """Each number of x moved by eps, up or down, to where the loss rises: the fast gradient sign
    method.

        x + eps · sign(∂L/∂x), kept within the bounds

    model: a module or a function of x. x: (N, …), floating. target: what loss_fn takes beside the
    model's output; the loss is a single number. bounds: what an input can be, from least to most;
    None for no bounds. targeted: towards the target, to where the loss falls.
    Returns a new tensor of x's shape and type, without a graph. The model is in evaluation mode
    meanwhile, and in its own again afterwards; no `.grad` changes. Raises ValueError for an eps
    below 0 and for an x outside of the bounds, TypeError for integers. Goodfellow et al. 2015.
    """
    direction = uphill(model, x.array, target, loss_fn, targeted)
    return Tensor(kept_near(x.array + eps * direction, x.array, eps, bounds))


def check_steps(
    model: Model,
    x: Tensor,
    target: Any,
    loss_fn: LossFunction,
    eps: float,
    steps: int = 10,
    step_size: float | None = None,
    bounds: Bounds = (0.0, 1.0),
    **options: Any,
) -> None:
    check(model, x, target, loss_fn, eps, bounds, name="pgd")
    if steps < 1:
        raise ValueError(f"pgd: there must be 1 step or more, not {steps}")
    if step_size is not None and not step_size > 0:
        raise ValueError(f"pgd: step_size must be above 0, not {step_size}")


@refuse_by(check_steps)
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
    """Several smaller steps of `fgsm`, from a random start, no number further than eps from x:
    projected gradient descent.

    steps: how many. step_size: how far each moves a number; without it 2.5 · eps / steps, so that
    steps can lead from one side to the other. random_start: begin at x moved evenly by −eps to eps,
    drawn from `generator` or the default one of tinytorch.tensor. The rest as in `fgsm`; raises
    ValueError for less than 1 step, and for a step_size that is not above 0. Mądry et al. 2018.
    """
    size = 2.5 * eps / steps if step_size is None else step_size
    moved = x.array
    if random_start:
        draws = generator or default_generator()
        away = draws.uniform(-eps, eps, x.shape).astype(moved.dtype)
        moved = kept_near(moved + away, x.array, eps, bounds)
    for _ in range(steps):
        direction = uphill(model, moved, target, loss_fn, targeted)
        moved = kept_near(moved + size * direction, x.array, eps, bounds)
    return Tensor(moved)


def uphill(
    model: Model, x: Array, target: Any, loss_fn: LossFunction, targeted: bool = False
) -> Array:
    """Where to move each number of x: 1, −1, or 0 where it makes no difference.

    To where the loss rises; if `targeted`, to where it falls.
    """
    gradient = input_gradient(model, x, target, loss_fn)
    return np.sign(-gradient if targeted else gradient)


def input_gradient(model: Model, x: Array, target: Any, loss_fn: LossFunction) -> Array:
    """∂L/∂x for L = loss_fn(model(x), target), with the model in evaluation mode, of x's shape.

    The gradient goes to x alone: no parameter's `.grad` changes.
    """
    leaf = Tensor(x).requires_grad_()
    with in_evaluation(model), enable_grad():
        loss = loss_fn(model(leaf), target)
        (gradient,) = grad(loss, leaf)
    assert gradient is not None
    return gradient.array


def kept_near(moved: Array, x: Array, eps: float, bounds: Bounds) -> Array:
    """`moved`, no number further than eps from x and none outside of the bounds."""
    near = np.clip(moved, x - eps, x + eps)
    within = near if bounds is None else np.clip(near, *bounds)
    return within.astype(x.dtype)
