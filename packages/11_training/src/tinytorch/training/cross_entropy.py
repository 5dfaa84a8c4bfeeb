"""Cross-entropy: the surprise at the right class, from a score for each class.

    loss = −log softmax(x)ᵧ = log Σ eˣ − xᵧ

Softmax, logarithm and choice in one operation are exact where the softmax alone would have been
rounded to 0, and their gradient is the simplest there is: p − y, what was said less what should
have been.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.activations import log_softmax
from tinytorch.tensor import Array, operation

from .class_targets import (
    ClassTargets,
    Distribution,
    as_input,
    as_rows,
    by_index,
    by_probability,
    class_axis,
    fitting_weight,
    places_of,
    smoothed,
)
from .half_precision import gradients_through_float32, half_through_float32
from .reduction import check_reduction, reduced, share


@operation(saves=("exponentials", "sums", "targets", "logits"))
@half_through_float32
def cross_entropy(
    input: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Any, Array, Array, ClassTargets, Array | None]:
    """−Σ u · log softmax(x) over the classes, u the target's weight of each.

    input: x, (N, C), (N, C, d1, …) or (C,), floating, any numbers.
    target: class indices (N,), (N, d1, …) or (), of which those equal to ignore_index do not count;
    or probabilities of the input's shape. weight: (C,), how much each class counts.
    label_smoothing: the share, from 0 to 1, of a target that is spread evenly over all classes
    (Szegedy et al. 2016, section 7).
    reduction: "none" gives a loss for each place, (N,), (N, d1, …) or (); "sum" their sum; "mean",
    for indices, their sum divided by the summed weights of the targets, which is nan where none
    counts, and for probabilities divided by the number of places.

    Raises ValueError for shapes and options that do not fit, IndexError for a class that there is
    not, TypeError for indices that are not integers, and for an input that is.
    """
    check_scores("cross_entropy", input, reduction)
    targets = targets_of(input, target, weight, ignore_index, label_smoothing)
    rows = as_rows(input)
    logits = None
    if isinstance(targets, Distribution) and targets.slope is not None:
        rows = logits = rows.astype(targets.weights.dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # inf and nan are told by the loss itself
        losses, exponentials, sums = losses_of_rows(rows, targets)
    targets.forget_ignored(losses)
    out = reduced(losses.reshape(places_of(input.shape)), reduction, targets.count)
    return out, exponentials, sums, targets, logits


def losses_of_rows(rows: Array, targets: ClassTargets) -> tuple[Array, Array, Array]:
    """log Σ eˣ · Σ u − Σ u · x for each row, and what was found on the way.

    rows: (M, C), left as they are. Each is moved so that its largest number is 0: the exponentials
    stay within 0 and 1, their sum within 1 and C. Returns losses: (M,), exponentials: (M, C), and
    their sums: (M,).
    """
    shifted = rows - rows.max(axis=1, keepdims=True)
    aimed = targets.dot(shifted)
    exponentials = np.exp(shifted, out=shifted)
    sums = exponentials.sum(axis=1)
    return np.log(sums) * targets.total - aimed, exponentials, sums


@cross_entropy.define_fused_rule
@gradients_through_float32
def _(
    g: Array,
    needs: Sequence[bool],
    exponentials: Array,
    sums: Array,
    targets: ClassTargets,
    logits: Array | None,
    input_shape: tuple[int, ...],
    reduction: str,
) -> list[Array | None]:
    each = share(g, reduction, targets.count)
    if reduction == "none":
        each = each.reshape(-1)
    found: list[Array | None] = [None, None]
    if needs[0]:
        found[0] = as_input(gradient_of_rows(each, exponentials, sums, targets), input_shape)
    if needs[1] and isinstance(targets, Distribution) and logits is not None:
        each = each[:, None] if each.ndim else each
        surprises: Array = -log_softmax(logits, dim=1)  # type: ignore[assignment]
        found[1] = as_input(surprises * (each * targets.slope), input_shape)
    return found


def gradient_of_rows(each: Array, exponentials: Array, sums: Array, targets: ClassTargets) -> Array:
    """∂L/∂x = each · (p · Σ u − u) for each row, where p = exponentials / sums.

    each: ∂L/∂loss, (M,), or one number for all rows. exponentials, sums: what `losses_of_rows`
    found, left as they are. The result is a new array (M, C).
    """
    gradient = exponentials * (each * targets.total / sums)[:, None]
    targets.take_away(gradient, each)
    return gradient


@operation(saves=("targets",))
@half_through_float32
def nll_loss(
    input: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> tuple[Any, ClassTargets]:
    """−xᵧ · weightᵧ, for x that are logarithms of probabilities: the second half of cross-entropy.

    input: (N, C), (N, C, d1, …) or (C,), floating, as `log_softmax` gives it. target: class indices
    (N,), (N, d1, …) or (). weight, ignore_index, reduction and what is raised: as in
    `cross_entropy`.
    """
    check_scores("nll_loss", input, reduction)
    targets = by_index("nll_loss", input, target, weight, ignore_index)
    losses = -targets.dot(as_rows(input))
    targets.forget_ignored(losses)
    out = reduced(losses.reshape(places_of(input.shape)), reduction, targets.count)
    return out, targets


@nll_loss.define_fused_rule
@gradients_through_float32
def _(
    g: Array,
    needs: Sequence[bool],
    targets: ClassTargets,
    input_shape: tuple[int, ...],
    reduction: str,
) -> list[Array | None]:
    each = share(g, reduction, targets.count)
    gradient = np.zeros(as_rows(np.empty(input_shape, np.bool_)).shape, g.dtype)
    targets.take_away(gradient, each.reshape(-1) if reduction == "none" else each)
    return [as_input(gradient, input_shape), None]


def check_scores(name: str, input: Array, reduction: str) -> None:
    check_reduction(name, reduction)
    if input.ndim == 0:
        raise ValueError(
            f"{name}: the input must be (C,), (N, C) or (N, C, …), not a single number"
        )
    if input.shape[class_axis(input.ndim)] == 0:
        raise ValueError(f"{name}: the input {input.shape} has scores for 0 classes")
    if input.dtype.kind != "f":
        raise TypeError(f"{name}: not defined for {input.dtype}; use .float() first")


def targets_of(
    input: Array, target: Array, weight: Array | None, ignore_index: int, smoothing: float
) -> ClassTargets:
    name = "cross_entropy"
    if not 0 <= smoothing <= 1:
        raise ValueError(f"{name}: label_smoothing must be from 0 to 1, not {smoothing}")
    if target.shape != input.shape:
        by_class = by_index(name, input, target, weight, ignore_index)
        if not smoothing:
            return by_class
        fitted = None if weight is None else fitting_weight(name, weight, input)
        return smoothed(by_class, fitted, smoothing, as_rows(input))
    if target.dtype.kind != "f":
        raise TypeError(
            f"{name}: a target of the input's shape {input.shape} holds probabilities, but it is "
            f"{target.dtype}; use .float(), or give class indices {places_of(input.shape)}"
        )
    if ignore_index >= 0:
        raise ValueError(
            f"{name}: ignore_index={ignore_index} is for class indices, but the "
            "target holds probabilities"
        )
    return by_probability(name, input, target, weight, smoothing)
