"""Convolution in three ways. All see padded images and give the same numbers.

    y[n, o, i, j] = Σ_c Σ_u Σ_v  w[o, c, u, v] · x[n, c, s·i + d·u, s·j + d·v]

with the sums over the window's rows u and columns v and over the channels c of the output's group.
"""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from tinytorch.tensor import Array

from .window import Window


def conv2d_loops(x: Array, weight: Array, window: Window, groups: int) -> Array:
    """The definition, number by number: a loop over images, output channels, rows and columns,
    and three over the window.

    x: (N, C, H, W), with its padding. weight: (O, C / groups, kh, kw). The result: (N, O, OH, OW).
    """
    batch = len(x)
    out_channels, per_group, height, width = weight.shape
    rows, columns = places(x, window)
    (sh, sw), (dh, dw) = window.stride, window.dilation
    y = np.zeros((batch, out_channels, rows, columns), x.dtype)
    for n in range(batch):
        for o in range(out_channels):
            first = o // (out_channels // groups) * per_group
            for i in range(rows):
                for j in range(columns):
                    total = x.dtype.type(0)
                    for c in range(per_group):
                        for u in range(height):
                            for v in range(width):
                                pixel = x[n, first + c, sh * i + dh * u, sw * j + dw * v]
                                total += weight[o, c, u, v] * pixel
                    y[n, o, i, j] = total
    return y


def places(x: Array, window: Window) -> tuple[int, int]:
    """How often the window fits into images that have their padding already."""
    return Window(window.kernel, window.stride, dilation=window.dilation).places(x.shape[2:])


def windows(x: Array, window: Window) -> Array:
    """Every window of every image, as a view: (N, C, OH, OW, kh, kw).

    x: (N, C, H, W), with its padding. Element [n, c, i, j, u, v] is x[n, c, s·i + d·u, s·j + d·v].
    """
    rows, columns = places(x, window)
    n, c, h, w = x.strides
    (sh, sw), (dh, dw) = window.stride, window.dilation
    shape = (*x.shape[:2], rows, columns, *window.kernel)
    return as_strided(x, shape, (n, c, h * sh, w * sw, h * dh, w * dw), writeable=False)


def im2col(x: Array, window: Window) -> Array:
    """Each window as a column: (N, C·kh·kw, OH·OW), its numbers in the order of a weight's.

    x: (N, C, H, W), with its padding. A number is copied as often as windows cover it.
    """
    seen = windows(x, window)
    batch, channels, rows, columns, height, width = seen.shape
    return seen.transpose(0, 1, 4, 5, 2, 3).reshape(
        batch, channels * height * width, rows * columns
    )


def col2im(columns: Array, size: tuple[int, ...], window: Window) -> Array:
    """The reverse of `im2col`: each number is added to where it came from.

    columns: (N, C·kh·kw, OH·OW). size: (N, C, H, W) of the padded images, the result's.
    """
    x = np.zeros(size, columns.dtype)
    batch, channels = size[:2]
    rows, across = places(x, window)
    height, width = window.kernel
    (sh, sw), (dh, dw) = window.stride, window.dilation
    parts = columns.reshape(batch, channels, height, width, rows, across)
    for u in range(height):
        for v in range(width):
            below, right = dh * u + sh * rows, dw * v + sw * across
            x[:, :, dh * u : below : sh, dw * v : right : sw] += parts[:, :, u, v]
    return x


def conv2d_im2col(x: Array, weight: Array, window: Window, groups: int) -> Array:
    """One matrix product for each group of each image: the weight's rows times the columns.

    Shapes as in `conv2d_loops`.
    """
    batch, out_channels, each = len(x), len(weight), prod(weight.shape[1:])
    rows, columns = places(x, window)
    seen = im2col(x, window).reshape(batch, groups, each, rows * columns)
    filters = weight.reshape(groups, out_channels // groups, each)
    return (filters @ seen).reshape(batch, out_channels, rows, columns)
