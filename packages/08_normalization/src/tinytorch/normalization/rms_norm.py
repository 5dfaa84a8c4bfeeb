"""Root-mean-square normalisation: each example over its last dimensions, its mean left alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinytorch.layers import Module, Parameter
from tinytorch.tensor import Array, DTypeLike, Tensor, ones, operation

from .half_precision import gradients_through_float32, half_through_float32
from .last_dimensions import Shape, as_shape, last_axes, sum_over_examples
from .standardize import inverse_root, size_of, total


@operation(promote="common", saves=("scale",))
@half_through_float32
def rms_norm(
    x: Array,
    weight: Array | None = None,
    *,
    normalized_shape: Shape,
    eps: float | None = None,
) -> tuple[Array, Array]:
    """x / √(mean(x²) + ε) · weight, each example over its last dimensions.

    Layer normalisation without the mean and the bias. x: (…, *normalized_shape), floating. weight:
    normalized_shape or None. eps: if not given, the step from 1 to the next number of x's type
    (of float32 for float16). The result has x's shape; 1 / √(mean(x²) + ε) is kept for the
    gradient. Raises ValueError where the sizes do not fit, TypeError for integers. Zhang & Sennrich
    2019.
    """
    axes = last_axes("rms_norm", x, as_shape(normalized_shape), weight)
    squares = total(np.square(x), axes)
    squares /= max(1, size_of(x, axes))
    scale = inverse_root(squares, float(np.finfo(x.dtype).eps) if eps is None else eps)
    out = x * scale
    if weight is not None:
        out *= weight
    return out, scale


@rms_norm.define_fused_rule
@gradients_through_float32
def _(
    g: Array,
    needs: Sequence[bool],
    x: Array,
    weight: Array | None,
    scale: Array,
    normalized_shape: Shape,
) -> list[Array | None]:
    """With x̂ = x · scale: ∂L/∂x = scale · (g − x̂ · mean(g · x̂))."""
    axes = last_axes("rms_norm", g, as_shape(normalized_shape))
    found: list[Array | None] = [None] * len(needs)
    if needs[0]:
        back = g if weight is None else g * weight
        along = total(back * x, axes) * (scale * scale / max(1, size_of(x, axes)))
        found[0] = (back - x * along) * scale
    if len(needs) > 1 and needs[1]:
        found[1] = sum_over_examples(g * x * scale, axes)
    return found


class RMSNorm(Module):
    """Root-mean-square normalisation over the last dimensions.

    normalized_shape, elementwise_affine: as in `LayerNorm`; there is no bias. eps: as in
    `rms_norm`.
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
