"""The gradients of a convolution, by way of its columns.

With columns, convolution is a matrix product, y = W·cols(x), and so are its gradients:

    ∂L/∂W = g · colsᵀ          ∂L/∂cols = Wᵀ · g

and since each column only holds copies of numbers of x, what comes back for the copies of one
number is added up: that is `col2im`.
"""

from __future__ import annotations

from math import prod

import numpy as np

from tinytorch.tensor import Array

from .kernels import col2im, im2col
from .window import Window


def input_gradient(
    g: Array, weight: Array, size: tuple[int, ...], window: Window, groups: int
) -> Array:
    """∂L/∂x for g = ∂L/∂y. g: (N, O, OH, OW). size: (N, C, H, W) of x; the result has it."""
    lines = by_group(g, groups)
    filters = weight.reshape(groups, lines.shape[2], prod(weight.shape[1:]))
    columns = filters.transpose(0, 2, 1) @ lines
    (top, _), (left, _) = window.padding
    whole = col2im(columns, (*size[:2], *window.padded((size[2], size[3]))), window)
    return whole[:, :, top : top + size[2], left : left + size[3]]


def weight_gradient(
    g: Array, x: Array, shape: tuple[int, ...], window: Window, groups: int
) -> Array:
    """∂L/∂weight for g = ∂L/∂y. x: (N, C, H, W). shape: the weight's."""
    lines = by_group(g, groups)
    each = prod(shape[1:])
    columns = im2col(window.pad(x), window).reshape(len(x), groups, each, lines.shape[-1])
    return np.einsum("ngol,ngkl->gok", lines, columns, optimize=True).reshape(shape)


def by_group(g: Array, groups: int) -> Array:
    """g: (N, O, OH, OW) as (N, groups, O / groups, OH·OW)."""
    batch, out_channels, rows, columns = g.shape
    return g.reshape(batch, groups, out_channels // groups, rows * columns)
