"""Activations that look at one number at a time.

Each takes a tensor of any shape and gives one of the same shape. Integers become float32, except in
`relu`, which keeps the dtype. All are stable: for a finite input there is no overflow, no warning,
no digit lost that matters.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np

from tinytorch.tensor import Array, erf, operation


@operation
def relu(x: Array) -> Array:
    """max(x, 0), the rectified linear unit. nan stays nan."""
    return np.maximum(x, x.dtype.type(0))


@operation(promote="floating")
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    """x where x > 0, negative_slope · x elsewhere: negative inputs still pass a gradient."""
    return np.where(x > 0, x, x * x.dtype.type(negative_slope))


@operation(promote="floating")
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """x where x > 0, α(eˣ − 1) elsewhere: smooth where α = 1, with values above −α.

    Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by ELUs" (2015).
    """
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)) * x.dtype.type(alpha))


@operation(promote="floating")
def sigmoid(x: Array) -> Array:
    """1 / (1 + e^(−x)), from 0 to 1.

    Found from e = exp(−|x|), which cannot overflow: 1 / (1 + e) for x ≥ 0, e / (1 + e) for x < 0.
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, x.dtype.type(1), e) / (1 + e)


@operation(promote="floating")
def tanh(x: Array) -> Array:
    """(eˣ − e^(−x)) / (eˣ + e^(−x)), from −1 to 1."""
    return np.tanh(x)


@operation(promote="floating")
def softplus(x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """log(1 + e^(βx)) / β, a smooth ReLU; x itself where βx > threshold, as in PyTorch.

    Found as (max(βx, 0) + log1p(exp(−|βx|))) / β.
    """
    scaled = x * x.dtype.type(beta)
    smooth = np.maximum(scaled, 0) + np.log1p(np.exp(-np.abs(scaled)))
    return np.where(scaled > threshold, x, smooth / x.dtype.type(beta))


@operation(promote="floating")
def silu(x: Any) -> Array:
    """x · sigmoid(x), also called swish."""
    return x * sigmoid(x)


@operation(promote="floating")
def gelu(x: Array, *, approximate: str = "none") -> Array:
    """x · Φ(x), Φ the distribution function of the normal distribution.

    approximate: "none" is exact, Φ(x) = (1 + erf(x/√2)) / 2; "tanh" is what GPT-2 uses,
    Φ(x) ≈ (1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2. Raises ValueError for anything else.
    Hendrycks, Gimpel, "Gaussian error linear units" (2016).
    """
    if approximate == "none":
        doubled: Any = 1 + erf(x * x.dtype.type(1 / sqrt(2)))
    elif approximate == "tanh":
        inner = x.dtype.type(0.044715) * x * x
        inner += 1
        inner *= x
        inner *= x.dtype.type(sqrt(2 / pi))
        doubled = 1 + np.tanh(inner)
    else:
        raise ValueError(f'gelu: approximate must be "none" or "tanh", not {approximate!r}')
    doubled *= x
    doubled *= x.dtype.type(0.5)
    return doubled
