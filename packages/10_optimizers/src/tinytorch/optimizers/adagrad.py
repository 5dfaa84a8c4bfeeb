"""Adagrad: a learning rate for every number, that shrinks with all the gradients it has seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinytorch.tensor import Array

from .optimizer import Optimizer, require
from .parameter_groups import Group, Params
from .penalty import penalised_gradient


def adagrad_step(
    parameter: Array,
    gradient: Array,
    sum: Array,
    *,
    step: int,
    lr: float,
    lr_decay: float = 0.0,
    weight_decay: float = 0.0,
    eps: float = 1e-10,
    maximize: bool = False,
) -> None:
    """One step: `parameter` and `sum` change in place, `gradient` does not.

    All of one shape. With g from `penalised_gradient`, and t = `step`, 1 for the first:

        s ← s + g²
        p ← p − lr / (1 + (t − 1) · lr_decay) · g / (√s + ε)

    Duchi, Hazan & Singer 2011.
    """
    direction = penalised_gradient(parameter, gradient, weight_decay, maximize)
    sum += direction * direction
    root = np.sqrt(sum)
    root += eps
    parameter -= lr / (1 + (step - 1) * lr_decay) * (direction / root)


class Adagrad(Optimizer):
    """Adagrad by `adagrad_step`.

    params: see `Optimizer`. initial_accumulator_value: what every number of `sum` is at first.
    State of a parameter: step, a number, and sum, of its shape.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Group) -> None:
        require(self, group, "lr", "lr_decay", "eps", "weight_decay", "initial_accumulator_value")

    def initial_state(self, group: Group) -> dict[str, float]:
        return {"sum": group["initial_accumulator_value"]}

    def update(
        self,
        parameter: Array,
        gradient: Array,
        state: Mapping[str, Array],
        step: int,
        group: Group,
    ) -> None:
        adagrad_step(
            parameter,
            gradient,
            state["sum"],
            step=step,
            lr=float(group["lr"]),
            lr_decay=group["lr_decay"],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=group["maximize"],
        )
