"""Task 13.2 by other ways: NumPy's triangles, and a count of what is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinytorch.tensor import Tensor, ones, tril


def causal_mask(length: int, total: int | None = None) -> Tensor:
    total = length if total is None else total
    return Tensor(np.tri(length, total, max(total - length, 0), dtype=bool))


def padding_mask(lengths: Sequence[int] | Tensor, total: int) -> Tensor:
    counts = np.array(lengths.numpy() if isinstance(lengths, Tensor) else lengths, dtype=np.int64)
    if counts.ndim != 1:
        raise ValueError(f"padding_mask: lengths must be a list of numbers, not {counts.shape}")
    if ((counts < 0) | (counts > total)).any():
        raise ValueError(f"padding_mask: not all of {counts.tolist()} are from 0 to {total}")
    mask = np.zeros((len(counts), total), bool)
    for row, count in zip(mask, counts, strict=True):
        row[count:] = True
    return Tensor(mask)


def sliding_window_mask(length: int, window: int) -> Tensor:
    if window <= 0:
        raise ValueError(f"sliding_window_mask: window={window} lets nobody see anything")
    square = tril(ones(length, length))
    return (square - tril(square, diagonal=-window)).bool()
