"""Task 16.2, blocks: the mask's shape from the input's, and rates on a line."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Tensor

from .masking import Generator, dropped


def drop_path(
    x: Tensor, p: float, training: bool = True, *, generator: Generator | None = None
) -> Tensor:
    shape = tuple(size if axis == 0 else 1 for axis, size in enumerate(x.shape))
    return dropped("drop_path", x, shape, p, training, generator)


def depth_rates(p: float, depth: int) -> list[float]:
    return [float(rate) for rate in np.linspace(0, p, depth + 1)[1:]]
