"""Task 7.2: splitting a dataset at random."""

from math import floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.dataloader import Subset, random_split
from tinytorch.tensor import manual_seed


def items(part: Any) -> list[int]:
    return [part[i] for i in range(len(part))]


@pytest.mark.parametrize(
    ("total", "lengths", "expected"),
    [
        (10, [7, 3], [7, 3]),
        (10, [10], [10]),
        (10, [0, 10, 0], [0, 10, 0]),
        (10, [0.7, 0.3], [7, 3]),
        (10, [0.5, 0.25, 0.25], [6, 2, 2]),
        (11, [0.25, 0.25, 0.5], [3, 3, 5]),
        (3, [0.2, 0.2, 0.2, 0.2, 0.2], [1, 1, 1, 0, 0]),
        (10, [1.0], [10]),
        (1, [0.4, 0.6], [1, 0]),
        (0, [0.4, 0.6], [0, 0]),
        (0, [0, 0], [0, 0]),
        (7, (0.1, 0.9), [1, 6]),
        (100, [0.29, 0.71], [29, 71]),  # 0.29 · 100 is 28.999999999999996
    ],
)
def test_how_many_items_each_part_has(total: int, lengths: Any, expected: list[int]) -> None:
    parts = random_split(list(range(total)), lengths)
    assert [len(part) for part in parts] == expected
    assert all(isinstance(part, Subset) for part in parts)
    assert sorted(item for part in parts for item in items(part)) == list(range(total))


@given(st.integers(0, 60), st.lists(st.integers(1, 9), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_fractions_cut_off_and_dealt_out(total: int, shares: list[int]) -> None:
    fractions = [share / sum(shares) for share in shares]
    expected = [floor(total * fraction) for fraction in fractions]
    for place in range(total - sum(expected)):
        expected[place % len(expected)] += 1
    parts = random_split(list(range(total)), fractions)
    assert [len(part) for part in parts] == expected
    assert sorted(item for part in parts for item in items(part)) == list(range(total))


def test_the_same_generator_gives_the_same_split() -> None:
    first, again = (
        [items(part) for part in random_split(range(40), [30, 10], np.random.default_rng(3))]
        for _ in range(2)
    )
    other = [items(part) for part in random_split(range(40), [30, 10], np.random.default_rng(4))]
    assert first == again
    assert first != other, "another seed should give another split"


def test_without_a_generator_the_default_one_is_drawn_from() -> None:
    manual_seed(5)
    first, second = (items(random_split(range(40), [40])[0]) for _ in range(2))
    manual_seed(5)
    assert items(random_split(range(40), [40])[0]) == first
    assert first != second, "a second split should be another one"


def test_any_item_can_come_anywhere() -> None:
    draws = np.random.default_rng(0)
    splits = [items(random_split(range(3), [1, 2], draws)[0])[0] for _ in range(300)]
    assert set(splits) == {0, 1, 2}  # one is missing in a draw of 10⁻⁵²


@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ([7, 2], ("random_split", "9", "10")),
        ([11], ("random_split", "11", "10")),
        ([-1, 11], ("random_split", "-1")),
        ([0.5, 0.4], ("random_split", "0.9", "10")),
        ([2.5, 7.5], ("random_split", "2.5")),
        ([], ("random_split", "10")),
    ],
    ids=["too-few", "too-many", "negative", "fractions", "no-whole-numbers", "none"],
)
def test_lengths_that_do_not_add_up(lengths: Any, words: tuple[str, ...], refused: Any) -> None:
    with refused(ValueError, *words):
        random_split(list(range(10)), lengths)
