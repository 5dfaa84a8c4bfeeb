"""Task 7.4: the loader, without workers."""

from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.dataloader import (
    BatchSampler,
    DataLoader,
    Dataset,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    ToFloat,
    random_split,
)
from tinytorch.tensor import Tensor


class Squares(Dataset):
    """0, 1, 4, …: as a user writes a dataset."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __getitem__(self, index: int) -> int:
        return index**2

    def __len__(self) -> int:
        return self.count


def of_images(count: int) -> tuple[Any, Any, Any]:
    draws = np.random.default_rng(count)
    x = draws.integers(0, 256, (count, 3, 4, 5)).astype(np.uint8)
    y = draws.integers(0, 10, count)
    return x, y, TensorDataset(Tensor(x), Tensor(y))


# Batches


@given(st.integers(0, 30), st.integers(1, 9), st.booleans())
@settings(max_examples=40, deadline=None)
def test_batches_in_the_order_of_the_dataset(total: int, size: int, drop_last: bool) -> None:
    loader = DataLoader(Squares(total), batch_size=size, drop_last=drop_last)
    squares = [i**2 for i in range(total)]
    expected = [squares[k : k + size] for k in range(0, total, size)]
    if drop_last and total % size:
        expected.pop()
    for epoch in range(2):
        found = [batch.tolist() for batch in loader]
        assert found == expected, f"epoch {epoch} of {total} items in batches of {size}"
    assert len(loader) == (total // size if drop_last else ceil(total / size))


def test_batches_of_tensors(assert_same: Any) -> None:
    x, y, dataset = of_images(10)
    batches = list(DataLoader(dataset, 4))
    assert len(batches) == 3
    for k, batch in enumerate(batches):
        rows = slice(4 * k, 4 * k + 4)
        assert_same(batch, [x[rows], y[rows]], f"batch {k} of 10 items in batches of 4")


def test_batches_of_one_without_a_batch_size(assert_same: Any) -> None:
    assert [batch.tolist() for batch in DataLoader([7, 8, 9])] == [[7], [8], [9]]


def test_batches_are_copies() -> None:
    x = Tensor(np.arange(6.0))
    (batch,) = DataLoader(TensorDataset(x), 6)
    batch[0].fill_(-1)
    assert x.tolist() == [0, 1, 2, 3, 4, 5], "writing to a batch should not change the dataset"


def test_anything_with_items_and_a_length_is_a_dataset(assert_same: Any) -> None:
    x = np.random.default_rng(0).random((5, 2))
    batches = list(DataLoader([{"x": row, "n": n} for n, row in enumerate(x)], batch_size=3))
    assert_same(batches[0], {"x": x[:3], "n": np.arange(3)}, "dicts in a list")
    assert_same(batches[1], {"x": x[3:], "n": np.arange(3, 5)}, "dicts in a list")
    assert [batch.tolist() for batch in DataLoader(range(5), 2)] == [[0, 1], [2, 3], [4]]


def test_single_items_where_there_is_no_batch_size(assert_same: Any) -> None:
    x, y, dataset = of_images(3)
    loader = DataLoader(dataset, batch_size=None)
    assert len(loader) == 3
    for i, item in enumerate(loader):
        assert_same(item, [x[i], np.asarray(y[i])], f"item {i}")
    assert list(DataLoader(["a", "b"], batch_size=None)) == ["a", "b"]
    shuffled = list(DataLoader(range(30), None, shuffle=True, generator=np.random.default_rng(0)))
    assert sorted(shuffled) == list(range(30))
    assert shuffled != list(range(30))
    doubled = DataLoader([1, 2], None, collate_fn=lambda item: 2 * item)
    assert list(doubled) == [2, 4]


def test_a_collate_function_makes_a_batch_of_a_list_of_items() -> None:
    def longest(batch: Any) -> tuple[int, list[str]]:
        return max(map(len, batch)), list(batch)

    found = list(DataLoader(["a", "bcd", "ef"], 2, collate_fn=longest))
    assert found == [(3, ["a", "bcd"]), (2, ["ef"])]


def test_a_collate_function_is_given_the_items_of_a_tensor_dataset(assert_same: Any) -> None:
    x, y, dataset = of_images(5)
    seen: list[Any] = []

    def remember(batch: Any) -> int:
        seen.append(batch)
        return len(batch)

    assert list(DataLoader(dataset, 3, collate_fn=remember)) == [3, 2]
    assert_same(list(seen[1]), [(x[i], np.asarray(y[i])) for i in (3, 4)], "the second batch")


# Orders


def test_a_sampler_gives_the_order() -> None:
    loader = DataLoader(Squares(10), 2, sampler=[5, 1, 1, 9, 0])
    assert [batch.tolist() for batch in loader] == [[25, 1], [1, 81], [0]]
    assert len(loader) == 3
    drawn = SubsetRandomSampler([2, 4, 6, 8], np.random.default_rng(0))
    found = [n for batch in DataLoader(range(10), 3, sampler=drawn) for n in batch.tolist()]
    assert sorted(found) == [2, 4, 6, 8]


def test_a_batch_sampler_gives_the_batches() -> None:
    loader = DataLoader(Squares(10), batch_sampler=[[1, 2, 3], [4], [5, 6]])
    assert [batch.tolist() for batch in loader] == [[1, 4, 9], [16], [25, 36]]
    assert len(loader) == 3
    sampler = BatchSampler(SequentialSampler(range(5)), 2, drop_last=True)
    assert [b.tolist() for b in DataLoader(range(5), batch_sampler=sampler)] == [[0, 1], [2, 3]]


def test_a_sampler_of_ones_own() -> None:
    class Backwards(Sampler):
        def __init__(self, count: int) -> None:
            self.count = count

        def __iter__(self) -> Any:
            return iter(list(range(self.count))[::-1])

        def __len__(self) -> int:
            return self.count

    loader = DataLoader(Squares(5), 2, sampler=Backwards(5))
    assert [batch.tolist() for batch in loader] == [[16, 9], [4, 1], [0]]
    assert len(loader) == 3


# How a dataset is read


class Counting(Dataset):
    """A dataset that reads several items at once, and counts how it is asked."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[Any] = []

    def __getitem__(self, index: int) -> int:
        self.asked = [*self.asked, index]
        return index

    def __getitems__(self, indices: Any) -> list[int]:
        self.asked = [*self.asked, list(indices)]
        return [10 * index for index in indices]

    def __len__(self) -> int:
        return self.count


class Finished(Counting):
    def collated(self, indices: Any) -> Any:
        self.asked = [*self.asked, tuple(indices)]
        return [100 * index for index in indices]


class Rewritten(Finished):
    def __getitem__(self, index: int) -> int:
        return -index


def test_items_are_read_together_where_the_dataset_can() -> None:
    dataset = Counting(5)
    assert [batch.tolist() for batch in DataLoader(dataset, 3)] == [[0, 10, 20], [30, 40]]
    assert dataset.asked == [[0, 1, 2], [3, 4]]
    assert list(DataLoader(Counting(3), 2, collate_fn=list)) == [[0, 10], [20]]
    subset = Subset(Counting(5), [4, 2])
    assert [batch.tolist() for batch in DataLoader(subset, 2)] == [[40, 20]]


def test_a_finished_batch_is_taken_where_the_dataset_has_one() -> None:
    dataset = Finished(5)
    assert list(DataLoader(dataset, 3)) == [[0, 100, 200], [300, 400]]
    assert dataset.asked == [(0, 1, 2), (3, 4)]
    assert list(DataLoader(Subset(dataset, [4, 2]), 2)) == [[400, 200]]
    found = list(DataLoader(dataset, 3, collate_fn=list))
    assert found == [[0, 10, 20], [30, 40]], "a collate_fn should be given the items"


def test_an_item_that_is_written_anew_goes_before_both() -> None:
    assert [batch.tolist() for batch in DataLoader(Rewritten(3), 2)] == [[0, -1], [-2]]
    assert list(DataLoader(Rewritten(3), 2, collate_fn=list)) == [[0, -1], [-2]]


def test_tensors_of_all_kinds_in_one_copy(assert_same: Any) -> None:
    """TensorDataset.collated: what default_collate would have made of the items."""
    x, y, dataset = of_images(6)
    for indices in ([4, 0, 4], [2], [-1, 3], (5, 1)):
        found = dataset.collated(indices)
        rows = list(indices)
        assert_same(found, [x[rows], y[rows]], f"collated({indices})")
    first, second = random_split(dataset, [4, 2], np.random.default_rng(0))
    found_again = [label for _, batch in DataLoader(first, 3) for label in batch.tolist()]
    found_again += [label for _, batch in DataLoader(second, 3) for label in batch.tolist()]
    assert sorted(found_again) == sorted(y.tolist())


# Transforms


def test_a_transform_is_for_the_input(assert_same: Any) -> None:
    x, y, dataset = of_images(5)
    batches = list(DataLoader(dataset, 3, transform=ToFloat()))
    expected = (x / 255).astype(np.float32)
    assert batches[0][0].dtype == np.float32
    assert np.allclose(batches[0][0].numpy(), expected[:3], atol=1e-6)
    assert np.allclose(batches[1][0].numpy(), expected[3:], atol=1e-6)
    assert_same(batches[0][1], y[:3], "the labels, behind a transform of the images")


def test_any_function_on_arrays_is_a_transform(assert_same: Any) -> None:
    x, _, dataset = of_images(4)
    batches = list(DataLoader(dataset, 2, transform=lambda images: images[:, :1] + 1))
    assert_same(batches[1][0], x[2:, :1] + np.uint8(1), "images[:, :1] + 1")
    numbers = [Tensor(np.array([i, -i])) for i in range(3)]
    (batch,) = DataLoader(numbers, 3, transform=lambda batch: batch * 2)
    assert_same(batch, 2 * np.array([[0, 0], [1, -1], [2, -2]]), "a batch that is one tensor")
    pairs = [(7.0, "a"), (8.0, "b")]
    (batch,) = DataLoader(pairs, 2, collate_fn=lambda items: (Tensor(np.ones(2)), items[0][1]),
                          transform=lambda ones: ones + 1)  # fmt: skip
    assert_same(batch, (np.full(2, 2.0), "a"), "a batch in a tuple")


def test_a_transform_of_what_is_no_tensor(refused: Any) -> None:
    with refused(TypeError, "transform", "dict"):
        list(DataLoader([{"x": 1}], transform=lambda images: images))


# Options


def test_options_that_exclude_each_other(refused: Any) -> None:
    for options in (
        {"batch_size": 2},
        {"shuffle": True},
        {"sampler": [0, 1]},
        {"drop_last": True},
    ):
        with refused(ValueError, "DataLoader", "batch_sampler"):
            DataLoader(range(5), batch_sampler=[[0, 1]], **options)
    with refused(ValueError, "DataLoader", "sampler", "shuffle"):
        DataLoader(range(5), sampler=[0, 1], shuffle=True)
    with refused(ValueError, "DataLoader", "batch_size=None"):
        DataLoader(range(5), batch_size=None, drop_last=True)


def test_options_that_are_too_small(refused: Any) -> None:
    with refused(ValueError, "batch_size", "0"):
        DataLoader(range(5), 0)
    with refused(ValueError, "num_workers", "-1"):
        DataLoader(range(5), num_workers=-1)
    with refused(ValueError, "prefetch_factor", "0"):
        DataLoader(range(5), num_workers=1, prefetch_factor=0)
    with refused(TypeError, "generator", "7"):
        DataLoader(range(5), generator=7)
    with refused(ValueError, "empty"):
        DataLoader([], shuffle=True)


def test_what_a_loader_is_made_of() -> None:
    dataset = Squares(5)
    loader = DataLoader(dataset, 2, drop_last=True)
    assert loader.dataset is dataset
    assert (loader.batch_size, loader.drop_last, loader.num_workers) == (2, True, 0)
    assert isinstance(loader.sampler, SequentialSampler)
    assert isinstance(loader.batch_sampler, BatchSampler)
    assert DataLoader(dataset, batch_sampler=[[0]]).batch_size is None


@pytest.mark.in_process("notes of exceptions do not cross to another process")
@pytest.mark.parametrize("batch_size", [2, None])
def test_an_exception_says_at_which_item(batch_size: int | None) -> None:
    class Broken(Squares):
        def __getitem__(self, index: int) -> int:
            if index == 5:
                raise KeyError("no such file")
            return index

    with pytest.raises(KeyError, match="no such file") as caught:
        list(DataLoader(Broken(8), batch_size))
    notes = " ".join(caught.value.__notes__)
    assert "item 5 of the Broken" in notes
    assert f"batch {2 if batch_size else 5}" in notes
