"""Masks: who may look at whom. True says yes, but for `padding_mask`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinytorch.tensor import Tensor, arange


def causal_mask(length: int, total: int | None = None) -> Tensor:
    """Nobody looks ahead: boolean (length, total), True where query i may look at key j.

    The queries are the last `length` of `total` positions, so that i sees j ≤ i + total − length:
    the lower left triangle if the two are equal, which they are if there is no `total`. If there
    are fewer keys than queries, i sees j ≤ i, as in PyTorch.
    """
    total = length if total is None else total
    before = max(total - length, 0)
    return arange(total)[None, :] <= arange(length)[:, None] + before


def padding_mask(lengths: Sequence[int] | Tensor, total: int) -> Tensor:
    """Where a batch of sequences is only padding: boolean (B, total), True from lengths[b] on.

    It is what `MultiHeadAttention` takes for `key_padding_mask`, where True means *ignored*, as in
    PyTorch. `scaled_dot_product_attention` wants the contrary, with dimensions for heads and
    queries: `~padding_mask(lengths, total)[:, None, None, :]`. Raises ValueError for a length below
    0 or beyond `total`.
    """
    counts = np.asarray(lengths, np.int64)
    if counts.ndim != 1:
        raise ValueError(f"padding_mask: lengths must be one number a sequence, not {counts.shape}")
    if counts.size and (counts.min() < 0 or counts.max() > total):
        raise ValueError(
            f"padding_mask: lengths from {counts.min()} to {counts.max()} do not fit into {total} "
            "positions"
        )
    return arange(total)[None, :] >= counts[:, None]


def sliding_window_mask(length: int, window: int) -> Tensor:
    """Nobody looks ahead, nor further back than `window` positions, the own one included.

    Boolean (length, length), True where i − window < j ≤ i. Raises ValueError for a window below 1.
    Beltagy, Peters & Cohan, "Longformer" (2020).
    """
    if window < 1:
        raise ValueError(f"sliding_window_mask: window={window}, but a position sees itself: 1")
    back = arange(length)[:, None] - arange(length)[None, :]
    return (back >= 0) & (back < window)
