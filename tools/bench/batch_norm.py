"""Batch normalisation in training, forward and back, on the activations of a small CNN."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import Case, Work

SHAPES = {"64×32×32×32": (64, 32, 32, 32), "64×128×8×8": (64, 128, 8, 8)}
Shape = tuple[int, int, int, int]


def images(shape: Shape) -> Any:
    """Channels last in memory, as they come out of a convolution."""
    n, c, h, w = shape
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, h, w, c), np.float32).transpose(0, 3, 1, 2)


def pytorch(shape: Shape, channels_last: bool) -> Work:
    import torch

    torch.set_num_threads(1)
    order = torch.channels_last if channels_last else torch.contiguous_format
    layer = torch.nn.BatchNorm2d(shape[1])
    x = torch.from_numpy(np.ascontiguousarray(images(shape))).contiguous(memory_format=order)
    x.requires_grad_()
    g = torch.ones_like(x)

    def both() -> None:
        layer(x).backward(g)
        x.grad = None

    return both


def tinytorch(shape: Shape) -> Work:
    from threadpoolctl import threadpool_limits

    import tinytorch.autograd
    from tinytorch.normalization import BatchNorm2d
    from tinytorch.tensor import Tensor, ones_like
    from tinytorch.training import keep_memory

    keep_memory()
    threadpool_limits(1)
    layer = BatchNorm2d(shape[1])
    x = Tensor(images(shape), requires_grad=True)
    g = ones_like(x)

    def both() -> None:
        tinytorch.autograd.backward(layer(x), g)
        x.grad = None

    return both


CASES = [
    Case(
        f"BatchNorm2d {name}, forward and back",
        {
            "PyTorch": partial(pytorch, shape, False),
            "PyTorch channels_last": partial(pytorch, shape, True),
            "TinyTorch": partial(tinytorch, shape),
        },
    )
    for name, shape in SHAPES.items()
]
