"""Pooling over all windows at once, and means as sums over counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinytorch.spatial.images import check_floating, check_images
from tinytorch.spatial.pooling import as_output_size, counts, lowest, parts, window_for
from tinytorch.spatial.window import Size
from tinytorch.tensor import Array, Tensor, stack
from tinytorch.tensor import sum as total


def pooled_size(
    size: int, reach: int, stride: int, before: int, after: int, ceil_mode: bool
) -> int:
    count, start = 0, 0
    while start + reach <= before + size + after:
        count, start = count + 1, start + stride
    covered = start - stride + reach >= before + size + after
    return count + (ceil_mode and not covered and start < before + size)


def max_pool2d(
    x: Array,
    *,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> Array:
    window, places = window_for("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode)
    images = window.pad(x.reshape(-1, *x.shape[-3:]), lowest(x.dtype))
    found = np.max(list(parts(images, window, places)), axis=0)
    return found.reshape(*x.shape[:-2], *places)


def avg_pool2d(
    x: Array,
    *,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    check_floating("avg_pool2d", x)
    window, places = window_for("avg_pool2d", x, kernel_size, stride, padding, 1, ceil_mode)
    images = window.pad(x.reshape(-1, *x.shape[-3:]))
    numbers = counts(x, window, places, padding, count_include_pad, divisor_override)
    shares = [part / numbers for part in parts(images, window, places)]
    return np.sum(shares, axis=0).reshape(*x.shape[:-2], *places)


def adaptive_avg_pool2d(x: Tensor, output_size: Size | Sequence[int | None]) -> Tensor:
    check_images("adaptive_avg_pool2d", x)
    check_floating("adaptive_avg_pool2d", x)
    for dim, wanted in zip((-1, -2), reversed(as_output_size(output_size)), strict=True):
        if wanted is not None:
            x = averages(x, wanted, dim)
    return x


def averages(x: Tensor, count: int, dim: int) -> Tensor:
    lines = x.transpose(dim, -1)
    edges = np.arange(count + 1) * lines.shape[-1] / count
    begins, ends = np.floor(edges[:-1]).astype(int), np.ceil(edges[1:]).astype(int)
    means = [
        total(lines[..., begin:end] * (1 / (end - begin)), -1)
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
    ]
    return stack(means, -1).transpose(dim, -1)
