"""Ids, the numbers of tokens: as they come back from a network, and refused where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any


def as_ids(ids: Iterable[Any], vocab_size: int) -> list[int]:
    """ids as a list of ints: a list, an array or a tensor, all in one row.

    Raises TypeError for what are no whole numbers, and IndexError for an id that is not one of 0,
    …, vocab_size − 1.
    """
    listed = ids.tolist() if hasattr(ids, "tolist") else ids
    try:
        found = [index(each) for each in listed]
    except TypeError as error:
        raise TypeError(f"decode: ids are whole numbers in one row, not {_told(listed)}") from error
    for place, each in enumerate(found):
        if not 0 <= each < vocab_size:
            raise IndexError(
                f"decode: there is no token {each} (at place {place}); the vocabulary has "
                f"{vocab_size}, 0 to {vocab_size - 1}"
            )
    return found


def _told(listed: Any) -> str:
    text = repr(listed)
    return text if len(text) <= 60 else f"{text[:57]}..."
