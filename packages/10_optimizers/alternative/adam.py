"""Adam as its formulas stand in the paper."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

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
    g = penalised_gradient(parameter, gradient, weight_decay, maximize)
    exp_avg[...] = betas[0] * exp_avg + (1 - betas[0]) * g
    exp_avg_sq[...] = betas[1] * exp_avg_sq + (1 - betas[1]) * g * g
    v = exp_avg_sq
    if max_exp_avg_sq is not None:
        max_exp_avg_sq[...] = np.where(v > max_exp_avg_sq, v, max_exp_avg_sq)
        v = max_exp_avg_sq
    m_hat = exp_avg / (1 - betas[0] ** step)
    v_hat = v / (1 - betas[1] ** step)
    parameter -= lr * m_hat / (np.sqrt(v_hat) + eps)


def decay(parameter: Array, *, lr: float, weight_decay: float) -> None:
    parameter -= lr * weight_decay * parameter
