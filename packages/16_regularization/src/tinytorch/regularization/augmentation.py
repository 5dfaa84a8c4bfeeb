"""Augmentation: functions on arrays of images that draw, for each image, how they change it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinytorch.tensor import Array, default_generator

from .masking import Generator


class Augmentation:
    """A random change of images. A subclass writes `apply`, for a batch of floating ones.

    Called with one image (C, H, W) or a batch (N, C, H, W), a NumPy array, it gives new images of
    the same shape and type, and leaves those it was given alone. Bytes 0, …, 255 stand for 0 to 1,
    are changed as these, and rounded. What it draws, it draws for each image by itself: from
    `generator`, or without one from the default generator of tinytorch.tensor, which in a
    `DataLoader` is that of the batch.
    Raises ValueError for other shapes, TypeError for other integers and for what is no array.
    """

    def __call__(self, images: Array, generator: Generator | None = None) -> Array:
        refuse_other_than_images(type(self).__name__, images)
        draws = generator or default_generator()
        if images.size == 0:
            return images.copy()
        batch = as_floating(images if images.ndim == 4 else images[np.newaxis])
        return as_before(images, self.apply(batch, draws).reshape(images.shape))

    def apply(self, images: Array, generator: Generator) -> Array:
        """images: (N, C, H, W), floating; to be left as they are."""
        raise NotImplementedError(f"{type(self).__name__} should define apply(images, generator)")


def as_floating(images: Array) -> Array:
    """Bytes as float32 from 0 to 1; floating images as they are."""
    return images if images.dtype.kind == "f" else images / np.float32(255)


def as_before(images: Array, changed: Array) -> Array:
    """`changed` in the type of `images`; bytes rounded, and kept within 0 and 255."""
    if images.dtype == np.uint8:
        changed = np.clip(np.rint(255 * changed), 0, 255)
    return changed.astype(images.dtype, copy=False)


def refuse_other_than_images(name: str, images: Array) -> None:
    if not isinstance(images, np.ndarray):
        raise TypeError(
            f"{name}: expected a NumPy array, but got a {type(images).__name__}; "
            "a tensor's is x.numpy()"
        )
    if images.ndim not in (3, 4):
        raise ValueError(
            f"{name}: expected one image (C, H, W) or a batch (N, C, H, W), but got {images.shape}"
        )
    if images.dtype.kind != "f" and images.dtype != np.uint8:
        raise TypeError(f"{name}: expected uint8 or floating images, but got {images.dtype}")


@dataclass(frozen=True)
class GaussianNoise(Augmentation):
    """Noise on every number: x + mean + sigma · a draw from the normal distribution.

    mean, sigma: on a scale from 0 to 1. clip: whether the result is kept within 0 and 1. Raises
    ValueError for a sigma below 0.
    """

    mean: float = 0.0
    sigma: float = 0.1
    clip: bool = True

    def __post_init__(self) -> None:
        if not self.sigma >= 0:
            raise ValueError(f"GaussianNoise: sigma must be at least 0, not {self.sigma}")

    def apply(self, images: Array, generator: Generator) -> Array:
        drawn = generator.standard_normal(images.shape, dtype=np.float32)
        noisy = images + (self.mean + self.sigma * drawn)
        return np.clip(noisy, 0, 1) if self.clip else noisy


@dataclass(frozen=True)
class ColorJitter(Augmentation):
    """Each image made brighter or darker, then its contrast larger or smaller.

    brightness, contrast: b and c, how far the factors may lie from 1. All numbers of an image are
    multiplied by one drawn evenly from max(0, 1 − b) to 1 + b; then their distances from their mean
    by one from max(0, 1 − c) to 1 + c. After each, what is below 0 or above 1 becomes that: so it
    comes before a normalisation. Raises ValueError for b or c below 0.
    """

    brightness: float = 0.0
    contrast: float = 0.0

    def __post_init__(self) -> None:
        if not (self.brightness >= 0 and self.contrast >= 0):
            raise ValueError(
                "ColorJitter: brightness and contrast must be at least 0, not "
                f"{self.brightness} and {self.contrast}"
            )

    def apply(self, images: Array, generator: Generator) -> Array:
        light = np.clip(images * self.factors(self.brightness, images, generator), 0, 1)
        middle = light.mean(axis=(1, 2, 3), keepdims=True)
        apart = (light - middle) * self.factors(self.contrast, images, generator)
        return np.clip(middle + apart, 0, 1)

    def factors(self, spread: float, images: Array, generator: Generator) -> Array:
        """A number for each image, drawn evenly from max(0, 1 − spread) to 1 + spread:
        (N, 1, 1, 1), in the images' type."""
        drawn = generator.uniform(max(0.0, 1 - spread), 1 + spread, (len(images), 1, 1, 1))
        return drawn.astype(images.dtype)
