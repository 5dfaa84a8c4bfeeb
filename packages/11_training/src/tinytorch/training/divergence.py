"""The Kullback-Leibler divergence: what it costs to expect one distribution and meet another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Array, operation

from .half_precision import gradients_through_float32, half_through_float32
from .reduction import REDUCTIONS, averaged, check_reduction, share


@operation(promote="floating", saves=("count",))
@half_through_float32
def kl_div(
    input: Array, target: Array, *, reduction: str = "mean", log_target: bool = False
) -> tuple[Any, float]:
    """q · (log q − x), for each number: what `target` q says, and x = log p, what `input` says.

    input: logarithms of probabilities. target: probabilities, or with log_target their logarithms;
    they broadcast. A q of 0 costs nothing. reduction: besides "mean", which is over all numbers,
    "sum" and "none", there is "batchmean", the sum divided by the first size: the divergence as
    mathematics has it. Raises ValueError for another one. Kullback & Leibler 1951.
    """
    check_reduction("kl_div", reduction, (*REDUCTIONS, "batchmean"))
    with np.errstate(divide="ignore", invalid="ignore"):
        if log_target:
            losses = np.exp(target) * (target - input)
        else:
            losses = np.where(target == 0, 0, target * np.log(target)) - target * input
    count = input.shape[0] if reduction == "batchmean" and input.ndim else losses.size
    if reduction == "none":
        return losses, count
    return averaged(losses.sum(), reduction, count), count


@kl_div.define_fused_rule
@gradients_through_float32
def _(
    g: Array,
    needs: Sequence[bool],
    input: Array,
    target: Array,
    count: float,
    reduction: str,
    log_target: bool,
) -> list[Array | None]:
    """−q for x; log q + 1 − x for q, and q · (log q + 1 − x) for log q."""
    each = share(g, reduction, count)
    with np.errstate(divide="ignore"):
        probability, log = (np.exp(target), target) if log_target else (target, np.log(target))
    slope = log + 1 - input
    return [
        np.broadcast_to(-probability, slope.shape) * each if needs[0] else None,
        (probability * slope if log_target else slope) * each if needs[1] else None,
    ]
