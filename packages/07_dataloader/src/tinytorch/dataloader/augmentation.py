"""Augmentation: transforms that draw, for each image by itself, how they change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tinytorch.tensor import Array

from .transforms import Transform

PADDING_MODES = {
    "constant": "constant",
    "zeros": "constant",
    "reflect": "reflect",
    "edge": "edge",
    "symmetric": "symmetric",
}
"""What torchvision and Conv2d call the ways to pad, and what np.pad calls them."""


@dataclass(frozen=True)
class RandomHorizontalFlip(Transform):
    """Each image with probability p mirrored, left to right."""

    p: float = 0.5

    def __post_init__(self) -> None:
        refuse_probability("RandomHorizontalFlip", self.p)

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        mirrored = np.less(generator.random(len(images)), self.p)
        flipped = images.copy()
        flipped[mirrored] = images[mirrored, :, :, ::-1]
        return flipped


@dataclass(frozen=True)
class RandomCrop(Transform):
    """A part of each image, of one size, from a random place.

    size: height and width of the part; a number for both.
    padding: how many pixels are put around the image first: a number, or (to the left and right,
    above and below), as in torchvision.
    padding_mode: what these pixels are: "constant" or "zeros", 0; "reflect", the image mirrored at
    its outermost pixels; "edge", those pixels again; "symmetric", mirrored with those.
    Raises ValueError if the image with its padding is smaller than the part.
    """

    size: int | tuple[int, int]
    padding: int | tuple[int, int] = 0
    padding_mode: str = "constant"

    def __post_init__(self) -> None:
        if min(as_pair(self.size)) < 1 or min(as_pair(self.padding)) < 0:
            raise ValueError(
                f"RandomCrop: the size must be 1 or more and the padding not negative: "
                f"{self.size}, {self.padding}"
            )
        if self.padding_mode not in PADDING_MODES:
            raise ValueError(
                f"RandomCrop: padding_mode must be one of {', '.join(PADDING_MODES)}, "
                f"not {self.padding_mode!r}"
            )

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        padded = self.padded(images)
        height, width = self.size_within(padded)
        count = len(images)
        top = generator.integers(padded.shape[2] - height + 1, size=count)
        left = generator.integers(padded.shape[3] - width + 1, size=count)
        windows = sliding_window_view(padded, (height, width), axis=(2, 3))
        return windows[np.arange(count), :, top, left]

    def padded(self, images: Array) -> Array:
        across, down = as_pair(self.padding)
        if across == down == 0:
            return images
        around = ((0, 0), (0, 0), (down, down), (across, across))
        return np.pad(images, around, PADDING_MODES[self.padding_mode])  # type: ignore[call-overload]

    def size_within(self, padded: Array) -> tuple[int, int]:
        height, width = as_pair(self.size)
        if height > padded.shape[2] or width > padded.shape[3]:
            raise ValueError(
                f"RandomCrop: there is no part of {height} x {width} in an image of "
                f"{padded.shape[2]} x {padded.shape[3]}, its padding included"
            )
        return height, width


@dataclass(frozen=True)
class RandomErasing(Transform):
    """Each image with probability p with a rectangle of it filled with `value`.

    scale: how large a share of the image, from least to most. ratio: height over width, likewise,
    evenly on a logarithmic scale. Of ten rectangles that are drawn for an image the first one that
    is smaller than it is taken; where none is, it stays as it is. Zhong et al. 2017.
    """

    p: float = 0.5
    scale: tuple[float, float] = (0.02, 0.33)
    ratio: tuple[float, float] = (0.3, 3.3)
    value: float = 0.0

    def __post_init__(self) -> None:
        refuse_probability("RandomErasing", self.p)
        if not 0 <= self.scale[0] <= self.scale[1] <= 1 or not 0 < self.ratio[0] <= self.ratio[1]:
            raise ValueError(
                f"RandomErasing: scale {self.scale} must go up within 0 and 1, and ratio "
                f"{self.ratio} go up from above 0"
            )

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        count, _, height, width = images.shape
        erased = np.less(generator.random(count), self.p)
        heights, widths = self.rectangles(images.shape, generator)
        rows = within(height, heights, generator) & erased[:, np.newaxis]
        columns = within(width, widths, generator)
        inside = rows[:, np.newaxis, :, np.newaxis] & columns[:, np.newaxis, np.newaxis, :]
        return np.where(inside, np.asarray(self.value, images.dtype), images)

    def rectangles(
        self, shape: Sequence[int], generator: np.random.Generator
    ) -> tuple[Array, Array]:
        """Height and width of a rectangle for each image, both (N,); 0 where none did fit."""
        count, _, height, width = shape
        area = height * width * generator.uniform(*self.scale, size=(count, 10))
        ratio = np.exp(generator.uniform(log(self.ratio[0]), log(self.ratio[1]), size=(count, 10)))
        heights = np.rint(np.sqrt(area * ratio)).astype(np.int64)
        widths = np.rint(np.sqrt(area / ratio)).astype(np.int64)
        fits = (heights < height) & (widths < width)
        first = np.arange(count), fits.argmax(axis=1)
        return np.where(fits[first], heights[first], 0), np.where(fits[first], widths[first], 0)


def within(length: int, sizes: Array, generator: np.random.Generator) -> Array:
    """(N, length): true on a stretch of sizes[i] places, somewhere in row i. sizes: (N,)."""
    starts = generator.integers(length - sizes + 1)[:, np.newaxis]
    places = np.arange(length)
    inside: Array = (starts <= places) & (places < starts + sizes[:, np.newaxis])
    return inside


def as_pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def refuse_probability(name: str, p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: p is a probability, from 0 to 1, not {p}")
