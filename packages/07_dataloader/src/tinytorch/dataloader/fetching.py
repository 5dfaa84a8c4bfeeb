"""Getting the items of a batch out of a dataset, by the shortest way that the dataset offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .collating import default_collate


def fetch_item(dataset: Any, index: Any) -> Any:
    """dataset[index]. What the dataset raises goes on, with a note that says at which index."""
    with saying_where(dataset, "item", index):
        return dataset[index]


def fetch_items(dataset: Any, indices: Sequence[Any]) -> list[Any]:
    """The items with these indices: by `dataset.__getitems__` where it is offered, or one by
    one."""
    if not offers(dataset, "__getitems__"):
        return [fetch_item(dataset, index) for index in indices]
    with saying_where(dataset, "items", indices):
        return list(dataset.__getitems__(indices))


def fetch_collated(dataset: Any, indices: Sequence[Any]) -> Any:
    """`default_collate` of these items: by `dataset.collated` where it is offered."""
    if not offers(dataset, "collated"):
        return default_collate(fetch_items(dataset, indices))
    with saying_where(dataset, "items", indices):
        return dataset.collated(indices)


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


@contextmanager
def saying_where(dataset: Any, what: str, where: Any) -> Iterator[None]:
    """Lets what is raised inside go on, with a note about the item or items that were read."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This was raised when {what} {where} of the {type(dataset).__name__} "
                       "should be read.")
        raise
