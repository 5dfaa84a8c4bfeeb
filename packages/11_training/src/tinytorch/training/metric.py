"""Metrics: how good the answers are, over batch after batch.

A loss says how to change a network; a metric tells people what it can do. It needs no gradient.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from tinytorch.tensor import Array, Tensor


class Metric(ABC):
    """What is seen batch by batch, and told for all of them together.

        metric.reset()
        for x, target in loader:
            metric.update(network(x), target)
        metric.compute()

    The result is that of one large batch: it is no mean of means, which would give the examples of
    a small last batch more say than others. A new metric has seen nothing.
    """

    def __init__(self) -> None:
        self.reset()

    @abstractmethod
    def reset(self) -> None:
        """Forget all batches."""

    @abstractmethod
    def update(self, output: Any, target: Any) -> None:
        """Look at a batch: what a network gave, and what was wanted; tensors or arrays."""

    @abstractmethod
    def compute(self) -> Any:
        """What it comes to for all batches since the last reset. Changes nothing."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def values_of(x: Any) -> Array:
    """The array of a tensor, whether it has a gradient or not; an array, or a list, as an array."""
    return x.array if isinstance(x, Tensor) else np.asarray(x)


def check_same_shape(name: str, output: Array, target: Array) -> None:
    """Raise ValueError, on behalf of `name`, where the shapes differ: metrics do not broadcast."""
    if output.shape != target.shape:
        raise ValueError(
            f"{name}: the output {output.shape} and the target {target.shape} must have the same "
            "shape; reshape one of them"
        )


def ratio(part: Any, whole: Any) -> float:
    """part / whole as a Python float; of nothing it is nan."""
    return float(part) / float(whole) if whole else float("nan")
