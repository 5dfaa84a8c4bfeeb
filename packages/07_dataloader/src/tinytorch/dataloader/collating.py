"""Collating: out of a list of items, one batch of the same structure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from copy import copy
from functools import wraps
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor, float64, stack, tensor

Collate = Callable[[Sequence[Any]], Any]


def of_items_alike(collate: Collate) -> Collate:
    """`collate`, but what has no items, or items that do not go together, is refused before."""

    @wraps(collate)
    def checked(batch: Sequence[Any]) -> Any:
        if not len(batch):
            raise ValueError("default_collate: a batch needs at least one item")
        first = batch[0]
        if isinstance(first, Tensor | np.ndarray):
            refuse_unequal("shapes", [item.shape for item in batch])
        elif isinstance(first, Mapping):
            refuse_unequal("keys", [set(item) for item in batch])
        elif isinstance(first, Sequence) and not isinstance(first, str | bytes):
            refuse_unequal("lengths", [len(item) for item in batch])
        return collate(batch)

    return checked


def refuse_unequal(what: str, found: Sequence[Any]) -> None:
    """found: of each item, what must be the same in all."""
    for place, each in enumerate(found):
        if each != found[0]:
            raise ValueError(
                f"default_collate: the {what} of a batch's items must be the same, but item 0 has "
                f"{found[0]} and item {place} has {each}: make them equal in the dataset, or give "
                "the loader a collate_fn that does"
            )


@of_items_alike
def default_collate(batch: Sequence[Any]) -> Any:
    """One batch of these items, whose structure it keeps.

    - tensors, arrays, NumPy scalars: a tensor with a new first dimension, the batch's;
    - Python numbers: a 1-d tensor, of float64 for floats, as in PyTorch;
    - texts and bytes: as they are;
    - dicts, lists, tuples: batches of their values, place by place; a tuple's come in a list, as in
      PyTorch, a named tuple's in a named tuple.

    Raises ValueError for an empty list, shapes, lengths or keys that differ; TypeError for what has
    no place in a tensor.
    """
    first = batch[0]
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Tensor):
        return stack(list(batch))
    if isinstance(first, np.ndarray | np.generic):
        return as_tensor_of_numbers(np.stack(batch))
    if isinstance(first, int | float):
        return collate_numbers(batch)
    if isinstance(first, Mapping):
        values = {key: default_collate([item[key] for item in batch]) for key in first}
        return mapping_like(first, values)
    if isinstance(first, Sequence):
        columns = zip(*batch, strict=True)
        return sequence_like(first, [default_collate(column) for column in columns])
    raise TypeError(
        f"default_collate: a {type(first).__name__} has no place in a tensor: let the dataset give "
        "tensors, arrays, numbers, texts, or dicts, lists and tuples of them, or give the loader a "
        "collate_fn of your own"
    )


def collate_numbers(batch: Sequence[Any]) -> Tensor:
    """Python numbers in one dimension: float64 where the first is a float, else as by tensor().

    So, as in PyTorch, `[2.5, 1]` is float64 and `[1, 2.5]` float32.
    """
    return tensor(list(batch), dtype=float64 if isinstance(batch[0], float) else None)


def default_convert(item: Any) -> Any:
    """One item as it is, but with tensors in the place of arrays and NumPy scalars: what a loader
    gives with `batch_size=None`."""
    if isinstance(item, str | bytes):
        return item
    if isinstance(item, np.ndarray | np.generic):
        return as_tensor_of_numbers(np.asarray(item))
    if isinstance(item, Mapping):
        return mapping_like(item, {key: default_convert(value) for key, value in item.items()})
    if isinstance(item, Sequence):
        return sequence_like(item, [default_convert(value) for value in item])
    return item


def as_tensor_of_numbers(array: np.ndarray[Any, Any]) -> Tensor:
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"default_collate: arrays of {array.dtype} do not become tensors; only numbers do"
        )
    return Tensor(array)


def mapping_like(first: Mapping[Any, Any], values: dict[Any, Any]) -> Mapping[Any, Any]:
    """These values in a mapping of the same kind, where that can be changed; else in a dict."""
    if not isinstance(first, MutableMapping):
        return values
    made = copy(first)
    made.update(values)
    return made


def sequence_like(first: Sequence[Any], values: list[Any]) -> Sequence[Any]:
    """These values in a named tuple or changeable sequence of the same kind; else in a list."""
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*values)
    if not isinstance(first, MutableSequence) or isinstance(first, list):
        return values
    made = copy(first)
    made[:] = values
    return made
