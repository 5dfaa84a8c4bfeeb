"""The network: five convolutions, each image halved four times, and a linear layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.activations import ReLU
from tinytorch.layers import Linear, Module
from tinytorch.networks import Sequential
from tinytorch.normalization import BatchNorm2d
from tinytorch.spatial import Conv2d, Flatten, MaxPool2d
from tinytorch.tensor import Tensor

WIDTH = 32


class Residual(Module):
    """x + body(x): what the body has to learn is only the difference.

    He, Zhang, Ren & Sun, "Deep residual learning for image recognition" (2016).
    """

    def __init__(self, body: Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, C, H, W), and so is the result."""
        return x + self.body(x)


def make_network(
    width: int = WIDTH, classes: int = 10, generator: np.random.Generator | None = None
) -> Sequential:
    """The network from images (N, 3, 32, 32) to scores (N, classes).

    width: channels behind the first convolution; there are four times as many at the end. Images
    are made smaller early, where each place costs most: 32 → 16 → 8 → 4 → 1.
    generator: what the weights are drawn from.
    """

    def convolution(inner: int, outer: int, *then: Module) -> list[Any]:
        layer = Conv2d(inner, outer, 3, padding=1, bias=False, generator=generator)
        return [layer, BatchNorm2d(outer), *then, ReLU()]

    return Sequential(
        *convolution(3, width, MaxPool2d(2)),
        *convolution(width, 2 * width, MaxPool2d(2)),
        Residual(Sequential(*convolution(2 * width, 2 * width))),
        *convolution(2 * width, 4 * width, MaxPool2d(2)),
        Residual(Sequential(*convolution(4 * width, 4 * width))),
        MaxPool2d(4),
        Flatten(),
        Linear(4 * width, classes, generator=generator),
    )
