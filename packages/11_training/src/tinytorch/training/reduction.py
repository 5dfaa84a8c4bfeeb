"""From many losses to one: their mean, their sum, or all of them."""

from __future__ import annotations

from typing import Any

from tinytorch.tensor import Array

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(name: str, reduction: str, known: tuple[str, ...] = REDUCTIONS) -> None:
    """Raise ValueError, on behalf of the operation `name`, for a reduction that there is not."""
    if reduction not in known:
        raise ValueError(
            f"{name}: there is no reduction {reduction!r}; there are {', '.join(map(repr, known))}"
        )


def reduced(losses: Array, reduction: str, count: float | None = None) -> Any:
    """The losses as they are for "none"; else their sum, divided by `count` unless for "sum".

    count: how many losses, or what weights, are in the sum; their number, if not given.
    """
    if reduction == "none":
        return losses
    return averaged(losses.sum(), reduction, losses.size if count is None else count)


def averaged(total: Any, reduction: str, count: float) -> Any:
    """A sum of losses, divided by `count` unless for "sum". The mean of no losses is nan."""
    if reduction == "sum":
        return total
    return total / count if count else total * float("nan")


def share(g: Array, reduction: str, count: float) -> Array:
    """∂L/∂loss for each loss, where g is ∂L/∂(what the reduction made of them).

    For "none" one number for each loss, otherwise one for all: g, divided by `count` unless for
    "sum". Where there was nothing to take a mean of, it is g, for losses that all count nothing.
    """
    if reduction in ("none", "sum"):
        return g
    return g / (count or 1)
