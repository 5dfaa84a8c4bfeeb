"""Convolution as fast as plain NumPy makes it, and its gradients.

Like im2col it ends in matrix products, but of a few images at a time, so that what is copied for
them stays in the cache, and with fewer copies where they are many: `Strips` is the way for many
channels, `Columns` the one for few.

Tensors keep the shape (N, C, H, W); only their memory is in another order, channels last, and
elementwise NumPy keeps it so.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from tinytorch.tensor import Array

from . import gradients
from .columns import Columns
from .strips import Strips
from .window import Window

BYTES_AT_A_TIME = 1 << 20
"""How much is copied at a time: what a core's own cache holds."""

FEW = 20
"""Up to how many numbers in one column of a window, C·kh, its copies are cheaper one by one."""


def windows_of(x: Array, window: Window) -> Strips | Columns:
    """The windows of x: (N, C, H, W), without its padding, as matrices of a few images each."""
    if window.dilation[1] > 1 or x.shape[1] * window.kernel[0] <= FEW:
        return Columns(x, window, BYTES_AT_A_TIME)
    return Strips(x, window, BYTES_AT_A_TIME)


def conv2d_fast(x: Array, weight: Array, window: Window, groups: int) -> Array:
    """x: (N, C, H, W), without its padding. weight: (O, C / groups, kh, kw).

    The result: (N, O, OH, OW), channels last in memory.
    """
    rows, columns = window.places(x.shape[2:])
    out = np.empty((len(x), rows, columns, len(weight)), x.dtype)
    for channels, filters in by_group(x.shape[1], len(weight), groups):
        forward(x[:, channels], weight[filters], window, out[..., filters])
    return out.transpose(0, 3, 1, 2)


def by_group(in_channels: int, out_channels: int, groups: int) -> Iterator[tuple[slice, slice]]:
    """For each group, its channels of the input and of the output."""
    inner, outer = in_channels // groups, out_channels // groups
    for k in range(groups):
        yield slice(k * inner, (k + 1) * inner), slice(k * outer, (k + 1) * outer)


def forward(x: Array, weight: Array, window: Window, out: Array) -> None:
    """One group, written into out: (N, OH, OW, O)."""
    windows = windows_of(x, window)
    filters = windows.filters(weight)
    room = np.empty((*windows.shape, out.shape[-1]), x.dtype)
    fits = room.shape[2] == out.shape[2] and out.flags.c_contiguous
    for images, matrices in windows:
        found = out[images] if fits else room[: images.stop - images.start]
        lines = found.reshape(prod(found.shape[:3]), out.shape[-1])
        for chosen, matrix in matrices:
            np.matmul(matrix, filters, out=lines[chosen])
        if not fits:
            out[images] = found[:, :, : out.shape[2]]


def input_gradient(
    g: Array, weight: Array, size: tuple[int, ...], window: Window, groups: int
) -> Array:
    """∂L/∂x for g = ∂L/∂y. g: (N, O, OH, OW). size: (N, C, H, W) of x; the result has it.

    In steps of 1 it is a convolution of g with the window turned by 180 degrees: what x[i] gave to
    y[i − u] comes back from there.
    """
    room = [
        reach - 1 - before for reach, (before, _) in zip(window.reach, window.padding, strict=True)
    ]
    if window.stride != (1, 1) or min(room) < 0:
        return gradients.input_gradient(g, weight, size, window, groups)
    height, width = size[2:]
    after = [
        n - out - before + reach - 1
        for n, out, before, reach in zip(
            (height, width), g.shape[2:], room, window.reach, strict=True
        )
    ]
    padding = ((room[0], after[0]), (room[1], after[1]))
    turned = Window(window.kernel, padding=padding, dilation=window.dilation)
    out = np.empty((size[0], height, width, size[1]), g.dtype)
    for channels, filters in by_group(size[1], len(weight), groups):
        flipped = weight[filters, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        forward(g[:, filters], flipped, turned, out[..., channels])
    return out.transpose(0, 3, 1, 2)


def weight_gradient(
    g: Array, x: Array, shape: tuple[int, ...], window: Window, groups: int
) -> Array:
    """∂L/∂weight for g = ∂L/∂y: each window of x times what came back for it.

    shape: the weight's.
    """
    found = np.empty(shape, g.dtype)
    for channels, filters in by_group(x.shape[1], len(found), groups):
        found[filters] = products(g[:, filters], x[:, channels], window)
    return found


def products(g: Array, x: Array, window: Window) -> Array:
    """One group's."""
    windows = windows_of(x, window)
    lines = np.zeros((prod(windows.shape), g.shape[1]), g.dtype)
    back = lines.reshape(*windows.shape, g.shape[1])
    total = np.zeros((windows.length, g.shape[1]), g.dtype)
    part = np.empty_like(total)
    for images, matrices in windows:
        back[: images.stop - images.start, :, : windows.columns] = g[images].transpose(0, 2, 3, 1)
        for chosen, matrix in matrices:
            total += np.matmul(matrix.T, lines[chosen], out=part)
    return windows.weight(total)
