"""What the network says of the test images, and how good that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinytorch.tensor import Array


@dataclass(frozen=True)
class Results:
    """Predictions for N test images, in their order.

    labels, predicted: (N,) classes. confidence: (N,) the probability given to the predicted class.
    confusion: (classes, classes) counts, a row for what it is and a column for what was said.
    """

    labels: Array
    predicted: Array
    confidence: Array
    confusion: Array

    @property
    def accuracy(self) -> float:
        return float(np.trace(self.confusion) / max(self.confusion.sum(), 1))

    @property
    def accuracy_by_class(self) -> list[float]:
        rows = np.maximum(self.confusion.sum(1), 1)
        return [float(n) for n in np.diagonal(self.confusion) / rows]


def results_of(probabilities: Array, labels: Array) -> Results:
    """What follows from the probabilities (N, classes) given to N images of classes `labels`."""
    predicted = probabilities.argmax(1)
    confusion = np.zeros((probabilities.shape[1],) * 2, np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    return Results(labels, predicted, probabilities.max(1), confusion)
