"""Rotary positions: a vector is turned by an angle that grows with its position.

The product of two turned vectors depends on how far apart they stand, and not on where: that is
what attention, which compares vectors by their products, will use them for. Su et al. 2021.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tinytorch.layers import Module
from tinytorch.tensor import Array, Tensor, operation

from .frequencies import frequencies
from .position_ids import check_vectors, positions_of

BASE = 10000.0


@operation
def rotary(x: Array, *, positions: Any = None, base: float = BASE, inverse: bool = False) -> Array:
    """x with each of its pairs turned by position · ω_i.

        out[i]         = x[i] · cos − x[i + D/2] · sin
        out[i + D/2]   = x[i + D/2] · cos + x[i] · sin        i = 0, …, D/2 − 1

    A pair is a number of the first half and its fellow in the second, as in GPT-NeoX and LLaMA; Su
    et al. pair neighbours, which is the same in another order. x: (…, T, D), floating, D even.
    positions: integers (T,), or (B, T) for x (B, …, T, D); 0, …, T − 1 if not given. base: see
    `frequencies`. inverse: whether to turn the other way, which undoes it. The result is like x.

    Its gradient is itself, the other way. Raises ValueError for what does not fit, TypeError for
    integers. Su et al. 2021, section 3.2.
    """
    if x.dtype.kind != "f":
        raise TypeError(f"rotary: not defined for {x.dtype}; use .float() first")
    if x.ndim < 2 or x.shape[-1] % 2:
        raise ValueError(f"rotary: the input must be (…, T, D) with an even D, not {x.shape}")
    wide = np.dtype(np.float32) if x.dtype == np.float16 else x.dtype
    cos, sin = turns(x.shape, positions, base, wide)
    out = rotate_halves(x.astype(wide, copy=False), cos, -sin if inverse else sin)
    return out.astype(x.dtype, copy=False)


rotary.define_rule(x=lambda g, positions, base, inverse: rotary(g, positions, base, not inverse))


def rotate_halves(x: Array, cos: Array, sin: Array) -> Array:
    """x with the pairs of its two halves turned; a new array in x's type.

    x: (…, D). cos, sin: (…, D/2), of the angles, in x's type; they broadcast to half of x.
    """
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    out = np.empty(x.shape, x.dtype)
    np.multiply(first, cos, out=out[..., :half])
    np.multiply(second, cos, out=out[..., half:])
    out[..., :half] -= second * sin
    out[..., half:] += first * sin
    return out


def turns(
    shape: tuple[int, ...], positions: Any, base: float, dtype: np.dtype[Any]
) -> tuple[Array, Array]:
    """cos and sin of the angles, so that they broadcast to half of `shape`."""
    if positions is None:
        return turns_from_0(shape[-2], shape[-1], base, dtype)
    angles = angles_at(positions_of("rotary", shape, positions), shape[-1], base)
    return np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)


@lru_cache(maxsize=8)
def turns_from_0(length: int, dim: int, base: float, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """The same for the positions 0, …, length − 1: as at every step of a training, so kept."""
    angles = angles_at(np.arange(length), dim, base)
    cos, sin = np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)
    cos.setflags(write=False)
    sin.setflags(write=False)
    return cos, sin


def angles_at(positions: Array, dim: int, base: float) -> Array:
    """position · ω_i: (*positions, dim / 2), in float64."""
    return positions[..., np.newaxis] * frequencies(dim, base)


class RotaryPositions(Module):
    """Turns vectors by their positions; made for the queries and keys of an attention.

    dim: the length of the vectors, even; in an attention that of one head. base: see
    `frequencies`. There is nothing to learn, and no longest sequence.
    """

    def __init__(self, dim: int, base: float = BASE) -> None:
        super().__init__()
        if dim < 0 or dim % 2:
            raise ValueError(
                f"RotaryPositions: dim must be even, since pairs are turned; not {dim}"
            )
        self.dim = dim
        self.base = base

    def forward(self, x: Tensor, positions: Any = None, *, start: int = 0) -> Tensor:
        """x: (…, T, dim), floating, and the result like it.

        positions: integers (T,), or (B, T) for x (B, …, T, dim). Without them x stands at start,
        start + 1, …. Raises ValueError for what does not fit.
        """
        check_vectors("RotaryPositions", x.shape, self.dim)
        if start:
            positions = positions_of("RotaryPositions", x.shape, positions, start)
        return rotary(x, positions=positions, base=self.base)

    def extra_repr(self) -> str:
        return f"{self.dim}" if self.base == BASE else f"{self.dim}, base={self.base}"
