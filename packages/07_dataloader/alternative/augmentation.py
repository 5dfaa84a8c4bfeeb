"""Task 7.6 by other ways: columns and rows by their numbers."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


class RandomHorizontalFlip:
    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        stay = generator.random((len(images), 1, 1, 1)) >= self.p
        return np.where(stay, images, np.flip(images, axis=-1))


class RandomCrop:
    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        padded = self.padded(images)
        height, width = self.size_within(padded)
        cropped = np.empty((*images.shape[:2], height, width), images.dtype)
        for image, crop in zip(padded, cropped, strict=True):
            top = generator.integers(0, padded.shape[2] - height, endpoint=True)
            left = generator.integers(0, padded.shape[3] - width, endpoint=True)
            crop[...] = image[:, top : top + height, left : left + width]
        return cropped
