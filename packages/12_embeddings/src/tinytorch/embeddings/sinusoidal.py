"""Sinusoidal positions: every position has a pattern of sines and cosines, which is not learnt."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tinytorch.layers import Module
from tinytorch.tensor import Array, DTypeLike, Tensor, zeros

from .frequencies import frequencies
from .position_ids import check_vectors, positions_of

BASE = 10000.0


def sinusoids(positions: Array, dim: int, base: float = BASE) -> Array:
    """The patterns of these positions, in float64.

        out[…, 2i] = sin(position · ω_i)        out[…, 2i + 1] = cos(position · ω_i)

    positions: integers of any shape. The result: (*positions, dim); where dim is odd, it ends with
    a sine. ω: see `frequencies`. Vaswani et al. 2017, section 3.5.
    """
    angles = positions[..., np.newaxis] * frequencies(dim, base)
    out = np.empty((*positions.shape, dim))
    out[..., ::2] = np.sin(angles)
    out[..., 1::2] = np.cos(angles[..., : dim // 2])
    return out


def sinusoidal_positions(
    length: int, dim: int, *, base: float = BASE, dtype: DTypeLike = None
) -> Tensor:
    """The patterns of the positions 0, …, length − 1, as a table (length, dim).

    dtype: float32 if not given. Raises ValueError for sizes below 0. The formula: see `sinusoids`.
    """
    if length < 0 or dim < 0:
        raise ValueError(
            f"sinusoidal_positions: sizes must not be negative: length {length}, dim {dim}"
        )
    table = zeros(length, dim, dtype=dtype)
    table.array[...] = sinusoids(np.arange(length), dim, base)
    return table


class SinusoidalPositions(Module):
    """Adds to each vector of a sequence the pattern of its position.

    dim: the length of the vectors. base: see `frequencies`. There is nothing to learn, and no
    longest sequence.
    """

    def __init__(self, dim: int, *, base: float = BASE) -> None:
        super().__init__()
        self.dim = dim
        self.base = base

    def forward(self, x: Tensor, positions: Any = None, *, start: int = 0) -> Tensor:
        """x: (…, T, dim), floating, and the result like it.

        positions: integers (T,), or (B, T) for x (B, …, T, dim). Without them x stands at start,
        start + 1, …. Raises ValueError for what does not fit.
        """
        return x + self.patterns(x, positions, start)

    def patterns(self, x: Tensor, positions: Any, start: int) -> Tensor:
        """What is added to x, in its type."""
        check_vectors("SinusoidalPositions", x.shape, self.dim)
        if not x.is_floating_point():
            raise TypeError(f"SinusoidalPositions: not defined for {x.dtype}; use .float() first")
        if positions is None:
            return Tensor(stretch(start, x.shape[-2], self.dim, self.base, x.dtype))
        where = positions_of("SinusoidalPositions", x.shape, positions, start)
        return Tensor(sinusoids(where, self.dim, self.base).astype(x.dtype))

    def extra_repr(self) -> str:
        return f"{self.dim}" if self.base == BASE else f"{self.dim}, base={self.base}"


@lru_cache(maxsize=8)
def stretch(start: int, length: int, dim: int, base: float, dtype: np.dtype[Any]) -> Array:
    """The patterns of neighbouring positions: the same at every step of a training, so kept."""
    found = sinusoids(np.arange(start, start + length), dim, base).astype(dtype)
    found.setflags(write=False)
    return found
