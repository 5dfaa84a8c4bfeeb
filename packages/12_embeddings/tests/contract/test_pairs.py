"""Task 12.2: counting and merging pairs."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings.pairs import count_pairs, merge_pair, most_frequent

Pair = tuple[int, int]


def test_counting_by_hand() -> None:
    words = {(7, 8, 9): 2, (8, 9): 10, (4,): 5, (9, 8): 1}
    found = dict(count_pairs(words))
    assert found == {(7, 8): 2, (8, 9): 12, (9, 8): 1}, f"count_pairs({words}) gave {found}"


def test_overlapping_pairs_count_each() -> None:
    found = dict(count_pairs({(5, 5, 5): 3}))
    assert found == {(5, 5): 6}, f"5, 5, 5 holds (5, 5) twice, and occurs 3 times: {found}"


def test_nothing_to_count() -> None:
    assert dict(count_pairs({})) == {}
    assert dict(count_pairs({(): 3, (1,): 2})) == {}


def test_the_words_are_left_alone() -> None:
    words = {(1, 2, 3): 2, (2, 3): 1}
    count_pairs(words)
    assert words == {(1, 2, 3): 2, (2, 3): 1}


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.lists(st.integers(0, 3), max_size=8).map(tuple), st.integers(1, 9), max_size=6
    )
)
def test_any_words(words: dict[tuple[int, ...], int]) -> None:
    expected: Counter[Pair] = Counter()
    for word, times in words.items():
        for i in range(len(word) - 1):
            expected[word[i], word[i + 1]] += times
    assert dict(count_pairs(words)) == dict(expected)


def test_the_most_frequent() -> None:
    assert most_frequent({(1, 2): 3, (5, 1): 7, (0, 0): 6}) == (5, 1)
    assert most_frequent({(9, 9): 1}) == (9, 9)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({(2, 1): 4, (1, 9): 4, (3, 0): 4}, (1, 9)),
        ({(1, 9): 4, (1, 2): 4, (0, 5): 3}, (1, 2)),
        ({(100, 3): 4, (20, 3): 4}, (20, 3)),
    ],
)
def test_of_equally_frequent_pairs_the_smallest(counts: dict[Pair, int], expected: Pair) -> None:
    for order in (counts, dict(reversed(counts.items()))):
        found = most_frequent(order)
        assert found == expected, f"most_frequent({order}) gave {found}, expected {expected}"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ([], []),
        ([1], [1]),
        ([2], [2]),
        ([1, 2], [9]),
        ([2, 1], [2, 1]),
        ([1, 2, 1, 2], [9, 9]),
        ([1, 1, 2, 2], [1, 9, 2]),
        ([0, 1, 2], [0, 9]),
        ([1, 2, 0], [9, 0]),
        ([1, 2, 1], [9, 1]),
        ([1, 3, 1, 2], [1, 3, 9]),
        ([3, 2, 1, 3, 2], [3, 2, 1, 3, 2]),
    ],
)
def test_merging_by_hand(word: list[int], expected: list[int]) -> None:
    found = list(merge_pair(word, (1, 2), 9))
    assert found == expected, f"merge_pair({word}, (1, 2), 9) gave {found}, expected {expected}"
    assert list(merge_pair(tuple(word), (1, 2), 9)) == expected, "for a tuple"


@pytest.mark.parametrize("length", range(8))
def test_a_pair_of_two_that_are_the_same(length: int) -> None:
    """From left to right: what was taken for one occurrence is gone for the next."""
    found = list(merge_pair([5] * length, (5, 5), 6))
    expected = [6] * (length // 2) + [5] * (length % 2)
    assert found == expected, f"(5, 5) merged in {[5] * length} gave {found}"


def test_what_was_made_is_not_looked_at_again() -> None:
    assert list(merge_pair([1, 2, 2], (1, 2), 1)) == [1, 2]


def test_the_word_is_left_alone() -> None:
    word = [1, 2, 3]
    assert list(merge_pair(word, (1, 2), 9)) == [9, 3]
    assert word == [1, 2, 3]


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.integers(0, 30), st.integers(0, 999))
def test_any_word(length: int, seed: int) -> None:
    """As text, in which str.replace works from left to right, too."""
    word = np.random.default_rng(seed).integers(0, 3, length).tolist()
    found = list(merge_pair(word, (0, 1), 7))
    expected = [int(c) for c in "".join(map(str, word)).replace("01", "7")]
    assert found == expected, f"merge_pair({word}, (0, 1), 7)"


def test_large_ids_are_compared_by_value() -> None:
    """Equal numbers beyond 256 need not be one object in Python."""
    word: Any = [int(text) for text in ("70000", "80000", "70000")]
    assert list(merge_pair(word, (70000, 80000), 90000)) == [90000, 70000]
