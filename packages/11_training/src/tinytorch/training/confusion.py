"""Which classes are taken for which, and what follows: precision, recall and F1."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinytorch.tensor import Array

from .class_predictions import predicted_and_classes
from .metric import Metric, values_of

AVERAGES = ("macro", "micro", "weighted", None)


def confusion_matrix(
    output: Any, target: Any, classes: int, *, ignore_index: int | None = None
) -> Array:
    """How often each class (the row) was taken for each (the column): (classes, classes), int64.

    output: scores (N, C) or (N, C, d1, …), or predicted classes, integers of the target's shape.
    target: classes (N,) or (N, d1, …); those equal to ignore_index do not count. Raises ValueError
    for shapes that do not fit, TypeError for types, IndexError for a class that there is not.
    """
    predicted, right = predicted_and_classes(
        "confusion_matrix", output, target, classes, ignore_index
    )
    return count_pairs(right, predicted, classes)


def count_pairs(rows: Array, columns: Array, size: int) -> Array:
    """(size, size): at [i, j] how often rows is i where columns is j. Both: (M,), below size."""
    return np.bincount(rows * size + columns, minlength=size * size).reshape(size, size)


class Scores(NamedTuple):
    """precision: of what was taken for a class, the share that is of it. recall: of what is of a
    class, the share that was taken for it. f1: their harmonic mean.

    Numbers, or arrays (C,) with one for each class.
    """

    precision: Any
    recall: Any
    f1: Any


def precision_recall_f1(matrix: Any, average: str | None = "macro") -> Scores:
    """Precision TP / (TP + FP), recall TP / (TP + FN), and F1 2·TP / (2·TP + FP + FN).

    matrix: (C, C), as `confusion_matrix` gives it. average: None for each class by itself; "macro"
    for the mean over the classes; "weighted" for that mean by how often each class occurs; "micro"
    for the three of all classes counted together, which with one class an example are the accuracy.
    Where nothing is to be divided by, the result is 0. Raises ValueError for another average or a
    matrix that is not square.
    """
    if average not in AVERAGES:
        known = ", ".join(map(repr, AVERAGES))
        raise ValueError(f"precision_recall_f1: no average {average!r}; there are {known}")
    counts = values_of(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(
            f"precision_recall_f1: the confusion matrix must be (C, C), not {counts.shape}"
        )
    scores = scores_of_classes(counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1))
    if average is None:
        return scores
    if average == "micro":
        hits, everything = counts.trace().reshape(1), counts.sum().reshape(1)
        return Scores(*(each.item() for each in scores_of_classes(hits, everything, everything)))
    weights = np.ones(len(counts)) if average == "macro" else counts.sum(axis=1)
    return Scores(*(float(shares(each @ weights, weights.sum())) for each in scores))


def scores_of_classes(hits: Array, predicted: Array, right: Array) -> Scores:
    """For each class: hits of it, of how many that were taken for it, and that are of it. (C,)"""
    return Scores(shares(hits, predicted), shares(hits, right), shares(2 * hits, predicted + right))


def shares(part: Any, whole: Any) -> Any:
    """part / whole, and 0 where whole is 0."""
    return np.where(whole == 0, 0.0, part / np.where(whole == 0, 1, whole))


class ConfusionMatrix(Metric):
    """How often each class (the row) was taken for each (the column).

    classes: how many there are. What output and target may be: see `confusion_matrix`.
    """

    matrix: Array

    def __init__(self, classes: int, *, ignore_index: int | None = None) -> None:
        if classes < 1:
            raise ValueError(f"{type(self).__name__}: there must be classes, not {classes}")
        self.classes = classes
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget all batches."""
        self.matrix = np.zeros((self.classes, self.classes), np.int64)

    def update(self, output: Any, target: Any) -> None:
        """Count the batch's pairs."""
        predicted, right = predicted_and_classes(
            type(self).__name__, output, target, self.classes, self.ignore_index
        )
        self.matrix += count_pairs(right, predicted, self.classes)

    def compute(self) -> Any:
        """(classes, classes), int64, an array of its own."""
        return self.matrix.copy()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(classes={self.classes})"


class PrecisionRecallF1(ConfusionMatrix):
    """Precision, recall and F1 of all batches. See `precision_recall_f1`."""

    def __init__(
        self, classes: int, average: str | None = "macro", *, ignore_index: int | None = None
    ) -> None:
        if average not in AVERAGES:
            known = ", ".join(map(repr, AVERAGES))
            raise ValueError(f"{type(self).__name__}: no average {average!r}; there are {known}")
        self.average = average
        super().__init__(classes, ignore_index=ignore_index)

    def compute(self) -> Scores:
        """The three, as `precision_recall_f1` gives them."""
        return precision_recall_f1(self.matrix, self.average)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(classes={self.classes}, average={self.average!r})"
