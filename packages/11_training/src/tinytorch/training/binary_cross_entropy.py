"""Losses for yes or no: the surprise at what came, for a probability p and a target y.

    −(y · log p + (1 − y) · log(1 − p))

The logarithms of a p near 0 or 1 are lost when p is rounded. So a network gives a logit x, any
number, of which p is the sigmoid, and the loss is found from x itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Array, operation

from .half_precision import gradients_through_float32, half_through_float32
from .reduction import check_reduction, reduced, share


@operation(promote="floating", saves=("tail",))
@half_through_float32
def binary_cross_entropy_with_logits(
    input: Array,
    target: Array,
    *,
    weight: Array | None = None,
    reduction: str = "mean",
    pos_weight: Array | None = None,
) -> tuple[Any, Array]:
    """−(w₊ · y · log σ(x) + (1 − y) · log(1 − σ(x))), each number times `weight`.

    input: logits x. target: y of the same shape, 0, 1 or between. weight: broadcasts to them, as
    pos_weight does, w₊: how much a yes counts, for instance one number for each label in the last
    dimension. With m = max(x, 0) and t = e^−|x|, which never overflows, it is

        m − x · y + log(1 + t)

    where w₊ is 1. t is kept for the gradient. Integers become float32. The mean is over all
    numbers, whatever they weigh. Raises ValueError for shapes that differ and for another
    reduction.
    """
    name = "binary_cross_entropy_with_logits"
    check_alike(name, input, target, reduction)
    tail = np.exp(-np.abs(input))
    if pos_weight is None:
        losses = np.maximum(input, 0) - input * target + np.log1p(tail)
    else:
        positive = fitting(name, "pos_weight", pos_weight, input)
        at_yes, at_no = surprises_of(input, tail)
        losses = positive * target * at_yes + (1 - target) * at_no
    if weight is not None:
        losses *= fitting(name, "weight", weight, input)
    return reduced(losses, reduction), tail


@binary_cross_entropy_with_logits.define_fused_rule
@gradients_through_float32
def binary_cross_entropy_with_logits_gradient(
    g: Array,
    needs: Sequence[bool],
    input: Array,
    target: Array,
    tail: Array,
    weight: Array | None,
    reduction: str,
    pos_weight: Array | None,
) -> list[Array | None]:
    """With p = σ(x): p − y for x where w₊ is 1, (1 − y + w₊ · y) · p − w₊ · y in general."""
    name = "binary_cross_entropy_with_logits"
    each = share(g, reduction, input.size)
    if weight is not None:
        each = each * fitting(name, "weight", weight, input)
    positive = 1 if pos_weight is None else fitting(name, "pos_weight", pos_weight, input)
    found: list[Array | None] = [None, None]
    if needs[0]:
        probability = np.where(input >= 0, 1, tail) / (1 + tail)
        if pos_weight is None:
            found[0] = (probability - target) * each
        else:
            yes = positive * target
            found[0] = ((1 - target + yes) * probability - yes) * each
    if needs[1]:
        at_yes, at_no = surprises_of(input, tail)
        found[1] = (positive * at_yes - at_no) * each
    return found


def surprises_of(logits: Array, tail: Array) -> tuple[Array, Array]:
    """−log σ(x) and −log(1 − σ(x)), with tail = e^−|x|."""
    rest = np.log1p(tail)
    return np.maximum(-logits, 0) + rest, np.maximum(logits, 0) + rest


@operation(promote="floating", saves=("surprises",))
@half_through_float32
def binary_cross_entropy(
    input: Array, target: Array, *, weight: Array | None = None, reduction: str = "mean"
) -> tuple[Any, tuple[Array, Array]]:
    """−(y · log p + (1 − y) · log(1 − p)), each number times `weight`.

    input: probabilities p. target: y of the same shape; both from 0 to 1, or ValueError. weight:
    broadcasts to them. As in PyTorch a logarithm is never below −100, so that a p of 0 costs 100 at
    most. Where there are logits, `binary_cross_entropy_with_logits` knows more digits.
    """
    name = "binary_cross_entropy"
    check_alike(name, input, target, reduction)
    for what, x in (("input", input), ("target", target)):
        if x.size and not (x.min() >= 0 and x.max() <= 1):
            raise ValueError(
                f"{name}: the {what} must be probabilities, from 0 to 1, but it goes from "
                f"{x.min():.6g} to {x.max():.6g}. For logits there is {name}_with_logits"
            )
    with np.errstate(divide="ignore"):
        at_yes, at_no = np.minimum(-np.log(input), 100), np.minimum(-np.log1p(-input), 100)
    losses = target * at_yes + (1 - target) * at_no
    if weight is not None:
        losses *= fitting(name, "weight", weight, input)
    return reduced(losses, reduction), (at_yes, at_no)


@binary_cross_entropy.define_fused_rule
@gradients_through_float32
def binary_cross_entropy_gradient(
    g: Array,
    needs: Sequence[bool],
    input: Array,
    target: Array,
    surprises: tuple[Array, Array],
    weight: Array | None,
    reduction: str,
) -> list[Array | None]:
    """(p − y) / (p · (1 − p)) for p, whose denominator is 1e−12 at least, as in PyTorch."""
    each = share(g, reduction, input.size)
    if weight is not None:
        each = each * fitting("binary_cross_entropy", "weight", weight, input)
    at_yes, at_no = surprises
    return [
        (input - target) / np.maximum(input * (1 - input), 1e-12) * each if needs[0] else None,
        (at_yes - at_no) * each if needs[1] else None,
    ]


def check_alike(name: str, input: Array, target: Array, reduction: str) -> None:
    """Raise ValueError for another reduction, or if the target's shape is not the input's."""
    check_reduction(name, reduction)
    if input.shape != target.shape:
        raise ValueError(
            f"{name}: the target {target.shape} must have the shape of the input {input.shape}; "
            "reshape one of them"
        )


def fitting(name: str, what: str, weight: Array, input: Array) -> Array:
    """A weight in the input's type, if it broadcasts to the input's shape, or ValueError."""
    weight = np.asarray(weight)
    try:
        fits = np.broadcast_shapes(weight.shape, input.shape) == input.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{name}: {what} {weight.shape} does not broadcast to the input {input.shape}"
        )
    return weight.astype(input.dtype, copy=False)
