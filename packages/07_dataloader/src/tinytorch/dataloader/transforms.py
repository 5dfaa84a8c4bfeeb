"""Transforms: functions on images, one (C, H, W) or a batch (N, C, H, W), as NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinytorch.tensor import Array

from .randomness import current_generator


class Transform:
    """A function on images. A subclass writes `apply`, for a batch.

    Called with (C, H, W) or (N, C, H, W) it gives new images, and leaves those it was given alone;
    what it draws, it draws for each image by itself: from `generator`, or without one from
    `current_generator()`, in a loader that of the batch.
    Raises ValueError for other shapes, TypeError for what is no array.
    """

    def __call__(self, images: Array, generator: np.random.Generator | None = None) -> Array:
        refuse_other_than_images(type(self).__name__, images)
        draws = generator or current_generator()
        if images.ndim == 4:
            return self.apply(images, draws)
        return self.apply(images[np.newaxis], draws)[0]

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        """images: (N, C, H, W); to be left as they are."""
        raise NotImplementedError(f"{type(self).__name__} should define apply(images, generator)")


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


@dataclass(frozen=True)
class Compose(Transform):
    """One transform after the other. Other functions may be among them: they get the images alone.

    transforms: functions on images.
    """

    transforms: Sequence[Callable[[Array], Array]]

    def __call__(self, images: Array, generator: np.random.Generator | None = None) -> Array:
        for transform in self.transforms:
            if isinstance(transform, Transform):
                images = transform(images, generator)
            else:
                images = transform(images)
        return images


@dataclass(frozen=True)
class ToFloat(Transform):
    """Bytes 0, …, 255 as float32 from 0 to 1: x / 255. Floating images become float32 as they are.

    Raises TypeError for other integers, whose largest value nobody knows.
    """

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        if images.dtype.kind == "f":
            return images.astype(np.float32)
        if images.dtype != np.uint8:
            raise TypeError(f"ToFloat: expected uint8 or floating images, but got {images.dtype}")
        return np.multiply(images, np.float32(1 / 255), dtype=np.float32)


@dataclass(frozen=True)
class Normalize(Transform):
    """(x − mean) / std.

    mean, std: a number, or one for each channel. Raises TypeError for images that are not floating,
    ValueError for a standard deviation that is not above 0, and for another number of channels.
    """

    mean: float | Sequence[float]
    std: float | Sequence[float]

    def __post_init__(self) -> None:
        if np.less_equal(self.std, 0).any():
            raise ValueError(f"Normalize: std must be above 0, not {self.std}")

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        if images.dtype.kind != "f":
            raise TypeError(f"Normalize: not defined for {images.dtype}; put ToFloat() before it")
        normalized = images - self.of_channels("mean", images)
        normalized /= self.of_channels("std", images)
        return normalized

    def of_channels(self, name: str, images: Array) -> Array:
        """mean or std as (C, 1, 1) or (1, 1, 1)."""
        values = np.asarray(getattr(self, name), images.dtype).reshape(-1, 1, 1)
        if len(values) not in (1, images.shape[1]):
            raise ValueError(
                f"Normalize: {len(values)} numbers in {name} do not fit images "
                f"{images.shape[1:]}, which have {images.shape[1]} channels"
            )
        return values
