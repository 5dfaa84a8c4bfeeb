"""Task 7.2: the orders in which a dataset is read."""

from collections import Counter
from itertools import permutations
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.dataloader import (
    BatchSampler,
    RandomSampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from tinytorch.tensor import default_generator, manual_seed


def test_sequential() -> None:
    sampler = SequentialSampler(["a", "b", "c"])
    assert len(sampler) == 3
    assert list(sampler) == list(sampler) == [0, 1, 2]


# In random order


def test_each_index_once_in_a_new_order_each_epoch() -> None:
    sampler = RandomSampler(range(50), generator=np.random.default_rng(0))
    assert len(sampler) == 50
    epochs = [list(sampler) for _ in range(3)]
    assert all(sorted(epoch) == list(range(50)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in [*epochs, list(range(50))]}) == 4, (
        "each epoch should have an order of its own"
    )
    assert all(type(index) is int for index in epochs[0])


def test_every_order_can_come() -> None:
    sampler = RandomSampler(range(3), generator=np.random.default_rng(1))
    found = Counter(tuple(sampler) for _ in range(600))
    assert set(found) == set(permutations(range(3)))  # one is missing in a draw of 10⁻⁴⁶
    # 100 each are expected, with a standard deviation of 9.
    assert max(found.values()) < 180, f"the orders should be equally likely, but came {found}"


@pytest.mark.parametrize("kind", ["random", "replacement", "subset", "weighted"])
def test_same_seed_same_orders(kind: str) -> None:
    def orders(seed: int) -> list[list[int]]:
        draws = np.random.default_rng(seed)
        sampler = {
            "random": lambda: RandomSampler(range(30), generator=draws),
            "replacement": lambda: RandomSampler(range(30), replacement=True, generator=draws),
            "subset": lambda: SubsetRandomSampler(list(range(30)), draws),
            "weighted": lambda: WeightedRandomSampler([1.0] * 30, 30, generator=draws),
        }[kind]()
        return [list(sampler), list(sampler)]

    first = orders(7)
    assert orders(7) == first
    assert orders(8) != first
    assert first[0] != first[1], "a second epoch should have another order"


@pytest.mark.parametrize("kind", ["random", "replacement", "subset", "weighted"])
def test_without_a_generator_the_default_one_is_drawn_from_as_the_epoch_begins(kind: str) -> None:
    """When `iter` is called; not when the first index is asked for."""
    sampler = {
        "random": lambda: RandomSampler(range(30)),
        "replacement": lambda: RandomSampler(range(30), replacement=True),
        "subset": lambda: SubsetRandomSampler(list(range(30))),
        "weighted": lambda: WeightedRandomSampler([1.0] * 30, 30),
    }[kind]()
    manual_seed(5)
    expected = list(sampler)
    manual_seed(5)
    begun = iter(sampler)
    default_generator().random(10)
    assert list(begun) == expected
    manual_seed(6)
    assert list(sampler) != expected


@pytest.mark.parametrize("num_samples", [1, 3, 10, 14, 20, 33])
def test_more_or_fewer_samples_than_items(num_samples: int) -> None:
    sampler = RandomSampler(range(10), num_samples=num_samples, generator=np.random.default_rng(2))
    assert len(sampler) == sampler.num_samples == num_samples
    drawn = list(sampler)
    assert len(drawn) == num_samples
    for start in range(0, num_samples, 10):
        part = drawn[start : start + 10]
        assert len(set(part)) == len(part), f"{drawn}: every ten indices should be different"
        assert set(part) <= set(range(10))
    if num_samples == 33:
        assert drawn[:10] != drawn[10:20] or drawn[10:20] != drawn[20:30]


def test_with_replacement() -> None:
    draws = np.random.default_rng(3)
    sampler = RandomSampler(range(50), replacement=True, generator=draws)
    assert len(sampler) == 50
    drawn = list(sampler)
    assert len(drawn) == 50
    assert all(type(index) is int for index in drawn), "indices should be Python's whole numbers"
    assert len(set(drawn)) < 50, "of 50 draws from 50, some should be the same"
    many = list(RandomSampler(range(4), True, 4000, draws))
    assert len(many) == 4000
    # 1000 each are expected, with a standard deviation of 27.
    counts = [many.count(i) for i in range(4)]
    assert sum(counts) == 4000, "only indices of the dataset may be drawn"
    assert min(counts) > 800, f"each index should be equally likely, but they came {counts} times"


def test_a_subset_in_random_order() -> None:
    indices = [9, 2, 4, 30, 7, 5, 11, 0, 8, 21, 13, 17]
    sampler = SubsetRandomSampler(indices, np.random.default_rng(4))
    assert len(sampler) == 12
    epochs = [list(sampler) for _ in range(4)]
    assert all(sorted(epoch) == sorted(indices) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    assert list(SubsetRandomSampler([], np.random.default_rng(4))) == []


def test_nothing_to_draw_from(refused: Any) -> None:
    with refused(ValueError, "RandomSampler", "empty"):
        RandomSampler([])
    for number in (0, -3):
        with refused(ValueError, "RandomSampler", str(number)):
            RandomSampler(range(5), num_samples=number)
        with refused(ValueError, "WeightedRandomSampler", str(number)):
            WeightedRandomSampler([1.0, 2.0], number)


def test_a_generator_that_is_none(refused: Any) -> None:
    with refused(TypeError, "generator", "7"):
        RandomSampler(range(5), generator=7)


# By weights


def test_weights_are_probabilities_in_proportion() -> None:
    draws = np.random.default_rng(5)
    sampler = WeightedRandomSampler([0.0, 1.0, 3.0], 4000, generator=draws)
    assert len(sampler) == 4000
    drawn = list(sampler)
    assert len(drawn) == 4000
    assert drawn.count(0) == 0
    # 1000 are expected, with a standard deviation of 27.
    assert 800 < drawn.count(1) < 1200
    assert drawn.count(1) + drawn.count(2) == 4000


def test_weights_without_replacement() -> None:
    sampler = WeightedRandomSampler(
        [1.0, 0.0, 2.0, 3.0], 3, replacement=False, generator=np.random.default_rng(6)
    )
    assert all(sorted(sampler) == [0, 2, 3] for _ in range(20))


@pytest.mark.parametrize(
    ("weights", "replacement", "words"),
    [
        ([1.0, -2.0], True, ("negative",)),
        ([0.0, 0.0], True, ("0",)),
        ([1.0, float("nan")], True, ("finite",)),
        ([[1.0, 2.0]], True, ("(1, 2)",)),
        ([1.0, 0.0, 1.0], False, ("3", "2")),
    ],
    ids=["negative", "all-0", "nan", "2d", "too-many"],
)
def test_weights_that_are_no_probabilities(
    weights: Any, replacement: bool, words: tuple[str, ...], refused: Any
) -> None:
    with refused(ValueError, "WeightedRandomSampler", *words):
        WeightedRandomSampler(weights, 3, replacement)


# In batches


@given(st.integers(0, 40), st.integers(1, 12), st.booleans())
@settings(max_examples=60, deadline=None)
def test_batches_of_indices(total: int, size: int, drop_last: bool) -> None:
    sampler = BatchSampler(SequentialSampler(range(total)), size, drop_last)
    expected = [list(range(k, min(k + size, total))) for k in range(0, total, size)]
    if drop_last and total % size:
        expected.pop()
    assert list(sampler) == list(sampler) == expected
    assert len(sampler) == (total // size if drop_last else ceil(total / size))


def test_batches_of_any_iterable() -> None:
    assert list(BatchSampler([5, 3, 8, 1, 9], 2)) == [[5, 3], [8, 1], [9]]
    assert list(BatchSampler([5, 3, 8, 1, 9], 2, drop_last=True)) == [[5, 3], [8, 1]]


def test_batches_of_a_random_order() -> None:
    sampler = BatchSampler(RandomSampler(range(10), generator=np.random.default_rng(8)), 4, False)
    batches = list(sampler)
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert sorted(index for batch in batches for index in batch) == list(range(10))


def test_batches_that_are_too_small(refused: Any) -> None:
    for size in (0, -2):
        with refused(ValueError, "BatchSampler", str(size)):
            BatchSampler(range(5), size, False)
