"""How many targets a mean loss is the mean of: what a batch weighs beside others."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from .metric import values_of


def counted_targets(loss_fn: Any, target: Any) -> float:
    """What the sum of losses was divided by, to within a factor that is the same for all batches.

    loss_fn: a loss as a module or a function, whose reduction is a mean. target: a tensor or array.
    It is the number of the target's entries; where loss_fn has an `ignore_index`, only those that
    are not ignored; and where it has a `weight` of classes, the sum of their weights.

    The mean over several batches is Σ count · loss / Σ count. Raises ValueError for a loss that is
    no mean.
    """
    reduction = option_of(loss_fn, "reduction")
    if reduction in ("sum", "none"):
        raise ValueError(
            f"the loss has reduction={reduction!r}, but training wants the mean over a batch, "
            "which does not grow with its size: use reduction='mean'"
        )
    values = values_of(target)
    ignore_index = option_of(loss_fn, "ignore_index")
    if ignore_index is None or values.dtype.kind not in "iu":
        return float(values.size)
    counted = values[values != ignore_index]
    weight = option_of(loss_fn, "weight")
    if weight is None:
        return float(counted.size)
    return float(np.sum(values_of(weight)[counted], dtype=np.float64))


def option_of(loss_fn: Any, name: str) -> Any:
    """An option: an attribute of a module, the default of a function's or a partial's argument."""
    if hasattr(loss_fn, name):
        return getattr(loss_fn, name)
    try:
        parameter = inspect.signature(loss_fn).parameters.get(name)
    except (TypeError, ValueError):
        return None
    if parameter is None or parameter.default is inspect.Parameter.empty:
        return None
    return parameter.default
