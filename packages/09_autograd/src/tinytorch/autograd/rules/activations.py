"""Gradients of the activations. Where one can be had from the result, the input is not kept."""

from __future__ import annotations

from typing import Any

import tinytorch.activations as act
import tinytorch.tensor as tt
from tinytorch.tensor import exp, where

from .attaching import attach


def relu_x(g: Any, out: Any) -> Any:
    """1 where x > 0, 0 elsewhere, also at 0."""
    return g * (out > 0)


def sigmoid_x(g: Any, out: Any) -> Any:
    """σ′ = σ(1 − σ)."""
    return g * out * (1 - out)


def tanh_x(g: Any, out: Any) -> Any:
    """tanh′ = 1 − tanh²."""
    return g * (1 - out * out)


def softmax_x(g: Any, out: Any, dim: int) -> Any:
    """∂pᵢ/∂xⱼ = pᵢ(δᵢⱼ − pⱼ), so that ∂L/∂x = p·(g − Σ g·p)."""
    return out * (g - tt.sum(g * out, dim, True))


def log_softmax_x(g: Any, out: Any, dim: int) -> Any:
    """∂L/∂x = g − p·Σ g, p = e^out."""
    return g - exp(out) * tt.sum(g, dim, True)


def silu_x(g: Any, x: Any) -> Any:
    """(x·σ)′ = σ + x·σ(1 − σ)."""
    s = act.sigmoid(x)
    return g * s * (1 + x * (1 - s))


def elu_x(g: Any, x: Any, out: Any, alpha: float) -> Any:
    """1 on the right, α·eˣ = out + α on the left."""
    return where(x > 0, g, g * (out + alpha))


def softplus_x(g: Any, x: Any, beta: float, threshold: float) -> Any:
    """σ(βx); 1 where softplus is x itself."""
    return where(x * beta > threshold, g, g * act.sigmoid(x * beta))


attach(act.relu, x=relu_x)
attach(act.leaky_relu, x=lambda g, x, negative_slope: where(x > 0, g, g * negative_slope))
attach(act.sigmoid, x=sigmoid_x)
attach(act.tanh, x=tanh_x)
attach(act.softmax, x=softmax_x)
attach(act.log_softmax, x=log_softmax_x)
attach(act.silu, x=silu_x)
attach(act.elu, x=elu_x)
attach(act.softplus, x=softplus_x)
