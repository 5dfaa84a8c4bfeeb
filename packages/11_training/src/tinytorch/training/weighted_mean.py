"""A mean that grows: of values that stand for one example or for many."""

from __future__ import annotations

from typing import Any

from .metric import ratio


class WeightedMean:
    """Σ weight · value / Σ weight, of all values so far; nan as long as there is none.

    mean = WeightedMean()
    mean.update(loss, len(batch))
    mean.compute()
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all values."""
        self.total = 0.0
        self.weight = 0.0

    def update(self, value: Any, weight: float = 1) -> None:
        """value: a number, or a tensor with one. weight: how many it stands for; with 0 it is
        left out, even if it is nan, as the mean loss of no example is.

        Raises ValueError for a negative weight.
        """
        if weight < 0:
            raise ValueError(f"WeightedMean: a weight must not be negative, but it is {weight}")
        if weight:
            self.total += float(value) * weight
            self.weight += weight

    def compute(self) -> float:
        """The mean of all values so far."""
        return ratio(self.total, self.weight)
