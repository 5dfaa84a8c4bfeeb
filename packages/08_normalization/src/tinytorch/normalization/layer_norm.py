"""Normalisation of each example by itself: over its last dimensions, or over groups of channels.

The batch does not matter, so that training and evaluation are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.layers import Module, Parameter
from tinytorch.tensor import Array, DTypeLike, Tensor, ones, operation, zeros

from .standardize import Axes, inverse_root, size_of, standardize, standardize_gradient, total

Shape = int | Sequence[int]


def as_shape(normalized_shape: Shape) -> tuple[int, ...]:
    if isinstance(normalized_shape, int | np.integer):
        return (int(normalized_shape),)
    return tuple(int(size) for size in normalized_shape)


def last_axes(
    name: str, x: Array, shape: tuple[int, ...], *parameters: Array | None
) -> tuple[Axes, Axes]:
    """The axes that are normalised, and the others. Raises for what does not fit."""
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: not defined for {x.dtype}; use .float() first")
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(
            f"{name}: normalized_shape {shape} must be the last sizes of the input {x.shape}"
        )
    for values in parameters:
        if values is not None and values.shape != shape:
            raise ValueError(
                f"{name}: weight and bias must have the shape {shape} that is normalised, not "
                f"{values.shape}"
            )
    cut = x.ndim - len(shape)
    return tuple(range(cut, x.ndim)), tuple(range(cut))


@operation(promote="common", saves=("centred", "scale"))
def layer_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    normalized_shape: Shape,
    eps: float = 1e-5,
) -> tuple[Array, Array, Array]:
    """x̂ · weight + bias, each example over its last dimensions.

    x: (…, *normalized_shape), floating. weight, bias: normalized_shape, or None. The result has
    x's shape. Raises ValueError where the sizes do not fit. Ba, Kiros & Hinton 2016.
    """
    axes, _ = last_axes("layer_norm", x, as_shape(normalized_shape), weight, bias)
    centred, _, _, scale = standardize(x, axes, eps)
    out = centred * scale
    if weight is not None:
        out *= weight
    if bias is not None:
        out += bias
    return out, centred, scale


@layer_norm.define_fused_rule
def _(
    g: Array,
    needs: Sequence[bool],
    weight: Array | None,
    centred: Array,
    scale: Array,
    normalized_shape: Shape,
) -> list[Any]:
    shape = as_shape(normalized_shape)
    axes, others = last_axes("layer_norm", g, shape)
    found: list[Any] = [None] * len(needs)
    if needs[0]:
        back = g if weight is None else g * weight
        found[0] = standardize_gradient(back, centred, scale, axes)
    if len(needs) > 1 and needs[1]:
        found[1] = sum_over(g * centred * scale, others, shape)
    if len(needs) > 2 and needs[2]:
        found[2] = sum_over(g, others, shape)
    return found


def sum_over(g: Array, others: Axes, shape: tuple[int, ...]) -> Array:
    """Of a parameter that every example shares, the gradient is the sum of the examples'."""
    return g if not others else g.reshape(-1, *shape).sum(axis=0)


@operation(promote="common", saves=("scale",))
def rms_norm(
    x: Array,
    weight: Array | None = None,
    *,
    normalized_shape: Shape,
    eps: float | None = None,
) -> tuple[Array, Array]:
    """x / √(mean(x²) + ε) · weight, each example over its last dimensions.

    Layer normalisation without the mean and the bias. x: (…, *normalized_shape), floating. weight:
    normalized_shape or None. eps: the smallest step of x's type if not given. Raises ValueError
    where the sizes do not fit. Zhang & Sennrich 2019.
    """
    axes, _ = last_axes("rms_norm", x, as_shape(normalized_shape), weight)
    squares = total(np.square(x), axes)
    squares /= size_of(x, axes)
    scale = inverse_root(squares, float(np.finfo(x.dtype).eps) if eps is None else eps)
    out = x * scale
    if weight is not None:
        out *= weight
    return out, scale


@rms_norm.define_fused_rule
def _(
    g: Array,
    needs: Sequence[bool],
    x: Array,
    weight: Array | None,
    scale: Array,
    normalized_shape: Shape,
) -> list[Any]:
    """With x̂ = x · scale: ∂L/∂x = scale · (g − x̂ · mean(g · x̂))."""
    shape = as_shape(normalized_shape)
    axes, others = last_axes("rms_norm", g, shape)
    found: list[Any] = [None] * len(needs)
    if needs[0]:
        back = g if weight is None else g * weight
        along = total(back * x, axes) * (scale * scale / size_of(x, axes))
        found[0] = (back - x * along) * scale
    if len(needs) > 1 and needs[1]:
        found[1] = sum_over(g * x * scale, others, shape)
    return found


class LayerNorm(Module):
    """Layer normalisation over the last dimensions.

    normalized_shape: their sizes, or the one size. elementwise_affine: whether there are weight
    (ones at first) and bias (zeros), both of that shape; `bias=False` for the weight alone.
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: Shape,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        weight = Parameter(ones(shape, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", weight)
        has_bias = elementwise_affine and bias
        self.register_parameter("bias", Parameter(zeros(shape, dtype=dtype)) if has_bias else None)

    def reset_parameters(self) -> None:
        """Start again with weight 1 and bias 0."""
        if self.weight is not None:
            self.weight.detach().fill_(1)
        if self.bias is not None:
            self.bias.detach().fill_(0)

    def forward(self, x: Tensor) -> Tensor:
        """x: (…, *normalized_shape)."""
        return layer_norm(
            x, self.weight, self.bias, normalized_shape=self.normalized_shape, eps=self.eps
        )

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class RMSNorm(Module):
    """Root-mean-square normalisation over the last dimensions.

    normalized_shape, elementwise_affine: as in `LayerNorm`; there is no bias. eps: the smallest
    step of the input's type if not given.
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: Shape,
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        weight = Parameter(ones(shape, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def reset_parameters(self) -> None:
        """Start again with weight 1."""
        if self.weight is not None:
            self.weight.detach().fill_(1)

    def forward(self, x: Tensor) -> Tensor:
        """x: (…, *normalized_shape)."""
        return rms_norm(x, self.weight, normalized_shape=self.normalized_shape, eps=self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )
