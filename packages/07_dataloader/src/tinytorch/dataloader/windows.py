"""Windows: what a language model learns from, a stretch of a sequence and the same one step on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor

from .dataset import Dataset


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """Every stretch of `length` numbers, and what follows each: item i is (numbers[i : i + length],
    numbers[i + 1 : i + 1 + length]).

    numbers: (N,), whole numbers, those of a text's characters for example; a list, an array or a
    tensor. There are N − length windows. Raises ValueError if numbers have another shape, or are
    too few for one window.
    """

    def __init__(self, numbers: Any, length: int) -> None:
        array = np.asarray(numbers.array if isinstance(numbers, Tensor) else numbers, np.int64)
        if array.ndim != 1:
            raise ValueError(f"Windows: expected numbers in a row, (N,), but got {array.shape}")
        if not 1 <= length < len(array):
            raise ValueError(
                f"Windows: windows of {length} need at least {max(length, 1) + 1} numbers, and a "
                f"length of at least 1; there are {len(array)} numbers"
            )
        self.numbers = array
        self.length = length

    def __len__(self) -> int:
        return len(self.numbers) - self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Raises IndexError where there is no such window. A negative index counts from the end."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"Windows: there is no window {index} among {len(self)}")
        inputs, targets = self.collated([index])
        return inputs[0], targets[0]

    def collated(self, indices: Sequence[int]) -> list[Tensor]:
        """[inputs, targets] of a whole batch, each (batch, length)."""
        starts = np.asarray(indices, np.int64).reshape(-1, 1) % len(self)
        within = starts + np.arange(self.length)
        return [Tensor(self.numbers[within]), Tensor(self.numbers[within + 1])]
