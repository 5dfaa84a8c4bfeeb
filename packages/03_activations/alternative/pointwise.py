"""The pointwise activations once more: by masks and `out=`, by expm1, logaddexp and other forms."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from tinytorch.tensor import Array, erf


def relu(x: Array) -> Array:
    out = np.zeros_like(x)
    np.copyto(out, x, where=~(x <= 0))  # not x > 0: nan is to stay
    return out


def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    out = x.copy()
    np.multiply(x, x.dtype.type(negative_slope), out=out, where=x < 0)
    return out


def elu(x: Array, *, alpha: float = 1.0) -> Array:
    out = x.copy()
    left = x < 0
    np.expm1(x, out=out, where=left)
    np.multiply(out, x.dtype.type(alpha), out=out, where=left)
    return out


def sigmoid(x: Array) -> Array:
    """σ(a) = (1 + tanh(a/2)) / 2 loses nothing for a ≥ 0; and σ(−a) = e^(−a) · σ(a)."""
    half = x.dtype.type(0.5)
    out = np.array(half + half * np.tanh(np.abs(x) * half))
    np.multiply(out, np.exp(np.minimum(x, 0)), out=out, where=x < 0)
    return out


def tanh(x: Array) -> Array:
    """With t = e^(−2|x|) − 1, which expm1 knows to the last digit: tanh|x| = −t / (2 + t)."""
    t = np.expm1(-2 * np.minimum(np.abs(x), 30))
    return np.copysign(-t / (2 + t), x)


def softplus(x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> Array:
    factor = x.dtype.type(beta)
    out = x.copy()
    with np.errstate(over="ignore"):
        scaled = factor * x
    curved = ~(scaled > threshold)
    np.logaddexp(x.dtype.type(0), scaled, out=out, where=curved)
    np.divide(out, factor, out=out, where=curved)
    return out


def silu(x: Array) -> Array:
    with np.errstate(over="ignore"):  # x / ∞ is the 0 that it should be
        return x / (1 + np.exp(-x))


def gelu(x: Array, *, approximate: str = "none") -> Array:
    if approximate == "none":
        return relu_less_the_tail(x)
    if approximate != "tanh":
        raise ValueError(f'gelu knows "none" and "tanh", but approximate is {approximate!r}')
    near = np.clip(x, -10, 10)  # beyond, tanh is −1 or 1
    u = sqrt(2 / pi) * (near + 0.044715 * near**3)
    return x * (0.5 + 0.5 * np.tanh(u))


def relu_less_the_tail(x: Array) -> Array:
    """x · Φ(x) = max(x, 0) − |x| · Φ(−|x|): the same tail is missing on both sides."""
    size = np.array(np.minimum(np.abs(x), 40))
    tail = 0.5 - 0.5 * erf(np.array(size * x.dtype.type(sqrt(0.5))))
    return np.maximum(x, 0) - size * tail
