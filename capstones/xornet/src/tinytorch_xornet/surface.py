"""What the network says between and around the four points, sampled on a grid."""

from __future__ import annotations

import numpy as np

from tinytorch.activations import sigmoid
from tinytorch.networks import MLP
from tinytorch.tensor import Array, from_numpy

LOW, HIGH = -0.5, 1.5


def probabilities(network: MLP, columns: int, rows: int) -> Array:
    """The probability of class 1 on a grid over [−½, 1½]², (rows, columns) float32.

    Row 0 is the lowest second input, column 0 the lowest first input, as `imshow(origin="lower")`
    has it.
    """
    first, second = np.meshgrid(
        np.linspace(LOW, HIGH, columns, dtype=np.float32),
        np.linspace(LOW, HIGH, rows, dtype=np.float32),
    )
    points = from_numpy(np.stack([first.ravel(), second.ravel()], axis=1))
    return sigmoid(network(points)).numpy().reshape(rows, columns)
