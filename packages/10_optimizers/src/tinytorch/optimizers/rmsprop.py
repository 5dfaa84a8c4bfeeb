"""RMSprop: each number's step divided by how large its gradients have been lately."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinytorch.tensor import Array

from .optimizer import Optimizer, require
from .parameter_groups import Group, Params
from .penalty import penalised_gradient


def rmsprop_step(
    parameter: Array,
    gradient: Array,
    square_avg: Array,
    grad_avg: Array | None = None,
    momentum_buffer: Array | None = None,
    *,
    lr: float,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    maximize: bool = False,
) -> None:
    """One step: `parameter` and the averages change in place, `gradient` does not.

    All of one shape. With g from `penalised_gradient`:

        v ← α · v + (1 − α) · g²
        p ← p − lr · g / (√v + ε)

    square_avg: v. grad_avg: a, or None; with it the root is of the variance, v − a², with

        a ← α · a + (1 − α) · g

    momentum_buffer: b, or None; with it

        b ← μ · b + g / (√v + ε)
        p ← p − lr · b

    Hinton 2012, lecture 6e of "Neural networks for machine learning"; Graves 2013 for the variance.
    """
    direction = penalised_gradient(parameter, gradient, weight_decay, maximize)
    square_avg *= alpha
    square_avg += (1 - alpha) * direction * direction
    if grad_avg is None:
        root = np.sqrt(square_avg)
    else:
        grad_avg += (1 - alpha) * (direction - grad_avg)
        root = np.sqrt(square_avg - grad_avg * grad_avg)
    root += eps
    scaled = direction / root
    if momentum_buffer is not None:
        momentum_buffer *= momentum
        momentum_buffer += scaled
        scaled = momentum_buffer
    parameter -= lr * scaled


class RMSprop(Optimizer):
    """RMSprop by `rmsprop_step`.

    params: see `Optimizer`. alpha: how much of the average stays at each step. centered: divide by
    the root of the variance. momentum: μ; 0 keeps no buffer.
    State of a parameter: step, a number; square_avg and, where wanted, momentum_buffer and
    grad_avg, of its shape.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Group) -> None:
        require(self, group, "lr", "eps", "momentum", "weight_decay", "alpha")

    def initial_state(self, group: Group) -> dict[str, float]:
        state = {"square_avg": 0.0}
        if group["momentum"] > 0:
            state["momentum_buffer"] = 0.0
        if group["centered"]:
            state["grad_avg"] = 0.0
        return state

    def update(
        self,
        parameter: Array,
        gradient: Array,
        state: Mapping[str, Array],
        step: int,
        group: Group,
    ) -> None:
        rmsprop_step(
            parameter,
            gradient,
            state["square_avg"],
            state.get("grad_avg"),
            state.get("momentum_buffer"),
            lr=float(group["lr"]),
            alpha=group["alpha"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            momentum=group["momentum"],
            maximize=group["maximize"],
        )
