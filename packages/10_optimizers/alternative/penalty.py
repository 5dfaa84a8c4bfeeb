"""The penalty by a sign."""

from __future__ import annotations

from tinytorch.tensor import Array


def penalised_gradient(
    parameter: Array, gradient: Array, weight_decay: float = 0.0, maximize: bool = False
) -> Array:
    direction = gradient * (-1.0 if maximize else 1.0)
    if weight_decay != 0:
        direction += weight_decay * parameter
    return direction
