"""Layer normalisation: each example by itself, over its last dimensions.

The batch does not matter, so that training and evaluation are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinytorch.tensor import Array, DTypeLike, Tensor, operation

from .affine import Affine
from .half_precision import gradients_through_float32, half_through_float32
from .last_dimensions import Shape, as_shape, last_axes, sum_over_examples
from .standardize import standardize, standardize_gradient


@operation(promote="common", saves=("centred", "scale"))
@half_through_float32
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
    x's shape; x − mean and 1 / √(var + ε) are kept for the gradient. Raises ValueError where the
    sizes do not fit, TypeError for integers. Ba, Kiros & Hinton 2016.
    """
    axes = last_axes("layer_norm", x, as_shape(normalized_shape), weight, bias)
    centred, _, _, scale = standardize(x, axes, eps)
    out = centred * scale
    if weight is not None:
        out *= weight
    if bias is not None:
        out += bias
    return out, centred, scale


@layer_norm.define_fused_rule
@gradients_through_float32
def _(
    g: Array,
    needs: Sequence[bool],
    weight: Array | None,
    centred: Array,
    scale: Array,
    normalized_shape: Shape,
) -> list[Array | None]:
    axes = last_axes("layer_norm", g, as_shape(normalized_shape))
    found: list[Array | None] = [None] * len(needs)
    if needs[0]:
        back = g if weight is None else g * weight
        found[0] = standardize_gradient(back, centred, scale, axes)
    if len(needs) > 1 and needs[1]:
        found[1] = sum_over_examples(g * centred * scale, axes)
    if len(needs) > 2 and needs[2]:
        found[2] = sum_over_examples(g, axes)
    return found


class LayerNorm(Affine):
    """Layer normalisation over the last dimensions.

    normalized_shape: their sizes, or the one size. elementwise_affine: whether there are weight
    (ones at first) and bias (zeros), both of that shape; `bias=False` for the weight alone.
    """

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
        self.register_affine(self.normalized_shape, elementwise_affine, bias, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """x: (…, *normalized_shape)."""
        return layer_norm(
            x, self.weight, self.bias, normalized_shape=self.normalized_shape, eps=self.eps
        )

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )
