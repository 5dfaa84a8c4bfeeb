"""Gradients of the linear layer, y = x Wᵀ + b."""

from __future__ import annotations

from typing import Any

from tinytorch.layers.linear_layer import linear

from .attaching import attach
from .products import rows


def linear_x(g: Any, weight: Any) -> Any:
    """∂L/∂x = g W."""
    return g @ weight


def linear_weight(g: Any, x: Any) -> Any:
    """∂L/∂W = gᵀ x, summed over all rows."""
    return rows(g).mT @ rows(x)


def linear_bias(g: Any) -> Any:
    """∂L/∂b = g: the engine sums over the rows that b was added to."""
    return g


attach(linear, x=linear_x, weight=linear_weight, bias=linear_bias)
