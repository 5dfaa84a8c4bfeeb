"""Momentum, case by case."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .penalty import penalised_gradient


def sgd_step(
    parameter: Array,
    gradient: Array,
    momentum_buffer: Array | None = None,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    maximize: bool = False,
    first: bool = False,
) -> None:
    g = penalised_gradient(parameter, gradient, weight_decay, maximize)
    if momentum_buffer is None:
        np.subtract(parameter, lr * g, out=parameter)
        return
    new = g if first else momentum * momentum_buffer + (1.0 - dampening) * g
    np.copyto(momentum_buffer, new)
    step = momentum * new + g if nesterov else new
    parameter[:] = parameter - lr * step
