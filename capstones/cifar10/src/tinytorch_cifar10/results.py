"""What the network says of images, and how good that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinytorch.activations import softmax
from tinytorch.layers import Module
from tinytorch.tensor import Array
from tinytorch.training import confusion_matrix, predict

from .data import Images, evaluation_loader


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


def results_on(network: Module, images: Images, dataset: str) -> Results:
    """What the network says of all the images."""
    scores = predict(network, evaluation_loader(images, dataset))
    return results_of(softmax(scores, dim=1).numpy(), images.labels)


def results_of(probabilities: Array, labels: Array) -> Results:
    """What follows from the probabilities (N, classes) given to N images of classes `labels`."""
    predicted = probabilities.argmax(1)
    confusion = np.asarray(confusion_matrix(predicted, labels, probabilities.shape[1]))
    return Results(labels, predicted, probabilities.max(1), confusion)
