"""Convolution as fast as plain NumPy makes it, and its gradients.

im2col copies each number as often as windows cover it: nine times for a 3×3 window. Here it is
copied three times. Memory is ordered channels last, (N, H, W, C), and `Strips` puts the rows of a
window next to each other, column by column:

    strip[i, j] = x[s·i, j, :], x[s·i + 1, j, :], x[s·i + 2, j, :]        kh·C numbers

A window of kw columns is then kw·kh·C numbers in a line, and the next one to the right begins
kh·C numbers later. So all windows of a strip are one matrix, whose rows overlap in memory. BLAS
does not take rows that overlap; it takes every kw-th row, which do not, and kw such products are
all of them. The windows that reach from the end of one row of the image into the next one mean
nothing and are dropped.

Tensors keep the shape (N, C, H, W); only their memory is in the other order, and elementwise NumPy
keeps it so. A few images go through at a time, so that their strips stay in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from tinytorch.tensor import Array

from . import gradients
from .kernels import conv2d_im2col
from .window import Window

STRIP_BYTES = 1 << 20
"""How much is copied at a time: what a core's own cache holds."""


class Strips:
    """The windows of a few images at a time, as matrices that share their memory.

    x: (N, C, H, W) in any memory order, without its padding. window: with columns next to each
    other, `dilation[1] == 1`.
    """

    def __init__(self, x: Array, window: Window) -> None:
        batch, channels, height, width = x.shape
        self.images = x.transpose(0, 2, 3, 1)
        self.window = window
        self.rows, self.columns = window.places((height, width))
        kernel_height, kernel_width = window.kernel
        step = window.stride[1]
        _, padded_width = window.padded((height, width))
        # A row of windows is a whole number of steps, so that the next row goes on in step.
        self.across = -(-padded_width // step)
        self.step = step * kernel_height * channels
        self.length = kernel_width * kernel_height * channels
        self.phases = -(-kernel_width // step)
        numbers = self.rows * self.across * self.step
        self.images_at_a_time = max(1, min(batch, STRIP_BYTES // max(1, numbers * x.itemsize)))
        # What lies behind the last strip is looked at by windows that are dropped.
        self.memory = np.zeros(self.images_at_a_time * numbers + self.length, x.dtype)
        shape = (self.images_at_a_time, self.rows, self.across * step, kernel_height, channels)
        self.strips = self.memory[: self.images_at_a_time * numbers].reshape(shape)

    def __iter__(self) -> Iterator[tuple[slice, list[tuple[slice, Array]]]]:
        """For each few images: which they are, and (which windows, their matrix) for each phase."""
        for first in range(0, len(self.images), self.images_at_a_time):
            chosen = slice(first, min(first + self.images_at_a_time, len(self.images)))
            count = chosen.stop - chosen.start
            self._fill(self.images[chosen], self.strips[:count])
            yield chosen, list(self._matrices(count))

    def _fill(self, images: Array, strips: Array) -> None:
        """Only the inside is written: the padding was zero from the start and stays so."""
        _, height, width, _ = images.shape
        (top, _), (left, _) = self.window.padding
        step, apart = self.window.stride[0], self.window.dilation[0]
        for u in range(self.window.kernel[0]):
            above = top - apart * u
            begin = max(0, -(-above // step))
            end = min(self.rows, (height - 1 + above) // step + 1)
            if begin < end:
                seen = images[:, begin * step - above : end * step - above : step]
                strips[:, begin:end, left : left + width, u] = seen

    def _matrices(self, count: int) -> Iterator[tuple[slice, Array]]:
        total = count * self.rows * self.across
        size = self.memory.itemsize
        for phase in range(self.phases):
            here = -(-(total - phase) // self.phases)
            if here > 0:
                start = self.memory[phase * self.step :]
                strides = (self.phases * self.step * size, size)
                matrix = as_strided(start, (here, self.length), strides, writeable=False)
                yield slice(phase, total, self.phases), matrix


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
    if window.dilation[1] > 1 or not out.size:
        out[:] = conv2d_im2col(window.pad(x), weight, window, 1).transpose(0, 2, 3, 1)
        return
    strips = Strips(x, window)
    filters = weight.transpose(3, 2, 1, 0).reshape(strips.length, len(weight))
    shape = (strips.images_at_a_time, strips.rows, strips.across, out.shape[-1])
    found = np.empty(shape, x.dtype)
    lines = found.reshape(-1, out.shape[-1])
    for images, matrices in strips:
        for chosen, matrix in matrices:
            np.matmul(matrix, filters, out=lines[chosen])
        out[images] = found[: images.stop - images.start, :, : strips.columns]


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
        found[filters] = products(g[:, filters], x[:, channels], found[filters].shape, window)
    return found


def products(g: Array, x: Array, shape: tuple[int, ...], window: Window) -> Array:
    """One group's."""
    if window.dilation[1] > 1 or not g.size:
        return gradients.weight_gradient(g, x, shape, window, 1)
    strips = Strips(x, window)
    out_channels = g.shape[1]
    back = np.zeros((strips.images_at_a_time, strips.rows, strips.across, out_channels), g.dtype)
    lines = back.reshape(-1, out_channels)
    total = np.zeros((strips.length, out_channels), g.dtype)
    part = np.empty_like(total)
    for images, matrices in strips:
        back[: images.stop - images.start, :, : strips.columns] = g[images].transpose(0, 2, 3, 1)
        for chosen, matrix in matrices:
            total += np.matmul(matrix.T, lines[chosen], out=part)
    height, width = window.kernel
    return total.reshape(width, height, x.shape[1], out_channels).transpose(3, 2, 1, 0)
