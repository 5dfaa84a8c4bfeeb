"""Task 16.5, cutout: the squares written into a copy, image by image."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .masking import Generator


class Cutout:
    def apply(self, images: Array, generator: Generator) -> Array:
        changed = images.copy()
        rows = self.covered(images.shape[2], len(images), generator)
        columns = self.covered(images.shape[3], len(images), generator)
        for image, down, across in zip(changed, rows, columns, strict=True):
            image[:, np.outer(down, across)] = self.value
        return changed
