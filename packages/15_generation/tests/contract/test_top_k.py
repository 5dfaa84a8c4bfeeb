"""Task 15.2: top-k."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.generation import top_k

INF = np.inf


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 12), st.integers(0, 99))
def test_the_k_largest_of_each_row(rows: int, vocab: int, k: int, seed: int) -> None:
    logits = np.random.default_rng(seed).standard_normal((rows, vocab))
    before = logits.copy()
    expected = np.full_like(logits, -INF)
    for row, out in zip(before, expected, strict=True):
        chosen = np.argsort(row)[::-1][:k]
        out[chosen] = row[chosen]
    found = top_k(logits, k)
    np.testing.assert_array_equal(found, expected, err_msg=f"top_k of {before}, k={k}")
    np.testing.assert_array_equal(logits, before, err_msg="the logits were written to")


@pytest.mark.parametrize("k", [1, 3, 50, 400])
def test_a_large_vocabulary(k: int) -> None:
    logits = np.random.default_rng(0).standard_normal((3, 500))
    expected = logits >= np.sort(logits, axis=-1)[:, -k, np.newaxis]
    assert ((top_k(logits, k) > -INF) == expected).all(), f"the {k} largest of 500"


def test_by_hand() -> None:
    found = top_k(np.array([[3.0, 1.0, 2.0, 0.0], [-4.0, -3.0, -2.0, -1.0]]), 2)
    assert found.tolist() == [[3, -INF, 2, -INF], [-INF, -INF, -2, -1]]


def test_what_is_as_large_as_the_last_is_kept() -> None:
    assert top_k(np.array([[1.0, 2.0, 1.0, 0.0]]), 2).tolist() == [[1, 2, 1, -INF]]


def test_what_was_removed_stays_removed() -> None:
    assert top_k(np.array([[1.0, -INF, -INF, 0.0]]), 3).tolist() == [[1, -INF, -INF, 0]]


@pytest.mark.parametrize("k", [3, 4, 1000])
def test_k_beyond_the_vocabulary(k: int) -> None:
    assert top_k(np.array([[1.0, 3.0, 2.0]]), k).tolist() == [[1, 3, 2]]


@pytest.mark.parametrize("shape", [(5,), (2, 3, 5), (0, 5)])
def test_any_leading_dimensions(shape: tuple[int, ...]) -> None:
    logits = np.random.default_rng(0).standard_normal(shape)
    found = top_k(logits, 2)
    assert found.shape == shape
    kept = (found > -INF).sum(axis=-1)
    assert (kept == 2).all(), f"of logits {shape} top_k 2 keeps {kept}"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("k", [1, 3])
def test_the_type_stays(dtype: str, k: int) -> None:
    assert top_k(np.array([[1, 2, 3]], dtype), k).dtype == dtype


@pytest.mark.parametrize("k", [0, -1])
def test_what_is_no_k(k: int, refused: Any) -> None:
    with refused(ValueError, "top_k", str(k)):
        top_k(np.zeros((1, 3)), k)
