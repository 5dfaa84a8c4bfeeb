"""RMSprop as its formulas stand in the lesson."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

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
    g = penalised_gradient(parameter, gradient, weight_decay, maximize)
    square_avg[...] = alpha * square_avg + (1 - alpha) * g**2
    variance = square_avg
    if grad_avg is not None:
        grad_avg[...] = alpha * grad_avg + (1 - alpha) * g
        variance = square_avg - np.square(grad_avg)
    change = g / (np.sqrt(variance) + eps)
    if momentum_buffer is None:
        parameter -= lr * change
    else:
        momentum_buffer[...] = momentum * momentum_buffer + change
        parameter -= lr * momentum_buffer
