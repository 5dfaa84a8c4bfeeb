"""Activations that look at one number at a time.

Each takes a tensor of any shape and gives one of the same shape. Integers become float32 (PyTorch
refuses them in most of these), except in `relu`, which keeps the dtype; float16 is computed in
float32. All are stable: a finite input gives no overflow on the way to a result that has none, no
warning, and no error that is large beside the result, but for `gelu` far to the left.

A function with two branches may choose by np.where, if the branch that is not chosen sees a
harmless number, or add up a part made of max(x, 0), which is 0 on the left, and one made of
min(x, 0), which is 0 on the right. Both are right; the second is faster where signs are random.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np

from tinytorch.tensor import Array, erf, operation

from .precision import at_least_float32


@operation
def relu(x: Array) -> Array:
    """max(x, 0), the rectified linear unit. nan stays nan."""
    return np.maximum(x, x.dtype.type(0))


@operation(promote="floating")
@at_least_float32
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    """x where x > 0, negative_slope · x elsewhere: negative inputs still pass a gradient.

    Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013).
    """
    out = np.minimum(x, 0)
    out *= x.dtype.type(negative_slope)
    out += np.maximum(x, 0)
    return out


@operation(promote="floating")
@at_least_float32
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """x where x > 0, α(eˣ − 1) elsewhere: smooth where α = 1, with values above −α.

    Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by ELUs" (2015).
    """
    # One array, in the order in memory of x, is written over and over: new ones would cost more.
    out = np.minimum(x, 0, out=np.empty_like(x))
    np.expm1(out, out=out)
    out *= x.dtype.type(alpha)
    out += np.maximum(x, 0)
    return out


@operation(promote="floating")
@at_least_float32
def sigmoid(x: Array) -> Array:
    """1 / (1 + e^(−x)), from 0 to 1.

    No digits are lost on the left. Subnormal results are kept, too: σ(−100) is 3.8e-44 in float32,
    where PyTorch gives 0.
    """
    # Of the two forms, e^(min(x, 0)) / (1 + e^(−|x|)) is the one for x ≥ 0 and for x < 0.
    below = np.abs(x, out=np.empty_like(x))
    np.negative(below, out=below)
    np.exp(below, out=below)
    below += 1
    out = np.minimum(x, 0, out=np.empty_like(x))
    np.exp(out, out=out)
    out /= below
    return out


@operation(promote="floating")
@at_least_float32
def tanh(x: Array) -> Array:
    """(eˣ − e^(−x)) / (eˣ + e^(−x)), from −1 to 1."""
    return np.tanh(x)


@operation(promote="floating")
@at_least_float32
def softplus(x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """log(1 + e^(βx)) / β, a smooth ReLU; x itself where βx > threshold, as in PyTorch.

    beta: above 0; the larger, the sharper the bend.
    threshold: any number. A large one is safe, too: with threshold = 100, softplus(90) is 90 in
    float32, where PyTorch gives ∞.
    """
    # (max(βx, 0) + log1p(e^(−|βx|))) / β
    with np.errstate(over="ignore"):  # where βx is too large, x itself is the result
        scaled = x * x.dtype.type(beta)
    out = np.abs(scaled, out=np.empty_like(x))
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    out += np.maximum(scaled, 0)
    out /= x.dtype.type(beta)
    np.copyto(out, x, where=scaled > threshold)
    return out


@operation(promote="floating")
@at_least_float32
def silu(x: Array) -> Array:
    """x · sigmoid(x), also called swish. −∞ gives nan (−∞ · 0), as in PyTorch.

    Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units for neural network function approximation
    in reinforcement learning" (2017).
    """
    out: Any = sigmoid(x)
    out *= x
    return out


@operation(promote="floating")
@at_least_float32
def gelu(x: Array, *, approximate: str = "none") -> Array:
    """x · Φ(x), Φ the distribution function of the normal distribution.

    approximate: "none" is exact, Φ(x) = (1 + erf(x/√2)) / 2; "tanh" is what GPT-2 uses,
    Φ(x) ≈ (1 + tanh u) / 2 with u = √(2/π)·(x + 0.044715·x³). Raises ValueError for anything else.

    Where Φ is almost 0, 1 + erf cancels: the error there is small beside x, as in PyTorch, but not
    beside the result. −∞ gives nan (−∞ · 0), as in PyTorch; +∞ gives +∞ in every dtype.
    Hendrycks, Gimpel, "Gaussian error linear units" (2016).
    """
    if approximate == "none":
        return _gelu_erf(x)
    if approximate == "tanh":
        return _gelu_tanh(x)
    raise ValueError(f'gelu: approximate must be "none" or "tanh", not {approximate!r}')


def _gelu_erf(x: Array) -> Array:
    scaled = np.multiply(x, x.dtype.type(1 / sqrt(2)), out=np.empty_like(x))
    out: Any = erf(scaled)
    out += 1
    out *= x.dtype.type(0.5)
    out *= x
    return out


def _gelu_tanh(x: Array) -> Array:
    # (1 + tanh u) / 2 is 1 / (1 + e^(−2u)), which keeps its digits on the left.
    scale = -2 * sqrt(2 / pi)
    with np.errstate(over="ignore"):  # u may be infinite, and e^(−2u) too: the quotient is right
        out = np.square(x, out=np.empty_like(x))
        out *= x.dtype.type(0.044715 * scale)
        out += x.dtype.type(scale)
        out *= x
        np.exp(out, out=out)
    out += 1
    return np.divide(x, out, out=out)
