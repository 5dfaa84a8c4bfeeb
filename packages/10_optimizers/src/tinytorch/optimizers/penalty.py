"""The direction that every rule begins with: the gradient, and what weight decay adds to it."""

from __future__ import annotations

from tinytorch.tensor import Array


def penalised_gradient(
    parameter: Array, gradient: Array, weight_decay: float = 0.0, maximize: bool = False
) -> Array:
    """g + λ · p, the gradient of the loss with a penalty of λ/2 · p² on every number.

    parameter, gradient: of one shape; neither is changed. weight_decay: λ. maximize: for a quantity
    that should grow: −g in the place of g, and the penalty as before. Without either it is
    `gradient` itself. Hanson & Pratt 1988.
    """
    direction = -gradient if maximize else gradient
    return direction + weight_decay * parameter if weight_decay else direction
