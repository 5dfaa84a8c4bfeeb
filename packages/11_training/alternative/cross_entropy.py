"""Cross-entropy by way of the logarithms of the probabilities."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .class_targets import ClassTargets


def losses_of_rows(rows: Array, targets: ClassTargets) -> tuple[Array, Array, Array]:
    largest = rows.max(axis=1, keepdims=True)
    exponentials = np.exp(rows - largest)
    sums = exponentials.sum(axis=1)
    log_probabilities = rows - largest - np.log(sums)[:, None]
    return -targets.dot(log_probabilities), exponentials, sums


def gradient_of_rows(each: Array, exponentials: Array, sums: Array, targets: ClassTargets) -> Array:
    probabilities = exponentials / sums[:, None]
    wanted = np.zeros_like(probabilities)
    targets.take_away(wanted, -1.0)
    total = wanted.sum(axis=1, keepdims=True)
    column = each[:, None] if each.ndim else each
    return column * (probabilities * total - wanted)
