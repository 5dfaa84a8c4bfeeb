"""One convolution, forward and its two gradients, at the shapes of the networks in the course.

The limit beside it is the matrix product alone: the same multiplications, with nothing copied.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import Case, Work

SHAPES = {
    "3→32 at 32×32": (32, 3, 32, 32),
    "32→32 at 32×32": (32, 32, 32, 32),
    "32→64 at 16×16": (32, 32, 64, 16),
    "64→64 at 16×16": (32, 64, 64, 16),
    "128→128 at 8×8": (32, 128, 128, 8),
}
"""Images, channels, filters, and the side of an image; windows of 3×3 with a padding of 1."""

DIRECTIONS = ("forward", "to the input", "to the weight")


def arrays(shape: tuple[int, int, int, int]) -> tuple[Any, Any, Any]:
    """x, weight and g, the images channels last in memory."""
    batch, channels, filters, side = shape
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, side, side, channels), np.float32).transpose(0, 3, 1, 2)
    g = rng.standard_normal((batch, side, side, filters), np.float32).transpose(0, 3, 1, 2)
    return x, rng.standard_normal((filters, channels, 3, 3), np.float32), g


def pytorch(shape: tuple[int, int, int, int], direction: str, channels_last: bool) -> Work:
    import torch

    torch.set_num_threads(1)
    order = torch.channels_last if channels_last else torch.contiguous_format
    x, weight, g = (
        torch.from_numpy(np.ascontiguousarray(a)).contiguous(memory_format=order)
        for a in arrays(shape)
    )
    if direction == "forward":
        return lambda: torch.conv2d(x, weight, padding=1)
    wanted = [direction == "to the input", direction == "to the weight", False]
    back = torch.ops.aten.convolution_backward
    one = [1, 1]
    return lambda: back(g, x, weight, None, one, one, one, False, [0, 0], 1, wanted)


def tinytorch(shape: tuple[int, int, int, int], direction: str, kernel: str) -> Work:
    from threadpoolctl import threadpool_limits

    from tinytorch.spatial import conv2d
    from tinytorch.tensor.testing import gradients_of
    from tinytorch.training import keep_memory

    keep_memory()
    threadpool_limits(1)
    conv2d.use(kernel)
    x, weight, g = arrays(shape)
    if direction == "forward":
        return lambda: conv2d(x, weight, padding=1)
    needs = (direction == "to the input", direction == "to the weight", False)
    result = conv2d(x, weight, padding=1)
    inputs: list[Any] = [x, weight, None]
    options = {"padding": 1}
    return lambda: gradients_of(conv2d, needs, inputs, options, [result], (), g)


def products(shape: tuple[int, int, int, int], direction: str) -> Work:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    batch, channels, filters, side = shape
    places, window = batch * side * side, 9 * channels
    rng = np.random.default_rng(0)
    columns = rng.standard_normal((places, window), np.float32)
    weight = rng.standard_normal((window, filters), np.float32)
    g = rng.standard_normal((places, filters), np.float32)
    if direction == "forward":
        return lambda: columns @ weight
    if direction == "to the weight":
        return lambda: columns.T @ g
    turned = rng.standard_normal((9 * filters, channels), np.float32)
    wide = rng.standard_normal((places, 9 * filters), np.float32)
    return lambda: wide @ turned


CASES = [
    Case(
        f"conv2d {name}, {direction}",
        {
            "PyTorch": partial(pytorch, shape, direction, False),
            "PyTorch channels_last": partial(pytorch, shape, direction, True),
            "TinyTorch": partial(tinytorch, shape, direction, "fast"),
            "im2col": partial(tinytorch, shape, direction, "im2col"),
            "product alone": partial(products, shape, direction),
        },
    )
    for name, shape in SHAPES.items()
    for direction in DIRECTIONS
]
