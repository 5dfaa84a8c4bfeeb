"""Cutmix: a rectangle of one image pasted into another, with the targets by their share of it."""

from __future__ import annotations

from math import sqrt

import numpy as np

from tinytorch.tensor import Tensor, default_generator, where

from .masking import Generator
from .mixup import blended, drawn_share, refuse_what_cannot_be_paired
from .refusing import refuse_by
from .soft_targets import as_probabilities


def check(
    images: Tensor, target: Tensor, alpha: float = 1.0, *rest: object, **options: object
) -> None:
    refuse_what_cannot_be_paired("cutmix", images, target, alpha)
    if images.ndim != 4:
        raise ValueError(f"cutmix: the input must be images (N, C, H, W), not {images.shape}")


@refuse_by(check)
def cutmix(
    images: Tensor,
    target: Tensor,
    alpha: float = 1.0,
    *,
    num_classes: int | None = None,
    generator: Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Each image with a rectangle of another one of the batch, at the same place.

    images: (N, C, H, W), of any type. target, alpha, num_classes, generator and what is raised: as
    in `mixup`. The rectangle is one for the batch: with λ drawn as there, its sides are √(1 − λ) of
    the image's, and its centre lies anywhere in the image, so that a part of it may not.
    Returns new images, and targets (N, C): the pasted image's class counts by the share of the
    image that it really has. Yun et al. 2019.
    """
    targets = Tensor(as_probabilities("cutmix", target, num_classes))
    draws = generator or default_generator()
    height, width = images.shape[2:]
    rows, columns = cut_box(height, width, drawn_share(alpha, draws), draws)
    partner = draws.permutation(len(images))
    pasted = np.zeros((height, width), bool)
    pasted[rows, columns] = True
    kept = 1 - np.count_nonzero(pasted) / max(1, pasted.size)
    return where(pasted, images[partner], images), blended(targets, partner, kept)


def cut_box(height: int, width: int, share: float, generator: Generator) -> tuple[slice, slice]:
    """Rows and columns of a rectangle with √(1 − share) of the image's sides, rounded down, whose
    centre is drawn from all pixels; what would lie outside of the image is cut off.
    """
    return (
        stretch(int(height * sqrt(1 - share)), height, generator),
        stretch(int(width * sqrt(1 - share)), width, generator),
    )


def stretch(size: int, length: int, generator: Generator) -> slice:
    """`size` places around a random one of `length`, those that there are."""
    start = generator.integers(max(1, length)) - size // 2
    return slice(max(0, start), start + size)
