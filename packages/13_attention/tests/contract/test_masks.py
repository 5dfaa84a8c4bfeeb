"""Task 13.2: who may look at whom."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.attention import (
    causal_mask,
    composed_attention,
    padding_mask,
    sliding_window_mask,
)
from tinytorch.tensor import Tensor, tensor

T, F = True, False


def assert_mask(found: Any, expected: Any, tried: str) -> None:
    assert isinstance(found, Tensor), f"{tried} gave a {type(found).__name__}, not a tensor"
    values = found.numpy()
    told = f"{tried}\n  gave {values.tolist()}\n  expected {np.asarray(expected).tolist()}"
    assert values.dtype == bool, told
    assert values.shape == np.shape(expected), told
    assert (values == expected).all(), told


def test_nobody_looks_ahead() -> None:
    expected = [[T, F, F], [T, T, F], [T, T, T]]
    assert_mask(causal_mask(3), expected, "causal_mask(3)")
    assert_mask(causal_mask(3, 3), expected, "causal_mask(3, 3)")


def test_the_last_query_is_the_last_key() -> None:
    assert_mask(causal_mask(2, 4), [[T, T, T, F], [T, T, T, T]], "causal_mask(2, 4)")
    assert_mask(causal_mask(1, 3), [[T, T, T]], "causal_mask(1, 3)")


def test_fewer_keys_than_queries() -> None:
    assert_mask(causal_mask(3, 2), [[T, F], [T, T], [T, T]], "causal_mask(3, 2)")


@pytest.mark.parametrize(("length", "total"), [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_small_ones(length: int, total: int, behind: Any) -> None:
    tried = f"causal_mask({length}, {total})"
    assert_mask(causal_mask(length, total), behind(length, total), tried)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(0, 7), st.integers(0, 7), st.integers(1, 9))
def test_any_size(length: int, more: int, window: int) -> None:
    total = length + more
    expected = [[j <= i + more for j in range(total)] for i in range(length)]
    expected = np.array(expected, bool).reshape(length, total)
    assert_mask(causal_mask(length, total), expected, f"causal_mask({length}, {total})")
    expected = [[i - window < j <= i for j in range(length)] for i in range(length)]
    expected = np.array(expected, bool).reshape(length, length)
    tried = f"sliding_window_mask({length}, {window})"
    assert_mask(sliding_window_mask(length, window), expected, tried)


def test_a_window() -> None:
    expected = [[T, F, F, F], [T, T, F, F], [F, T, T, F], [F, F, T, T]]
    assert_mask(sliding_window_mask(4, 2), expected, "sliding_window_mask(4, 2)")
    assert_mask(sliding_window_mask(3, 1), np.eye(3, dtype=bool), "sliding_window_mask(3, 1)")


@pytest.mark.parametrize("window", [0, -1])
def test_a_window_of_nothing(window: int, refused: Any) -> None:
    with refused(ValueError, "sliding_window_mask", f"window={window}"):
        sliding_window_mask(3, window)


@pytest.mark.parametrize("form", ["list", "tuple", "tensor", "array"])
def test_padding(form: str) -> None:
    lengths: Any = [3, 0, 1, 2]
    if form != "list":
        lengths = {"tuple": tuple, "tensor": tensor, "array": np.array}[form](lengths)
    expected = [[F, F, F], [T, T, T], [F, T, T], [F, F, T]]
    assert_mask(padding_mask(lengths, 3), expected, f"padding_mask([3, 0, 1, 2], 3), a {form}")


def test_padding_of_no_sequence() -> None:
    assert_mask(padding_mask([], 3), np.zeros((0, 3), bool), "padding_mask([], 3)")


@pytest.mark.parametrize("lengths", [[2, 4], [-1, 2]])
def test_lengths_that_do_not_fit(lengths: list[int], refused: Any) -> None:
    with refused(ValueError, "padding_mask", str(lengths[0]), str(lengths[1]), "3"):
        padding_mask(lengths, 3)


def test_lengths_of_two_dimensions(refused: Any) -> None:
    with refused(ValueError, "padding_mask", "(1, 2)"):
        padding_mask(np.array([[1, 2]]), 3)  # type: ignore[arg-type]


def test_attention_that_does_not_look_ahead(
    drawn: Any, attended: Any, behind: Any, assert_close: Any
) -> None:
    for length, total in ((4, 4), (2, 5), (5, 2), (1, 3)):
        q, k, v = drawn(length, 3), drawn(total, 3, seed=1), drawn(total, 2, seed=2)
        found = composed_attention(Tensor(q), Tensor(k), Tensor(v), is_causal=True)
        tried = f"{length} queries and {total} keys, is_causal=True"
        assert_close(found, attended(q, k, v, behind(length, total)), tried)
        found = composed_attention(Tensor(q), Tensor(k), Tensor(v), causal_mask(length, total))
        assert_close(found, attended(q, k, v, behind(length, total)), f"{tried}, as a mask")


def test_what_is_ahead_and_what_is_masked(
    drawn: Any, attended: Any, behind: Any, assert_close: Any
) -> None:
    q, k, v = drawn(2, 4, 3), drawn(2, 4, 3, seed=1), drawn(2, 4, 2, seed=2)
    allowed = ~padding_mask([4, 2], 4)[:, None, :]
    expected = attended(q, k, v, allowed.numpy() & behind(4, 4))
    found = composed_attention(Tensor(q), Tensor(k), Tensor(v), allowed, is_causal=True)
    assert_close(found, expected, "padding and is_causal=True")
    bias = drawn(4, 4, seed=3)
    found = composed_attention(Tensor(q), Tensor(k), Tensor(v), Tensor(bias), is_causal=True)
    assert_close(found, attended(q, k, v, behind(4, 4), bias), "a floating mask and is_causal=True")
