"""Task 16.1 by other ways: what is dropped is looked for, and NumPy chooses."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor, default_generator

from .masking import Generator


def keep_mask(shape: tuple[int, ...], p: float, generator: Generator | None = None) -> Array:
    if generator is None:
        generator = default_generator()
    lost = generator.random(shape) < p
    return np.logical_not(lost)


def keep_scale(p: float) -> float:
    left = 1.0 - float(p)
    return 1.0 / left if left > 0 else 0.0


def masked_scale(x: Array, *, mask: Array, scale: float) -> Array:
    return np.where(mask, x * x.dtype.type(scale), x.dtype.type(0))


def masked_scale_gradient(g: Tensor, mask: Array, scale: float) -> Tensor:
    return masked_scale(g * scale, mask=mask, scale=1.0)


def dropped(
    name: str,
    x: Tensor,
    mask_shape: tuple[int, ...],
    p: float,
    training: bool,
    generator: Generator | None,
) -> Tensor:
    if training and p > 0:
        mask = keep_mask(mask_shape, p, generator)
        return masked_scale(x, mask=mask, scale=keep_scale(p))
    return x
