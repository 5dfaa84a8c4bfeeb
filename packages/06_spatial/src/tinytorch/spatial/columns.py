"""The columns of a few images at a time.

The same as `im2col`, in the order of a weight, (C, kh, kw): each number is copied as often as
windows cover it. But what is copied are pieces of an image's rows, which are long however few
channels there are, and the columns of a few images stay in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from tinytorch.tensor import Array

from .window import Window, seen_from


class Columns:
    """The windows of a few images at a time, as a matrix with a row for each.

    x: (N, C, H, W) in any memory order, without its padding. limit: how many bytes of columns at a
    time; one image's, if that is more.

    shape: (images, rows, columns) of the windows at a time. length: the numbers of a window.
    """

    def __init__(self, x: Array, window: Window, limit: int) -> None:
        batch, channels, height, width = x.shape
        self.images = x.transpose(1, 0, 2, 3)
        self.window = window
        self.rows, self.columns = window.places((height, width))
        self.length = channels * prod(window.kernel)
        numbers = self.length * self.rows * self.columns
        self.images_at_a_time = max(1, min(batch, limit // max(1, numbers * x.itemsize)))
        self.shape = (self.images_at_a_time, self.rows, self.columns)
        self.parts = np.zeros((channels, *window.kernel, *self.shape), x.dtype)
        self.memory = self.parts.reshape(self.length, prod(self.shape))

    def __iter__(self) -> Iterator[tuple[slice, list[tuple[slice, Array]]]]:
        """For each few images: which they are, and (which windows, their matrix): all, in one."""
        batch = self.images.shape[1]
        for first in range(0, batch, self.images_at_a_time):
            chosen = slice(first, min(first + self.images_at_a_time, batch))
            count = chosen.stop - chosen.start
            self._fill(self.images[:, chosen], self.parts[:, :, :, :count])
            total = count * self.rows * self.columns
            matrix = self.memory[:, :total].T
            yield chosen, [(slice(0, total), matrix)]

    def _fill(self, images: Array, columns: Array) -> None:
        """Only the inside is written: the padding was zero from the start and stays so."""
        height, width = images.shape[2:]
        (top, _), (left, _) = self.window.padding
        (sh, sw), (dh, dw) = self.window.stride, self.window.dilation
        for u in range(self.window.kernel[0]):
            down, rows = seen_from(dh * u - top, height, sh, self.rows)
            for v in range(self.window.kernel[1]):
                across, line = seen_from(dw * v - left, width, sw, self.columns)
                columns[:, u, v, :, down, across] = images[:, :, rows, line]

    def filters(self, weight: Array) -> Array:
        """What a matrix of windows is multiplied with. weight: (O, C, kh, kw)."""
        return weight.reshape(len(weight), self.length).T

    def weight(self, filters: Array) -> Array:
        """The reverse of `filters`: (O, C, kh, kw)."""
        channels, height, width = self.parts.shape[:3]
        return filters.T.reshape(filters.shape[1], channels, height, width)
