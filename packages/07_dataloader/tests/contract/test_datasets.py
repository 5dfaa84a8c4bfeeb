"""Task 7.1: datasets of tensors, parts of datasets, and datasets one behind the other."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.dataloader import ConcatDataset, Dataset, Subset, TensorDataset
from tinytorch.tensor import Tensor


class Squares(Dataset):
    """0, 1, 4, …"""

    def __init__(self, count: int) -> None:
        self.count = count

    def __getitem__(self, index: int) -> int:
        if index >= self.count:
            raise IndexError(index)
        return index**2

    def __len__(self) -> int:
        return self.count


def images(count: int) -> Any:
    return np.random.default_rng(count).standard_normal((count, 2, 3)).astype(np.float32)


# TensorDataset


def test_items_are_tuples_with_one_entry_of_each_tensor(assert_same: Any) -> None:
    x, y, z = images(5), np.arange(5) * 10, np.arange(10, dtype=np.uint8).reshape(5, 2)
    dataset = TensorDataset(Tensor(x), Tensor(y), Tensor(z))
    assert len(dataset) == 5
    for i in (0, 3, 4, -1, -5):
        assert_same(dataset[i], (x[i], np.asarray(y[i]), z[i]), f"dataset[{i}]")


def test_one_tensor_still_gives_tuples(assert_same: Any) -> None:
    x = images(3)
    assert_same(TensorDataset(Tensor(x))[1], (x[1],), "TensorDataset(x)[1]")


def test_no_items() -> None:
    dataset = TensorDataset(Tensor(np.zeros((0, 4))), Tensor(np.zeros(0)))
    assert len(dataset) == 0
    with pytest.raises(IndexError):
        dataset[0]


def test_an_item_that_is_not_there() -> None:
    dataset = TensorDataset(Tensor(images(5)), Tensor(np.arange(5)))
    for i in (5, -6, 100):
        with pytest.raises(IndexError):
            dataset[i]


def test_a_dataset_can_be_gone_through() -> None:
    """Python asks for 0, 1, … until there is an IndexError."""
    dataset = TensorDataset(Tensor(np.arange(4)), Tensor(np.arange(4) * 2))
    assert [(x.item(), y.item()) for x, y in dataset] == [(0, 0), (1, 2), (2, 4), (3, 6)]


def test_tensors_of_different_lengths(refused: Any) -> None:
    with refused(ValueError, "TensorDataset", "(5, 2, 3)", "(4,)"):
        TensorDataset(Tensor(images(5)), Tensor(np.arange(4)))
    with refused(ValueError, "TensorDataset"):
        TensorDataset()
    with refused(ValueError, "TensorDataset", "()"):
        TensorDataset(Tensor(np.array(3.0)))


# Subset


def test_a_subset_has_the_items_of_its_indices_in_their_order() -> None:
    subset = Subset(Squares(10), [7, 0, 7, 3])
    assert len(subset) == 4
    assert [subset[i] for i in range(4)] == [49, 0, 49, 9]
    assert subset[-1] == 9
    with pytest.raises(IndexError):
        subset[4]


def test_a_subset_of_a_subset() -> None:
    outer = Subset(Subset(Squares(10), [1, 3, 5, 7, 9]), [4, 2])
    assert len(outer) == 2
    assert [outer[0], outer[1]] == [81, 25]


def test_a_subset_of_a_list_and_of_tensors(assert_same: Any) -> None:
    assert [Subset(["a", "b", "c"], [2, 1])[i] for i in (0, 1)] == ["c", "b"]
    x = images(6)
    subset = Subset(TensorDataset(Tensor(x), Tensor(np.arange(6))), range(1, 6, 2))
    assert len(subset) == 3
    assert_same(subset[2], (x[5], np.asarray(5)), "Subset(dataset, range(1, 6, 2))[2]")


def test_an_empty_subset() -> None:
    subset = Subset(Squares(3), [])
    assert len(subset) == 0
    with pytest.raises(IndexError):
        subset[0]


# ConcatDataset


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_one_behind_the_other(lengths: list[int]) -> None:
    parts = [[f"{which}.{i}" for i in range(length)] for which, length in enumerate(lengths)]
    expected = [item for part in parts for item in part]
    joined = ConcatDataset(parts)
    assert len(joined) == len(expected)
    assert [joined[i] for i in range(len(expected))] == expected
    assert [joined[i - len(expected)] for i in range(len(expected))] == expected
    for i in (len(expected), -len(expected) - 1):
        with pytest.raises(IndexError):
            joined[i]


def test_joining_by_a_plus() -> None:
    joined = Squares(3) + Squares(2)
    assert isinstance(joined, ConcatDataset)
    assert [joined[i] for i in range(len(joined))] == [0, 1, 4, 0, 1]
    assert len(joined + Squares(4)) == 9


def test_where_an_item_is() -> None:
    joined = ConcatDataset([Squares(3), Squares(0), Squares(2)])
    found = [joined.locate(i) for i in (0, 2, 3, 4, -1, -5)]
    assert found == [(0, 0), (0, 2), (2, 0), (2, 1), (2, 1), (0, 0)]


def test_joining_nothing(refused: Any) -> None:
    with refused(ValueError, "ConcatDataset"):
        ConcatDataset([])
    with refused(IndexError, "ConcatDataset", "7", "5"):
        ConcatDataset([Squares(3), Squares(2)])[7]
