"""Adagrad as its formulas stand in the lesson."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

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
    g = penalised_gradient(parameter, gradient, weight_decay, maximize)
    np.add(sum, np.square(g), out=sum)
    now = lr / (1 + lr_decay * (step - 1))
    parameter[...] = parameter - now * g / (sum**0.5 + eps)
