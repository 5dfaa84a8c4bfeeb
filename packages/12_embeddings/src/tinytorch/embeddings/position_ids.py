"""Which position each row of (…, T, D) stands at."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.tensor import Array


def check_vectors(name: str, shape: tuple[int, ...], dim: int) -> None:
    """Raise ValueError unless shape is (…, T, dim), in the name of `name`."""
    if len(shape) < 2 or shape[-1] != dim:
        raise ValueError(f"{name}: the input must be (…, T, {dim}), not {shape}")


def positions_of(name: str, shape: tuple[int, ...], positions: Any, start: int = 0) -> Array:
    """The positions, shaped so that they broadcast to all of `shape` but the last.

    shape: (…, T, D). positions: None for start, …, start + T − 1; integers (T,), or (B, T) for
    shape (B, …, T, D), where each sequence of the batch has its own.

    Raises ValueError for shapes that do not fit and for a start beside positions, TypeError for
    positions that are no integers, in the name of `name`.
    """
    if len(shape) < 2:
        raise ValueError(f"{name}: the input must be (…, T, D), not {shape}")
    length = shape[-2]
    if positions is None:
        return np.arange(start, start + length)
    if start:
        raise ValueError(f"{name}: give positions or start, not both")
    found = np.asarray(getattr(positions, "array", positions))
    if not found.size:
        found = found.astype(np.int64)
    if found.dtype.kind not in "iu":
        raise TypeError(f"{name}: positions must be integers, not {found.dtype}")
    if found.shape == (length,):
        return found
    if len(shape) > 2 and found.shape == (shape[0], length):
        return found.reshape(shape[0], *[1] * (len(shape) - 3), length)
    fits = f"({length},)" if len(shape) == 2 else f"({length},) or ({shape[0]}, {length})"
    raise ValueError(
        f"{name}: positions {found.shape} and the input {shape} do not fit: they must be {fits}"
    )
