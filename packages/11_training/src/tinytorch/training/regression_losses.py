"""Losses for numbers: how far what came lies from what was wanted.

All of them look at the difference d = input − target alone, and d is what they keep for their
gradient.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Array, operation

from .half_precision import gradients_through_float32, half_through_float32
from .reduction import averaged, check_reduction, reduced, share


@operation(promote="floating", saves=("difference",))
@half_through_float32
def mse_loss(input: Array, target: Array, *, reduction: str = "mean") -> tuple[Any, Array]:
    """The mean squared error: d² for each number, d = input − target.

    input, target: of one shape; other shapes are broadcast with a warning, as in PyTorch.
    reduction: "mean" and "sum" give one number (the mean of nothing is nan), "none" one for each d.
    Integers become float32. Raises ValueError for another reduction, or for shapes that do not
    broadcast.
    """
    difference = differences("mse_loss", input, target, reduction)
    if reduction == "none":
        return np.square(difference), difference
    flat = difference.ravel(order="K")
    return averaged(np.dot(flat, flat), reduction, flat.size), difference


@mse_loss.define_fused_rule
@gradients_through_float32
def mse_loss_gradient(
    g: Array, needs: Sequence[bool], difference: Array, reduction: str
) -> list[Array | None]:
    """∂d²/∂d = 2d."""
    return both_sides(needs, difference * (2 * share(g, reduction, difference.size)))


@operation(promote="floating", saves=("difference",))
@half_through_float32
def l1_loss(input: Array, target: Array, *, reduction: str = "mean") -> tuple[Any, Array]:
    """The mean absolute error: |d| for each number, d = input − target.

    Shapes, types and reduction as in `mse_loss`. Its slope is 1 or −1, and 0 where d is 0.
    """
    difference = differences("l1_loss", input, target, reduction)
    return reduced(np.abs(difference), reduction), difference


@l1_loss.define_fused_rule
@gradients_through_float32
def l1_loss_gradient(
    g: Array, needs: Sequence[bool], difference: Array, reduction: str
) -> list[Array | None]:
    """∂|d|/∂d = sign(d)."""
    return both_sides(needs, np.sign(difference) * share(g, reduction, difference.size))


@operation(promote="floating", saves=("difference",))
@half_through_float32
def huber_loss(
    input: Array, target: Array, *, reduction: str = "mean", delta: float = 1.0
) -> tuple[Any, Array]:
    """½ d² where |d| ≤ δ, and δ (|d| − ½ δ) beyond: a parabola that goes on as a straight line.

    d = input − target. delta: above 0, or ValueError. Shapes, types and reduction as in `mse_loss`.
    Huber 1964.
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be above 0, not {delta}")
    difference = differences("huber_loss", input, target, reduction)
    return reduced(bent(difference, float(delta)), reduction), difference


@huber_loss.define_fused_rule
@gradients_through_float32
def huber_loss_gradient(
    g: Array, needs: Sequence[bool], difference: Array, reduction: str, delta: float
) -> list[Array | None]:
    """d, but never beyond ±δ."""
    slope = np.clip(difference, -float(delta), float(delta))
    return both_sides(needs, slope * share(g, reduction, difference.size))


@operation(promote="floating", saves=("difference",))
@half_through_float32
def smooth_l1_loss(
    input: Array, target: Array, *, reduction: str = "mean", beta: float = 1.0
) -> tuple[Any, Array]:
    """½ d² / β where |d| < β, and |d| − ½ β beyond: the Huber loss, divided by β.

    d = input − target. beta: not negative, or ValueError; at 0 it is the L1 loss. Shapes, types and
    reduction as in `mse_loss`. Girshick 2015.
    """
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta must not be negative, but it is {beta}")
    difference = differences("smooth_l1_loss", input, target, reduction)
    losses = bent(difference, float(beta)) / float(beta) if beta else np.abs(difference)
    return reduced(losses, reduction), difference


@smooth_l1_loss.define_fused_rule
@gradients_through_float32
def smooth_l1_loss_gradient(
    g: Array, needs: Sequence[bool], difference: Array, reduction: str, beta: float
) -> list[Array | None]:
    """d / β, but never beyond ±1."""
    slope = np.clip(difference / float(beta), -1, 1) if beta else np.sign(difference)
    return both_sides(needs, slope * share(g, reduction, difference.size))


def differences(name: str, input: Array, target: Array, reduction: str) -> Array:
    """input − target, for the loss `name`; with a warning where their shapes differ."""
    check_reduction(name, reduction)
    if input.shape != target.shape:
        difference = input - target
        warnings.warn(
            f"{name}: the input {input.shape} and the target {target.shape} have different shapes "
            f"and are broadcast to {difference.shape}, which compares each with many. Reshape one "
            "of them if that is not what you want",
            stacklevel=5,  # past the loss, its float16 and the operation: where it was called
        )
        return difference
    return input - target


def bent(difference: Array, reach: float) -> Array:
    """½ d² up to |d| = reach, and beyond it the straight line that goes on with its slope."""
    distance = np.abs(difference)
    near = np.minimum(distance, reach)
    return near * (distance - near / 2)


def both_sides(needs: Sequence[bool], gradient: Array) -> list[Array | None]:
    """The gradients of input and target, from that of their difference."""
    return [gradient if needs[0] else None, -gradient if needs[1] else None]
