"""A loss as a metric: its mean over all targets, and what it means in words to choose from."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor

from .cross_entropy import cross_entropy
from .metric import Metric, values_of
from .weighted_mean import WeightedMean

LossFunction = Callable[[Tensor, Tensor], Tensor]


class MeanLoss(Metric):
    """The mean of a loss over all targets, whatever the sizes of the batches.

    loss: a function or module of output and target that gives the mean over a batch, weighing all
    targets alike. ignore_index: the target that it leaves out, if there is one.
    """

    def __init__(self, loss: LossFunction, *, ignore_index: int | None = None) -> None:
        self.loss = loss
        self.ignore_index = ignore_index
        self.mean = WeightedMean()
        super().__init__()

    def reset(self) -> None:
        """Forget all batches."""
        self.mean.reset()

    def update(self, output: Any, target: Any) -> None:
        """Add the batch's loss as often as there are targets in it."""
        found, wanted = values_of(output), values_of(target)
        counted = wanted.size
        if self.ignore_index is not None:
            counted = int(np.count_nonzero(wanted != self.ignore_index))
        self.mean.update(self.loss(Tensor(found), Tensor(wanted)).item(), counted)

    def compute(self) -> float:
        """The mean loss; nan as long as there was no target."""
        return self.mean.compute()


class Perplexity(MeanLoss):
    """e to the mean cross-entropy: among how many equal classes a choice would be as hard.

    output: scores, (N, C) or (N, C, d1, …). target: classes, of which those equal to ignore_index
    do not count. 1 is certainty; C is knowing nothing.
    """

    def __init__(self, *, ignore_index: int = -100) -> None:
        def surprise(output: Tensor, target: Tensor) -> Tensor:
            return cross_entropy(output, target, ignore_index=ignore_index)

        super().__init__(surprise, ignore_index=ignore_index)

    def compute(self) -> float:
        """From 1 on; nan as long as there was no target, inf beyond what a float can hold."""
        try:
            return math.exp(self.mean.compute())
        except OverflowError:
            return math.inf
