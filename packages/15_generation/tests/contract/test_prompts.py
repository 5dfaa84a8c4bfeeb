"""Task 15.4: prompts of unequal length in one array."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation.prompts import mask_and_positions, pad_left


def test_by_hand() -> None:
    tokens, padding = pad_left([[5, 6, 7], [8], [9, 3]])
    assert padding.tolist() == [0, 2, 1]
    assert tokens.dtype == np.int64
    assert tokens.shape == (3, 3)
    for row, (pad, expected) in enumerate(zip((0, 2, 1), ([5, 6, 7], [8], [9, 3]), strict=True)):
        found = tokens[row, pad:].tolist()
        assert found == expected, f"row {row} should end with {expected}, not {found}"


@pytest.mark.parametrize("lengths", [[1], [4, 4], [1, 5, 3], [2, 7, 7, 1]], ids=str)
def test_all_rows_end_together(lengths: list[int]) -> None:
    draws = np.random.default_rng(0)
    rows = [draws.integers(1, 50, length).tolist() for length in lengths]
    tokens, padding = pad_left(rows)
    assert tokens.shape == (len(rows), max(lengths)), f"{lengths} gave {tokens.shape}"
    assert padding.tolist() == [max(lengths) - length for length in lengths]
    for row, found, pad in zip(rows, tokens, padding, strict=True):
        assert found[pad:].tolist() == row, f"{row} became {found.tolist()}"
        assert found[:pad].tolist() == [0] * int(pad), "in front of a row stand zeros"


def test_what_a_model_is_told_of_a_whole_prompt() -> None:
    mask, positions = mask_and_positions(np.array([0, 2, 1]), 4, 4)
    assert mask.dtype == bool
    assert mask.astype(int).tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0]]
    assert positions.tolist() == [[0, 1, 2, 3], [0, 0, 0, 1], [0, 0, 1, 2]]


def test_what_a_model_is_told_of_what_is_new() -> None:
    mask, positions = mask_and_positions(np.array([0, 2, 1]), 5, 1)
    assert mask.astype(int).tolist() == [[0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert positions.tolist() == [[4], [2], [3]]


@pytest.mark.parametrize(("width", "new"), [(6, 6), (6, 2), (9, 1), (9, 9)])
def test_tokens_count_from_their_own_first(width: int, new: int) -> None:
    padding: Any = np.array([5, 0, 3])
    mask, positions = mask_and_positions(padding, width, new)
    assert mask.shape == (3, width), f"all {width} columns are masked or not: {mask.shape}"
    assert positions.shape == (3, new), f"positions of {new} columns: {positions.shape}"
    for row, pad in enumerate((5, 0, 3)):
        for column in range(width):
            assert bool(mask[row, column]) == (column < pad), f"row {row}, column {column}"
        for i, column in enumerate(range(width - new, width)):
            expected = max(0, column - pad)
            assert positions[row, i] == expected, f"row {row}, column {column}"
