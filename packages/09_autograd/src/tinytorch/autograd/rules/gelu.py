"""The gradient of GELU, x·Φ(x): Φ(x) + x·Φ′(x).

Written in operations, it has a gradient of its own. On arrays, where none is asked for, the same
formula is computed in place and block by block: a GPT spends a tenth of its time here.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np

import tinytorch.activations as act
from tinytorch.tensor import Array, erf, exp, square

from .attaching import attach

K = 2 * sqrt(2 / pi)
CUBIC = 0.044715
BLOCK = 1 << 14
"""Numbers of a block: what is computed of them stays in the cache."""


def gelu_x(g: Any, x: Any, approximate: str) -> Any:
    """g · (Φ + x·Φ′)."""
    if approximate == "none":
        phi = 0.5 * (1 + erf(x * sqrt(0.5)))
        return g * (phi + x * exp(-0.5 * square(x)) * (1 / sqrt(2 * pi)))
    if is_plain(g) and is_plain(x) and g.dtype == x.dtype and x.dtype != np.float16:
        return by_tanh_in_blocks(g, x)
    return by_tanh(g, x)


def by_tanh(g: Any, x: Any) -> Any:
    """Φ = σ(v) with v = K (x + c x³), so that Φ′ = Φ (1 − Φ) v′."""
    phi = act.sigmoid(K * (x + CUBIC * x * square(x)))
    return g * phi * (1 + x * (1 - phi) * (K + 3 * CUBIC * K * square(x)))


def is_plain(x: Any) -> bool:
    """Whether it is an array whose numbers lie one behind another."""
    return isinstance(x, np.ndarray) and x.flags.c_contiguous


def by_tanh_in_blocks(g: Array, x: Array) -> Array:
    """`by_tanh` for contiguous arrays of one dtype: as rows of at most BLOCK numbers."""
    out = np.empty_like(x)
    flat = [each.reshape(-1) for each in (g, x, out)]
    with np.errstate(over="ignore"):  # e^(−v) may be infinite: then Φ is 0
        for start in range(0, x.size, BLOCK):
            one_block(*(each[start : start + BLOCK] for each in flat))
    return out


def one_block(g: Array, x: Array, out: Array) -> None:
    """Fill out with g · Φ · (1 + x·(1 − Φ)·v′)."""
    k, cubic = x.dtype.type(K), x.dtype.type(CUBIC * K)
    squares = x * x
    phi = squares * -cubic
    phi -= k
    phi *= x
    np.exp(phi, out=phi)
    phi += 1
    np.reciprocal(phi, out=phi)
    squares *= 3 * cubic
    squares += k
    squares *= x
    np.subtract(1, phi, out=out)
    out *= squares
    out += 1
    out *= phi
    out *= g


attach(act.gelu, x=gelu_x)
