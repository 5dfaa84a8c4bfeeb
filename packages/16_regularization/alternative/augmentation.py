"""Task 16.5: noise drawn as wide as it should be, and images one by one."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .masking import Generator


class GaussianNoise:
    def apply(self, images: Array, generator: Generator) -> Array:
        noisy = images + generator.normal(self.mean, self.sigma, images.shape)
        if not self.clip:
            return noisy
        return np.minimum(np.maximum(noisy, 0), 1)


class ColorJitter:
    def apply(self, images: Array, generator: Generator) -> Array:
        changed = np.empty_like(images)
        brightness = self.factors(self.brightness, images, generator)
        contrast = self.factors(self.contrast, images, generator)
        for image, out, b, c in zip(images, changed, brightness, contrast, strict=True):
            light = (image * b).clip(0, 1)
            out[...] = (c * light + (1 - c) * light.mean()).clip(0, 1)
        return changed
