"""Task 16.5, cutmix: rows and columns as masks, and the pixels put into a copy."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Tensor, default_generator

from .masking import Generator
from .mixup import blended, drawn_share
from .soft_targets import as_probabilities


def cut_box(height: int, width: int, share: float, generator: Generator) -> tuple[slice, slice]:
    box = []
    for length in (height, width):
        half, odd = divmod(int(length * (1 - share) ** 0.5), 2)
        centre = int(generator.integers(length)) if length else 0
        ends = np.clip([centre - half, centre + half + odd], 0, length)
        box.append(slice(int(ends[0]), int(ends[1])))
    return box[0], box[1]


def cutmix(
    images: Tensor,
    target: Tensor,
    alpha: float = 1.0,
    *,
    num_classes: int | None = None,
    generator: Generator | None = None,
) -> tuple[Tensor, Tensor]:
    soft = as_probabilities("cutmix", target, num_classes)
    if generator is None:
        generator = default_generator()
    partner = generator.permutation(len(images))
    share = drawn_share(alpha, generator)
    rows, columns = cut_box(*images.shape[2:], share, generator)
    mixed = images.detach().array.copy()
    mixed[:, :, rows, columns] = images.detach().array[partner][:, :, rows, columns]
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    pixels = images.shape[2] * images.shape[3]
    return Tensor(mixed), blended(Tensor(soft), partner, 1 - area / pixels if pixels else 1.0)
