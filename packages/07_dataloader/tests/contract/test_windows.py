"""Windows over a sequence: inputs, and what follows each of them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinytorch.tensor as tt
from tinytorch.dataloader import Windows


def drawn(count: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(-5, 1000, count)


@given(st.integers(1, 12), st.integers(1, 30), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_every_window(length: int, more: int, seed: int) -> None:
    numbers = drawn(length + more, seed)
    windows = Windows(numbers, length)
    assert len(windows) == more
    for index in {0, more // 2, more - 1, -1, -more}:
        inputs, targets = windows[index]
        start = index % more
        assert inputs.numpy().dtype == np.int64
        assert targets.numpy().dtype == np.int64
        assert inputs.tolist() == numbers[start : start + length].tolist()
        assert targets.tolist() == numbers[start + 1 : start + 1 + length].tolist()


@pytest.mark.parametrize("kind", ["list", "tensor", "int32", "uint8"])
def test_numbers_of_any_kind(kind: str) -> None:
    numbers = [3, 1, 4, 1, 5]
    made: Any = {
        "list": numbers,
        "tensor": tt.tensor(numbers),
        "int32": np.array(numbers, np.int32),
        "uint8": np.array(numbers, np.uint8),
    }[kind]
    inputs, targets = Windows(made, 2)[1]
    assert inputs.numpy().dtype == np.int64
    assert inputs.tolist() == [1, 4]
    assert targets.tolist() == [4, 1]


def test_a_batch_at_once_is_what_its_items_are() -> None:
    numbers = drawn(20, seed=1)
    indices = [5, 0, 16, 5]
    inputs, targets = Windows(numbers, 3).collated(indices)
    assert inputs.tolist() == [numbers[i : i + 3].tolist() for i in indices]
    assert targets.tolist() == [numbers[i + 1 : i + 4].tolist() for i in indices]


@pytest.mark.parametrize("index", [17, -18])
def test_there_are_no_other_windows(index: int) -> None:
    windows = Windows(drawn(20), 3)
    with pytest.raises(IndexError):
        windows[index]
    with pytest.raises(IndexError):
        windows.collated([0, index])


@pytest.mark.parametrize(("count", "length"), [(0, 1), (3, 3), (3, 4), (3, 0), (3, -1)])
def test_too_few_for_a_window(count: int, length: int) -> None:
    with pytest.raises(ValueError, match=str(length)):
        Windows(drawn(count), length)


def test_numbers_in_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 5\)"):
        Windows(drawn(10).reshape(2, 5), 2)


def test_numbers_that_are_not_whole_are_refused() -> None:
    with pytest.raises(TypeError):
        Windows([0.5, 1.5, 2.5], 2)
