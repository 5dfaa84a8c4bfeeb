"""Clipping by NumPy alone: all numbers in one row."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from tinytorch.tensor import Array


def total_norm(gradients: Sequence[Array], norm_type: float = 2.0) -> float:
    row = np.concatenate([np.zeros(1), *(gradient.ravel() for gradient in gradients)])
    if norm_type == inf:
        return float(np.abs(row).max())
    return float((np.abs(row) ** norm_type).sum() ** (1 / norm_type))


def clip_coefficient(norm: float, max_norm: float) -> float:
    return float(np.minimum(1.0, max_norm / (norm + 1e-6)))
