"""Adam: the mean of the gradients over the root of the mean of their squares; and AdamW."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinytorch.tensor import Array

from .optimizer import Optimizer, require
from .parameter_groups import Group, Params
from .penalty import penalised_gradient


def adam_step(
    parameter: Array,
    gradient: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None = None,
    *,
    step: int,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """One step: `parameter` and the averages change in place, `gradient` does not.

    All of one shape. With g from `penalised_gradient`, and t = `step`, 1 for the first:

        m ← β₁ · m + (1 − β₁) · g
        v ← β₂ · v + (1 − β₂) · g²
        p ← p − lr · m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)

    exp_avg: m, exp_avg_sq: v; both begin at 0, and m̂ and v̂ are what they would be had they begun
    at the first gradient. max_exp_avg_sq: None, or the largest v so far, which then takes the place
    of v in v̂ (AMSGrad).

    Kingma & Ba 2015; Reddi, Kale & Kumar 2018. The powers of β stay Python floats, of 64 bits: in
    float32, 1 − β₂ᵗ has three digits at the first step.
    """
    direction = penalised_gradient(parameter, gradient, weight_decay, maximize)
    beta1, beta2 = betas
    ahead = direction - exp_avg
    ahead *= 1 - beta1
    exp_avg += ahead
    squares = direction * direction
    squares *= 1 - beta2
    exp_avg_sq *= beta2
    exp_avg_sq += squares
    largest = exp_avg_sq
    if max_exp_avg_sq is not None:
        largest = np.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    # √v̂ + ε = (√v + ε · c) / c: the arrays are gone through once less.
    correction = (1 - beta2**step) ** 0.5
    change = np.sqrt(largest)
    change += eps * correction
    np.divide(exp_avg, change, out=change)
    change *= lr * correction / (1 - beta1**step)
    parameter -= change


def decay(parameter: Array, *, lr: float, weight_decay: float) -> None:
    """p ← p − lr · λ · p, in place: what AdamW does before its step.

    The parameter shrinks by the same share whatever its gradients were. A penalty in the gradient
    would be divided by √v̂ like the rest of it. Loshchilov & Hutter 2019.
    """
    parameter *= 1 - lr * weight_decay


class Adam(Optimizer):
    """Adam by `adam_step`.

    params: see `Optimizer`. betas: how much of the mean of the gradients, and of the mean of their
    squares, stays at each step. weight_decay: as a penalty in the gradient; see `AdamW`.
    amsgrad: divide by the root of the largest mean so far.
    State of a parameter: step, a number; exp_avg, exp_avg_sq and, with amsgrad, max_exp_avg_sq, of
    its shape.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Group) -> None:
        require(self, group, "lr", "eps", "weight_decay")
        betas = group["betas"]
        if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
            raise ValueError(
                f"{type(self).__name__}: betas must be two numbers from 0 to below 1, not {betas}"
            )

    def initial_state(self, group: Group) -> dict[str, float]:
        state = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
        return state | {"max_exp_avg_sq": 0.0} if group["amsgrad"] else state

    def update(
        self,
        parameter: Array,
        gradient: Array,
        state: Mapping[str, Array],
        step: int,
        group: Group,
    ) -> None:
        self._step(parameter, gradient, state, step, group, group["weight_decay"])

    def _step(
        self,
        parameter: Array,
        gradient: Array,
        state: Mapping[str, Array],
        step: int,
        group: Group,
        penalty: float,
    ) -> None:
        adam_step(
            parameter,
            gradient,
            state["exp_avg"],
            state["exp_avg_sq"],
            state.get("max_exp_avg_sq"),
            step=step,
            lr=float(group["lr"]),
            betas=group["betas"],
            eps=group["eps"],
            weight_decay=penalty,
            maximize=group["maximize"],
        )


class AdamW(Adam):
    """Adam with weight decay beside the gradient: `decay`, then `adam_step` without a penalty.

    Options and state as in `Adam`; weight_decay is 0.01 where it is not given.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)

    def update(
        self,
        parameter: Array,
        gradient: Array,
        state: Mapping[str, Array],
        step: int,
        group: Group,
    ) -> None:
        if group["weight_decay"]:
            decay(parameter, lr=float(group["lr"]), weight_decay=group["weight_decay"])
        self._step(parameter, gradient, state, step, group, 0.0)
