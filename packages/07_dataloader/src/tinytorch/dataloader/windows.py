"""Windows: what a language model learns from, a stretch of a sequence and the same one step on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import typing as npt

from tinytorch.tensor import Tensor

from .dataset import Dataset


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """Every stretch of `length` numbers, and what follows each: item i is (numbers[i : i + length],
    numbers[i + 1 : i + 1 + length]).

    numbers: (N,), whole numbers, those of a text's characters for example; a list, an array or a
    tensor. There are N − length windows, all int64. Raises TypeError for other numbers, ValueError
    if they are not in a row, or too few for one window.
    """

    def __init__(self, numbers: Any, length: int) -> None:
        array = np.asarray(numbers.array if isinstance(numbers, Tensor) else numbers)
        if array.ndim != 1:
            raise ValueError(f"Windows: expected numbers in a row, (N,), but got {array.shape}")
        if not 1 <= length < len(array):
            raise ValueError(
                f"Windows: the length of a window is at least 1, and a window of {length} needs "
                f"{length + 1} numbers or more; there are {len(array)}"
            )
        if array.dtype.kind not in "iu":
            raise TypeError(f"Windows: expected whole numbers, but got {array.dtype}")
        self.numbers = array.astype(np.int64)
        self.length = length

    def __len__(self) -> int:
        return len(self.numbers) - self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Raises IndexError where there is no such window. A negative index counts from the end."""
        inputs, targets = self.collated([index])
        return inputs[0], targets[0]

    def collated(self, indices: Sequence[int]) -> list[Tensor]:
        """[inputs, targets] of a whole batch, each (batch, length).

        Raises IndexError where there is no such window.
        """
        within = self.starts(indices)[:, np.newaxis] + np.arange(self.length)
        return [Tensor(self.numbers[within]), Tensor(self.numbers[within + 1])]

    def starts(self, indices: Sequence[int]) -> npt.NDArray[np.int64]:
        """Where these windows begin, (batch,): the indices, with negative ones from the end."""
        starts = np.asarray(indices, np.int64).reshape(-1)
        for index in starts[(starts < -len(self)) | (starts >= len(self))]:
            raise IndexError(f"Windows: there is no window {index} among {len(self)}")
        return starts % len(self)
