"""An epoch of 10,000 small images in batches of 128: shuffled, and shuffled and augmented."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import Case, Work

COUNT, BATCH = 10_000, 128


def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    pixels = rng.integers(256, size=(COUNT, 3, 32, 32)).astype(np.uint8)
    return pixels, rng.integers(10, size=COUNT)


def pytorch(workers: int) -> Work:
    """As torch.utils.data comes: item by item, collated in the main process or in others."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    torch.set_num_threads(1)
    dataset = TensorDataset(*map(torch.from_numpy, data()))
    keep = workers > 0
    loader = DataLoader(dataset, BATCH, shuffle=True, num_workers=workers, persistent_workers=keep)
    return lambda: [x.float() / 255 for x, _ in loader]


def tinytorch(workers: int, augmented: bool) -> Work:
    from tinytorch.dataloader import (
        Compose,
        DataLoader,
        RandomCrop,
        RandomHorizontalFlip,
        TensorDataset,
        ToFloat,
    )
    from tinytorch.tensor import Tensor

    crop = RandomCrop(32, padding=4, padding_mode="reflect")
    transforms = [crop, RandomHorizontalFlip(), ToFloat()] if augmented else [ToFloat()]
    loader = DataLoader(
        TensorDataset(*map(Tensor, data())),
        BATCH,
        shuffle=True,
        num_workers=workers,
        transform=Compose(transforms),
    )
    return lambda: list(loader)


def numpy() -> Work:
    """A batch is one fancy index and one multiplication."""
    pixels, labels = data()
    rng = np.random.default_rng(0)

    def epoch() -> None:
        order = rng.permutation(COUNT)
        for start in range(0, COUNT, BATCH):
            chosen = order[start : start + BATCH]
            np.multiply(pixels[chosen], np.float32(1 / 255), dtype=np.float32)
            labels[chosen]

    return epoch


CASES = [
    Case(
        "loading 10,000 images",
        {
            "PyTorch": partial(pytorch, 0),
            "PyTorch, 2 workers": partial(pytorch, 2),
            "TinyTorch": partial(tinytorch, 0, False),
            "TinyTorch, 2 workers": partial(tinytorch, 2, False),
            "TinyTorch, augmented": partial(tinytorch, 0, True),
            "NumPy": numpy,
        },
    ),
]
