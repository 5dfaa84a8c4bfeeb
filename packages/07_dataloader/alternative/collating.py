"""Task 7.3 by other ways: one function for each kind of item, chosen by matching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor

from .collating import as_tensor_of_numbers, mapping_like, sequence_like


def default_collate(batch: Sequence[Any]) -> Any:
    match batch[0]:
        case str() | bytes():
            return batch
        case Tensor():
            return Tensor(np.stack([item.numpy() for item in batch]))
        case np.ndarray() | np.generic():
            return as_tensor_of_numbers(np.array(list(batch)))
        case bool() | int() | float():
            return collate_numbers(batch)
        case Mapping() as first:
            made = {}
            for key in first:
                made[key] = default_collate([item[key] for item in batch])
            return mapping_like(first, made)
        case Sequence() as first:
            columns = [[item[place] for item in batch] for place in range(len(first))]
            return sequence_like(first, [default_collate(column) for column in columns])
    raise TypeError(f"default_collate: what to do with {type(batch[0]).__name__} is not known")


def collate_numbers(batch: Sequence[Any]) -> Tensor:
    return Tensor(np.array(list(batch)))
