"""Labelled images that fit into memory: one array of bytes, turned into numbers when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import typing as npt

from tinytorch.tensor import Tensor

from .collating import default_collate
from .dataset import Dataset
from .transforms import Compose, Transform

Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


class LabelledImages(Dataset[tuple[Any, int]]):
    """Images with the number of the class that each belongs to: item i is (image, label).

    images: (N, channels, height, width), uint8. labels: (N,), int64, indices into `classes`.
    transform: called with an image, an array (channels, height, width) of uint8; what it returns
    takes the image's place. Without one an image is a float32 tensor of that shape, with numbers
    from 0 to 1.
    """

    def __init__(
        self,
        images: Bytes,
        labels: Labels,
        classes: tuple[str, ...],
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self.images = images
        self.labels = labels
        self.classes = classes
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        """The image and its label. A negative index counts from the end.

        Raises IndexError where there is no such image.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(f"{type(self).__name__}: there is no image {index} among {len(self)}")
        image = self.images[index]
        shown = as_numbers(image) if self.transform is None else self.transform(image)
        return shown, int(self.labels[index])

    def collated(self, indices: Sequence[int]) -> list[Any]:
        """[images, labels] of a whole batch; in one step, if the transform takes batches."""
        if self.transform is not None and not takes_batches(self.transform):
            batch: list[Any] = default_collate([self[index] for index in indices])
            return batch
        rows = np.asarray(indices, np.int64)
        images = self.images[rows]
        shown = as_numbers(images) if self.transform is None else Tensor(self.transform(images))
        return [shown, Tensor(self.labels[rows])]

    def __repr__(self) -> str:
        size = "×".join(map(str, self.images.shape[1:]))
        return f"{type(self).__name__}({len(self)} images of {size}, {len(self.classes)} classes)"


def takes_batches(transform: Callable[[Any], Any]) -> bool:
    """Whether it is known to do with a batch what it does with each image."""
    if isinstance(transform, Compose):
        return all(map(takes_batches, transform.transforms))
    return isinstance(transform, Transform)


def as_numbers(pixels: Bytes) -> Tensor:
    """Bytes 0, …, 255 as float32 from 0 to 1."""
    return Tensor(np.multiply(pixels, np.float32(1 / 255), dtype=np.float32))
