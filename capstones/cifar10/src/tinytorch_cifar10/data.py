"""The images: from a data set to batches that the network takes."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np

from tinytorch.dataloader import (
    CIFAR10,
    Compose,
    DataLoader,
    Normalize,
    RandomCrop,
    RandomHorizontalFlip,
    Shapes,
    ToFloat,
)
from tinytorch.tensor import Array, Tensor

from .recipe import Recipe

Images: TypeAlias = CIFAR10 | Shapes
EVALUATION_BATCH = 500


def load_images(dataset: str, data_dir: Path | None = None) -> tuple[Images, Images]:
    """The training images and the test images.

    dataset: "cifar10", looked for in `data_dir` or TINYTORCH_DATA, or downloaded; or "shapes",
    which are drawn on the spot.
    """
    if dataset == "shapes":
        return Shapes(train=True), Shapes(train=False)
    return CIFAR10(data_dir, train=True), CIFAR10(data_dir, train=False)


def training_loader(images: Images, recipe: Recipe, generator: np.random.Generator) -> DataLoader:
    """Shuffled batches, augmented if the recipe says so; the next ones are made meanwhile."""
    augmentation = [RandomCrop(32, padding=4, padding_mode="reflect"), RandomHorizontalFlip()]
    steps = [*(augmentation if recipe.augment else []), *numbers(recipe.dataset)]
    images.transform = Compose(steps)
    return DataLoader(
        images,
        batch_size=recipe.batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=1,
        generator=generator,
    )


def evaluation_loader(images: Images, dataset: str) -> DataLoader:
    """All images in order, as they are."""
    images.transform = Compose(numbers(dataset))
    return DataLoader(images, batch_size=EVALUATION_BATCH)


def numbers(dataset: str) -> list[ToFloat | Normalize]:
    """The transforms from bytes to numbers with a mean of 0 and a deviation of 1 a channel."""
    source = Shapes if dataset == "shapes" else CIFAR10
    return [ToFloat(), Normalize(source.MEAN, source.STD)]


def as_input(pixels: Array, dataset: str) -> Tensor:
    """Images (N, 3, 32, 32) of bytes as the network takes them."""
    return Tensor(Compose(numbers(dataset))(pixels))
