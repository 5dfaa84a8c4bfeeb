"""Task 16.2, channels: the mask's shape from the image's, place by place."""

from __future__ import annotations

from tinytorch.tensor import Tensor

from .masking import Generator, dropped


def dropout2d(
    x: Tensor, p: float = 0.5, training: bool = True, *, generator: Generator | None = None
) -> Tensor:
    images, channels, _, _ = x.shape
    return dropped("dropout2d", x, (images, channels, 1, 1), p, training, generator)
