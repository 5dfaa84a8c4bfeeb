"""Layer normalisation on rows: what is normalised made one axis."""

from __future__ import annotations

from tinytorch.tensor import Array

from .last_dimensions import Shape, as_shape, last_axes
from .standardize import size_of, standardize


def layer_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    normalized_shape: Shape,
    eps: float = 1e-5,
) -> tuple[Array, Array, Array]:
    axes = last_axes("layer_norm", x, as_shape(normalized_shape), weight, bias)
    flat = x.reshape(*x.shape[: axes[0]], size_of(x, axes))
    centred, _, _, scale = standardize(flat, (axes[0],), eps)
    out = (centred * scale).reshape(x.shape)
    out = out if weight is None else out * weight
    out = out if bias is None else out + bias
    kept = (*x.shape[: axes[0]], *(1 for _ in axes))
    return out, centred.reshape(x.shape), scale.reshape(kept)
