"""Cutout: a square of each image is taken away, so that no single part of it can be relied on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinytorch.tensor import Array

from .augmentation import Augmentation
from .masking import Generator


@dataclass(frozen=True)
class Cutout(Augmentation):
    """Each image with a square of it filled with `value`.

    size: the side of the square. value: on a scale from 0 to 1. The square's centre is drawn evenly
    from all pixels, so that a part of it may lie outside of the image. Raises ValueError for a size
    below 1. DeVries & Taylor 2017.
    """

    size: int
    value: float = 0.0

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"Cutout: size must be 1 or more, not {self.size}")

    def apply(self, images: Array, generator: Generator) -> Array:
        rows = self.covered(images.shape[2], len(images), generator)
        columns = self.covered(images.shape[3], len(images), generator)
        inside = rows[:, np.newaxis, :, np.newaxis] & columns[:, np.newaxis, np.newaxis, :]
        return np.where(inside, self.value, images)

    def covered(self, length: int, count: int, generator: Generator) -> Array:
        """Which of `length` places are covered, for each of `count` images: (count, length), bool.

        Those from a random place, less size // 2, on, `size` of them.
        """
        starts = generator.integers(length, size=(count, 1)) - self.size // 2
        places = np.arange(length)
        inside: Array = (starts <= places) & (places < starts + self.size)
        return inside
