"""Counting pair by pair."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .confusion import Scores, shares


def count_pairs(rows: Array, columns: Array, size: int) -> Array:
    matrix = np.zeros((size, size), np.int64)
    np.add.at(matrix, (rows, columns), 1)
    return matrix


def scores_of_classes(hits: Array, predicted: Array, right: Array) -> Scores:
    precision, recall = shares(hits, predicted), shares(hits, right)
    return Scores(precision, recall, shares(2 * precision * recall, precision + recall))
