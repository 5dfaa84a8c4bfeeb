"""One step of training a CNN on images: 3→32→32, pool, →64→64, pool, 128, 10; batch 64, Adam.

Plain, and with a batch normalisation behind each convolution.

The steps go over one batch again and again, so they are all but zero: a network that has learned
the batch by heart has a loss near zero, and then gradients so small (denormal numbers) that the
processor takes many times longer for them, on one side of the comparison more than on the other.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import Case, Work

BATCH = 64
LR = 1e-6
CHANNELS = ((3, 32), (32, 32), (32, 64), (64, 64))


def images(batch: int = BATCH) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((batch, 3, 32, 32), np.float32), rng.integers(10, size=batch)


def pytorch(normalized: bool, channels_last: bool = False, threads: int = 2) -> Work:
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    layers: list[Any] = []
    for number, (inner, outer) in enumerate(CHANNELS):
        layers.append(nn.Conv2d(inner, outer, 3, padding=1))
        layers += [nn.BatchNorm2d(outer)] if normalized else []
        layers += [nn.ReLU(), *([nn.MaxPool2d(2)] if number % 2 else [])]
    head = [nn.Flatten(), nn.Linear(4096, 128), nn.ReLU(), nn.Linear(128, 10)]
    network = nn.Sequential(*layers, *head)
    x, y = map(torch.from_numpy, images())
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=LR)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()

    return step


def tinytorch(normalized: bool, shards: int = 1, threads: int = 2) -> Work:
    from threadpoolctl import threadpool_limits

    from tinytorch.activations import ReLU
    from tinytorch.layers import Linear
    from tinytorch.networks import Sequential
    from tinytorch.normalization import BatchNorm2d
    from tinytorch.optimizers import Adam
    from tinytorch.spatial import Conv2d, Flatten, MaxPool2d
    from tinytorch.tensor import Tensor
    from tinytorch.training import Shards, cross_entropy, keep_memory

    keep_memory()
    threadpool_limits(threads)
    layers: list[Any] = []
    for number, (inner, outer) in enumerate(CHANNELS):
        layers.append(Conv2d(inner, outer, 3, padding=1))
        layers += [BatchNorm2d(outer)] if normalized else []
        layers += [ReLU(), *([MaxPool2d(2)] if number % 2 else [])]
    network = Sequential(*layers, Flatten(), Linear(4096, 128), ReLU(), Linear(128, 10))
    optimizer = Adam(network.parameters(), lr=LR)
    x, y = map(Tensor, images())
    if shards > 1:
        shared = Shards(network, cross_entropy, shards)

    def step() -> None:
        optimizer.zero_grad()
        if shards > 1:
            shared.backward(x, y)
        else:
            cross_entropy(network(x), y).backward()
        optimizer.step()

    return step


def products() -> Work:
    """The matrix products of the plain step alone, at their shapes, with nothing copied."""
    pairs = []
    side = 32
    for number, (inner, outer) in enumerate(CHANNELS):
        places = BATCH * side * side
        pairs.append((places, 9 * inner, outer))
        pairs.append((9 * inner, places, outer))
        if number:
            pairs.append((places, 9 * outer, inner))
        side = side // 2 if number % 2 else side
    for inner, outer in ((4096, 128), (128, 10)):
        pairs += [(BATCH, inner, outer), (inner, BATCH, outer), (BATCH, outer, inner)]
    matrices = [
        (np.ones((n, k), np.float32), np.ones((k, m), np.float32), np.empty((n, m), np.float32))
        for n, k, m in pairs
    ]

    def step() -> None:
        for a, b, out in matrices:
            np.matmul(a, b, out=out)

    return step


CASES = [
    Case(
        "CNN step",
        {
            "PyTorch": partial(pytorch, False),
            "PyTorch channels_last": partial(pytorch, False, channels_last=True),
            "TinyTorch": partial(tinytorch, False),
            "TinyTorch, 2 shards": partial(tinytorch, False, shards=2),
            "products alone": products,
        },
        memory=True,
    ),
    Case(
        "CNN step with batch norm",
        {
            "PyTorch": partial(pytorch, True),
            "PyTorch channels_last": partial(pytorch, True, channels_last=True),
            "TinyTorch": partial(tinytorch, True),
            "TinyTorch, 2 shards": partial(tinytorch, True, shards=2),
        },
        memory=True,
    ),
    Case(
        "CNN step, one thread",
        {
            "PyTorch": partial(pytorch, False, threads=1),
            "TinyTorch": partial(tinytorch, False, threads=1),
        },
    ),
]
