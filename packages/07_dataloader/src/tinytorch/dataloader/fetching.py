"""Getting the items of a batch out of a dataset, by the shortest way that the dataset offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .collating import default_collate


def fetch_item(dataset: Any, index: Any) -> Any:
    """dataset[index]. What the dataset raises goes on, with a note that says at which index."""
    try:
        return dataset[index]
    except Exception as error:
        error.add_note(f"It was raised for item {index} of the {type(dataset).__name__}.")
        raise


def fetch_items(dataset: Any, indices: Sequence[Any]) -> list[Any]:
    """The items with these indices: by `dataset.__getitems__` where it is offered, or one by
    one."""
    if offers(dataset, "__getitems__"):
        return list(dataset.__getitems__(indices))
    return [fetch_item(dataset, index) for index in indices]


def fetch_collated(dataset: Any, indices: Sequence[Any]) -> Any:
    """`default_collate` of these items: by `dataset.collated` where it is offered."""
    if offers(dataset, "collated"):
        return dataset.collated(indices)
    return default_collate(fetch_items(dataset, indices))


def offers(dataset: Any, method: str) -> bool:
    """Whether this method speaks for the dataset.

    Not if a subclass has written `__getitem__` anew since: then only that knows what an item is.
    """
    for kind in type(dataset).__mro__:
        if method in vars(kind):
            return True
        if "__getitem__" in vars(kind):
            return False
    return False
