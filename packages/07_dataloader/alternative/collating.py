"""Task 7.3 by other ways: one function for each kind of item, chosen by matching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor

from .collating import collate_arrays, mapping_like, refuse_unequal, sequence_like


def default_collate(batch: Sequence[Any]) -> Any:
    if len(batch) == 0:
        raise ValueError("default_collate: there are no items to make a batch of")
    match batch[0]:
        case str() | bytes():
            return batch
        case Tensor() | np.ndarray() | np.generic():
            return collate_arrays(batch)
        case bool() | int() | float():
            return collate_numbers(batch)
        case Mapping() as first:
            refuse_unequal(batch, "keys", [set(item) for item in batch])
            made = {}
            for key in first:
                made[key] = default_collate([item[key] for item in batch])
            return mapping_like(first, made)
        case Sequence() as first:
            refuse_unequal(batch, "lengths", [len(item) for item in batch])
            columns = [[item[place] for item in batch] for place in range(len(first))]
            return sequence_like(first, [default_collate(column) for column in columns])
    raise TypeError(f"default_collate: what to do with {type(batch[0]).__name__} is not known")


def collate_numbers(batch: Sequence[Any]) -> Tensor:
    return Tensor(np.array(list(batch)))
