"""The linear layer: y = x Wᵀ + b, and the layer that does nothing."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

import numpy as np

from tinytorch.tensor import Array, DTypeLike, Tensor, empty, operation

from . import init
from .module import Module
from .parameter import Parameter


@operation(promote="common")
def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x Wᵀ + b in one step.

    x: (…, in); weight: (out, in); bias: (out,) or None; the result: (…, out).
    2·in·out multiplications and additions a row. Raises ValueError where the sizes do not fit; a
    bias of any other shape is refused too, which PyTorch broadcasts if it can.
    """
    if weight.ndim != 2 or x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(
            f"linear: the input {x.shape} and the weight {weight.shape} do not fit: the last size "
            "of the input must be the second of the weight, which is (out_features, in_features)"
        )
    out_features, in_features = weight.shape
    if bias is not None and bias.shape != (out_features,):
        raise ValueError(
            f"linear: the bias {bias.shape} and the weight {weight.shape} do not fit: the bias has "
            f"one number for each output, so its shape must be ({out_features},)"
        )
    rows = x if x.ndim == 2 else x.reshape(prod(x.shape[:-1]), in_features)
    out = rows @ weight.T
    if bias is not None:
        out += bias
    return out if x.ndim == 2 else out.reshape(*x.shape[:-1], out_features)


class Linear(Module):
    """y = x Wᵀ + b.

    in_features, out_features: the last size of x: (…, in_features) and of y: (…, out_features).
    bias: whether there is a b. generator: what the first values are drawn from. dtype: float32 if
    not given.

    weight: (out_features, in_features), bias: (out_features,) or None; both start evenly drawn from
    ±1/√in_features, as in PyTorch.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: DTypeLike = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if in_features < 0 or out_features < 0:
            raise ValueError(f"Linear: sizes must not be negative: {in_features}, {out_features}")
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty(out_features, in_features, dtype=dtype))
        self.register_parameter(
            "bias", Parameter(empty(out_features, dtype=dtype)) if bias else None
        )
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw weight and bias anew, evenly from ±1/√in_features."""
        bound = 1 / sqrt(self.in_features) if self.in_features else 0.0
        init.uniform_(self.weight, -bound, bound, generator=generator)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        """x: (…, in_features) to (…, out_features)."""
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Identity(Module):
    """The layer that returns its input: a place kept for something else. Arguments are ignored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x
