"""Squares and bends, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Array

from .reduction import reduced, share
from .regression_losses import both_sides, differences


def mse_loss(input: Array, target: Array, *, reduction: str = "mean") -> tuple[Any, Array]:
    difference = differences("mse_loss", input, target, reduction)
    return reduced(difference * difference, reduction), difference


def mse_loss_gradient(
    g: Array, needs: Sequence[bool], difference: Array, reduction: str
) -> list[Array | None]:
    return both_sides(needs, (difference + difference) * share(g, reduction, difference.size))


def bent(difference: Array, reach: float) -> Array:
    distance = np.abs(difference)
    line = reach * (distance - reach / 2)
    return np.where(distance <= reach, difference * difference / 2, line)


def huber_loss_gradient(
    g: Array, needs: Sequence[bool], difference: Array, reduction: str, delta: float
) -> list[Array | None]:
    line = np.sign(difference) * float(delta)
    slope = np.where(np.abs(difference) <= delta, difference, line)
    return both_sides(needs, slope * share(g, reduction, difference.size))
