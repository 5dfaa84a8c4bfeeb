"""Convolution by a sum over the window's places, and columns by way of NumPy's own windows."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tinytorch.spatial.window import Window
from tinytorch.tensor import Array


def conv2d_loops(x: Array, weight: Array, window: Window, groups: int) -> Array:
    out_channels, per_group = weight.shape[:2]
    step, apart = np.array(window.stride), np.array(window.dilation)
    each = out_channels // groups
    y = np.zeros((len(x), out_channels, *windows(x, window).shape[2:4]), x.dtype)
    for n, o, i, j in np.ndindex(*y.shape):
        channels = x[n, o // each * per_group :][:per_group]
        for c, u, v in np.ndindex(*weight.shape[1:]):
            row, column = step * (i, j) + apart * (u, v)
            y[n, o, i, j] += weight[o, c, u, v] * channels[c, row, column]
    return y


def windows(x: Array, window: Window) -> Array:
    every = sliding_window_view(x, window.reach, axis=(2, 3))
    (sh, sw), (dh, dw) = window.stride, window.dilation
    return every[:, :, ::sh, ::sw, ::dh, ::dw]


def im2col(x: Array, window: Window) -> Array:
    seen = windows(x, window)
    rows = [
        seen[:, c, :, :, u, v].reshape(len(x), 1, seen.shape[2] * seen.shape[3])
        for c in range(x.shape[1])
        for u, v in np.ndindex(*window.kernel)
    ]
    empty = np.zeros((len(x), 0, seen.shape[2] * seen.shape[3]), x.dtype)
    return np.concatenate([empty, *rows], axis=1)


def conv2d_im2col(x: Array, weight: Array, window: Window, groups: int) -> Array:
    seen = np.array_split(windows(x, window), groups, axis=1)
    filters = np.array_split(weight, groups, axis=0)
    products = [
        np.tensordot(part, each, axes=((1, 4, 5), (1, 2, 3)))
        for part, each in zip(seen, filters, strict=True)
    ]
    return np.concatenate(products, axis=3).transpose(0, 3, 1, 2)
