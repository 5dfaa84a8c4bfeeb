"""How the time of a step grows: with the batch, with the width, with the depth.

Each row compares a size with the smallest one; twice the work in twice the time is a speed of 0.5.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from .case import Case, Work


def convolutions(batch: int, width: int, depth: int) -> Work:
    from threadpoolctl import threadpool_limits

    from tinytorch.activations import ReLU
    from tinytorch.networks import Sequential
    from tinytorch.spatial import AdaptiveAvgPool2d, Conv2d, Flatten
    from tinytorch.tensor import Tensor
    from tinytorch.training import cross_entropy, keep_memory

    keep_memory()
    threadpool_limits(1)
    layers = [Conv2d(3, width, 3, padding=1), ReLU()]
    for _ in range(depth - 1):
        layers += [Conv2d(width, width, 3, padding=1), ReLU()]
    network = Sequential(*layers, AdaptiveAvgPool2d(1), Flatten())
    rng = np.random.default_rng(0)
    x = Tensor(rng.standard_normal((batch, 3, 16, 16), np.float32))
    y = Tensor(rng.integers(width, size=batch))

    def step() -> None:
        network.zero_grad()
        cross_entropy(network(x), y).backward()

    return step


CASES = [
    Case(
        "step by batch (width 32, depth 4)",
        {f"batch {n}": partial(convolutions, n, 32, 4) for n in (16, 32, 64, 128)},
    ),
    Case(
        "step by width (batch 32, depth 4)",
        {f"width {n}": partial(convolutions, 32, n, 4) for n in (16, 32, 64, 128)},
    ),
    Case(
        "step by depth (batch 32, width 32)",
        {f"depth {n}": partial(convolutions, 32, 32, n) for n in (2, 4, 8, 16)},
    ),
]
