"""Task 14.4 by another way: draws times a scale, found first."""

from __future__ import annotations

import numpy as np

from tinytorch.layers import Module
from tinytorch.tensor import Tensor, default_generator

from .initialization import BRANCH_ENDS, STD


def residual_std(n_layer: int, std: float = STD) -> float:
    return (std**2 / (2 * n_layer)) ** 0.5


def initialize_(
    model: Module, n_layer: int, generator: np.random.Generator | None = None, std: float = STD
) -> None:
    draws = default_generator() if generator is None else generator
    for name, parameter in model.named_parameters():
        kind = name.rsplit(".", 1)[-1]
        if len(parameter.shape) > 1:
            scale = residual_std(n_layer, std) if name.endswith(BRANCH_ENDS) else std
            values = scale * draws.standard_normal(parameter.shape)
        else:
            values = np.full(parameter.shape, 0.0 if kind == "bias" else 1.0)
        parameter.detach().copy_(Tensor(values))
