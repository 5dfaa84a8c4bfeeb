"""Root-mean-square normalisation, by NumPy's mean and one factor for scale and weight."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .last_dimensions import Shape, as_shape, last_axes
from .standardize import inverse_root


def rms_norm(
    x: Array,
    weight: Array | None = None,
    *,
    normalized_shape: Shape,
    eps: float | None = None,
) -> tuple[Array, Array]:
    axes = last_axes("rms_norm", x, as_shape(normalized_shape), weight)
    if eps is None:
        eps = float(np.finfo(x.dtype).eps)
    squares = (x * x).mean(axis=axes, keepdims=True) if x.size else x.sum(axis=axes, keepdims=True)
    scale = inverse_root(squares, eps)
    return x * (scale if weight is None else scale * weight), scale
