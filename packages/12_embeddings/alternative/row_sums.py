"""Task 12.4 by other ways: segment by segment, and a comparison that gives the matrix."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def sum_sorted(g: Array, indices: Array, rows: int) -> Array:
    out = np.zeros((rows, g.shape[1]), g.dtype)
    order = np.argsort(indices)
    used, starts = np.unique(indices[order], return_index=True)
    for row, places in zip(used, np.split(order, starts[1:]), strict=False):
        out[row] = g[places].sum(axis=0)
    return out


def sum_by_one_hot(g: Array, indices: Array, rows: int) -> Array:
    return (np.arange(rows)[:, np.newaxis] == indices).astype(g.dtype) @ g
