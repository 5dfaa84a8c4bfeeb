"""Prompts: rows of tokens to go on from, and how rows of unequal length share one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Array, Tensor

Rows = list[list[int]]


def as_rows(idx: Any) -> tuple[Rows, bool]:
    """The prompts as lists of whole numbers, and whether it was a single one.

    idx: (T,) or (rows, T), a tensor, an array or lists; or a list of prompts of any lengths. Raises
    TypeError for other things than whole numbers, ValueError for a prompt without a token.
    """
    given = idx.array if isinstance(idx, Tensor) else idx
    if isinstance(given, np.ndarray) and given.ndim > 2:
        raise ValueError(f"generate: prompts are (T,) or (rows, T), not {given.shape}")
    parts = [_plain(part) for part in given]
    single = not any(isinstance(part, list) for part in parts)
    rows = [parts] if single else parts
    for row in rows:
        if not isinstance(row, list) or not all(type(token) is int for token in row):
            raise TypeError(
                f"generate: a prompt is a row of whole numbers, not {row!r:.60}; a tokenizer's "
                "encode makes one of a text"
            )
        if not row:
            raise ValueError("generate: a prompt needs at least one token to go on from")
    return rows, single


def _plain(part: Any) -> Any:
    """A token or a row of them, without arrays and tensors."""
    if isinstance(part, Tensor | np.ndarray | np.generic):
        return part.tolist()
    return [_plain(each) for each in part] if isinstance(part, list | tuple) else part


def pad_left(rows: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    """Rows of unequal length as one array whose rows all end at the same column.

    The result: tokens, (rows, longest), int64, with zeros in front of shorter rows, and how many
    of these each row has, (rows,).
    """
    longest = max(len(row) for row in rows)
    padding = np.array([longest - len(row) for row in rows])
    tokens = np.zeros((len(rows), longest), np.int64)
    for i, row in enumerate(rows):
        tokens[i, padding[i] :] = row
    return tokens, padding


def mask_and_positions(padding: Array, width: int, new: int) -> tuple[Array, Array]:
    """What a model must know of padded rows: which columns to ignore, and where the tokens are.

    padding: (rows,), the columns in front of each row's first token. width: all columns so far.
    new: how many of them, the last ones, the model is about to see.

    The result: key_padding_mask, (rows, width), True in front of the first token; positions,
    (rows, new), counted from each row's own first token, 0 in front of it.
    """
    columns = np.arange(width)
    begins = padding[:, np.newaxis]
    return columns < begins, np.maximum(columns[width - new :] - begins, 0)
