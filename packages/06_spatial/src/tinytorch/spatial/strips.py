"""The windows of images with many channels, as matrices that share their memory.

im2col copies each number as often as windows cover it: nine times for a 3×3 window. Here it is
copied three times. Memory is ordered channels last, (N, H, W, C), and `Strips` puts the rows of a
window next to each other, column by column:

    strip[i, j] = x[s·i, j, :], x[s·i + 1, j, :], x[s·i + 2, j, :]        kh·C numbers

A window of kw columns is then kw·kh·C numbers in a line, and the next one to the right begins
kh·C numbers later. So all windows of a strip are one matrix, whose rows overlap in memory. BLAS
does not take rows that overlap; it takes every kw-th row, which do not, and kw such products are
all of them. The windows that reach from the end of one row of the image into the next one mean
nothing and are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from tinytorch.tensor import Array

from .window import Window, seen_from


class Strips:
    """The windows of a few images at a time, as matrices with a row for each.

    x: (N, C, H, W) in any memory order, without its padding. window: with columns next to each
    other, `dilation[1] == 1`. limit: how many bytes of strips at a time; one image's, if that is
    more.

    shape: (images, rows, columns) of the windows at a time, of which the last columns mean nothing.
    length: the numbers of a window.
    """

    def __init__(self, x: Array, window: Window, limit: int) -> None:
        batch, channels, height, width = x.shape
        self.images = x.transpose(0, 2, 3, 1)
        self.window = window
        self.rows, self.columns = window.places((height, width))
        kernel_height, kernel_width = window.kernel
        _, (left, right) = window.padding
        step = window.stride[1]
        # The zeros behind a row of the image are those before the next one. A row of windows is a
        # whole number of steps, so that the next one goes on in step.
        pitch = width + max(left, right, left + right - kernel_width + 1)
        self.across = -(-pitch // step)
        self.step = step * kernel_height * channels
        self.length = kernel_width * kernel_height * channels
        self.phases = -(-kernel_width // step)
        numbers = self.rows * self.across * self.step
        self.images_at_a_time = max(1, min(batch, limit // max(1, numbers * x.itemsize)))
        # What lies behind the last strip is looked at, too: zeros, or windows that are dropped.
        self.memory = np.zeros(self.images_at_a_time * numbers + self.length, x.dtype)
        self.shape = (self.images_at_a_time, self.rows, self.across)
        cells = (self.images_at_a_time, self.rows, self.across * step, kernel_height, channels)
        self.strips = self.memory[: self.images_at_a_time * numbers].reshape(cells)

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
            down, rows = seen_from(apart * u - top, height, step, self.rows)
            strips[:, down, left : left + width, u] = images[:, rows]

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

    def filters(self, weight: Array) -> Array:
        """What a matrix of windows is multiplied with. weight: (O, C, kh, kw)."""
        return weight.transpose(3, 2, 1, 0).reshape(self.length, len(weight))

    def weight(self, filters: Array) -> Array:
        """The reverse of `filters`: (O, C, kh, kw)."""
        *_, height, channels = self.strips.shape
        width = self.window.kernel[1]
        return filters.reshape(width, height, channels, filters.shape[1]).transpose(3, 2, 1, 0)
