"""Accuracy: how often the right class has the largest score, or one of the k largest."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.tensor import Array

from .class_predictions import rows_and_classes
from .metric import Metric, ratio


def accuracy(output: Any, target: Any, topk: int = 1, *, ignore_index: int | None = None) -> float:
    """The share of examples whose class is among the `topk` with the largest scores.

    output: scores, (N, C), (N, C, d1, …) or (C,). target: classes (N,), (N, d1, …) or (); those
    equal to ignore_index do not count. Tensors or arrays. Of equal scores the first counts as the
    larger, as in argmax; a score of nan is never right. Of no example it is nan. Raises ValueError
    for shapes that do not fit and a topk below 1, TypeError for a target that is not of integers,
    IndexError for a class that there is not.
    """
    check_topk("accuracy", topk)
    rows, classes = rows_and_classes("accuracy", output, target, ignore_index)
    return ratio(count_hits(rows, classes, topk), len(classes))


def count_hits(rows: Array, classes: Array, topk: int) -> int:
    """In how many rows fewer than `topk` classes come before the right one.

    rows: (M, C), scores. classes: (M,). A class comes before the right one if its score is larger,
    or as large and further to the left.
    """
    right = np.take_along_axis(rows, classes[:, None], axis=1)
    to_the_left = np.arange(rows.shape[1]) < classes[:, None]
    # Not below and not as large is larger, and so is all that is compared with nan.
    before = ~(rows <= right) | ((rows == right) & to_the_left)
    return int((before.sum(axis=1) < topk).sum())


class TopKAccuracy(Metric):
    """The share of examples whose class is among the `topk` with the largest scores.

    What output and target may be, and what is raised: see `accuracy`.
    """

    def __init__(self, topk: int = 5, *, ignore_index: int | None = None) -> None:
        check_topk(type(self).__name__, topk)
        self.topk = topk
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget all batches."""
        self.hits = 0
        self.count = 0

    def update(self, output: Any, target: Any) -> None:
        """Count the batch's hits."""
        name = type(self).__name__
        rows, classes = rows_and_classes(name, output, target, self.ignore_index)
        self.hits += count_hits(rows, classes, self.topk)
        self.count += len(classes)

    def compute(self) -> float:
        """From 0 to 1; nan as long as there was no example."""
        return ratio(self.hits, self.count)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(topk={self.topk})"


class Accuracy(TopKAccuracy):
    """The share of examples whose class has the largest score. See `accuracy`."""

    def __init__(self, *, ignore_index: int | None = None) -> None:
        super().__init__(1, ignore_index=ignore_index)

    def __repr__(self) -> str:
        return "Accuracy()"


def check_topk(name: str, topk: int) -> None:
    if topk < 1:
        raise ValueError(f"{name}: topk must be 1 or more, not {topk}")
