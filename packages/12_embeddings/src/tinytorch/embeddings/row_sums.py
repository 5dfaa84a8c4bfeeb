"""The gradient of an embedding: rows added up by the index that they belong to.

A row of the table that was read at several places gets the sum of what comes back from them. NumPy
has np.add.at for this, which goes from number to number; the two ways below add whole rows.
"""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, operation

FEW_ROWS = 128
"""Up to this many rows a matrix product is faster than sorting."""

LARGEST_ONE_HOT = 1 << 22
"""The most numbers that its matrix may have: 16 MB in float32."""


@operation
def sum_rows(g: Array, *, indices: Array, rows: int) -> Array:
    """out[i] = Σ g[place] over the places at which indices[place] is i; (rows, D).

    g: (…, D), floating. indices: (…), integers from 0 to rows − 1. float16 is summed in float32.
    It is the gradient of `embedding`, and its own gradient is `embedding`.
    """
    each = g.reshape(indices.size, g.shape[-1])
    if g.dtype == np.float16:
        each = each.astype(np.float32)
    places = indices.reshape(-1)
    few = rows <= FEW_ROWS and rows * places.size <= LARGEST_ONE_HOT
    out = sum_by_one_hot(each, places, rows) if few else sum_sorted(each, places, rows)
    return out.astype(g.dtype, copy=False)


def sum_sorted(g: Array, indices: Array, rows: int) -> Array:
    """The sums, by sorting: then what belongs together lies together.

    g: (N, D). indices: (N,). The result: (rows, D), zeros where no index points. About N · log N
    comparisons and N · D additions.
    """
    out = np.zeros((rows, g.shape[1]), g.dtype)
    if not indices.size:
        return out
    order = np.argsort(indices, kind="stable")
    ordered = indices[order]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    starts = np.flatnonzero(begins)
    out[ordered[starts]] = np.add.reduceat(g[order], starts, axis=0)
    return out


def sum_by_one_hot(g: Array, indices: Array, rows: int) -> Array:
    """The sums, as a product with a matrix of ones and zeros: H[i, place] says that indices[place]
    is i.

    g, indices and the result: as in `sum_sorted`. rows · N · D multiplications, nearly all of them
    by 0, but in a matrix product.
    """
    hot = np.zeros((rows, indices.size), g.dtype)
    hot[indices, np.arange(indices.size)] = 1
    return hot @ g
