"""Task 15.2: top-p, the nucleus."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.generation import top_p

INF = np.inf


def as_logits(*shares: float) -> Any:
    return np.log(np.array([shares]))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 9), st.floats(0.01, 0.99), st.integers(0, 99))
def test_the_nucleus_of_each_row(rows: int, vocab: int, p: float, seed: int) -> None:
    """A draw in which a sum lies within rounding of p, one in 10¹², would be decided by it."""
    logits = 2 * np.random.default_rng(seed).standard_normal((rows, vocab))
    before = logits.copy()
    shares = np.exp(before) / np.exp(before).sum(axis=-1, keepdims=True)
    expected = before.copy()
    for row, out in zip(shares, expected, strict=True):
        for token, share in enumerate(row):
            if row[row > share].sum() >= p:
                out[token] = -INF
    found = top_p(logits, p)
    np.testing.assert_array_equal(found, expected, err_msg=f"top_p of {before}, p={p}")
    np.testing.assert_array_equal(logits, before, err_msg="the logits were written to")


@pytest.mark.parametrize(
    ("p", "kept"),
    [(0.01, [1]), (0.49, [1]), (0.51, [1, 3]), (0.79, [1, 3]), (0.81, [1, 2, 3])],
)
def test_by_hand(p: float, kept: list[int]) -> None:
    logits = as_logits(0.05, 0.5, 0.15, 0.3) + 7
    found = top_p(logits, p)
    tried = f"top_p({p}) of 0.05, 0.5, 0.15, 0.3"
    assert np.flatnonzero(found[0] > -INF).tolist() == kept, f"{tried} keeps {found > -INF}"
    np.testing.assert_array_equal(found[0, kept], logits[0, kept], err_msg=tried)


def test_with_p_1_all_stays() -> None:
    logits = np.array([[0.0, -60.0, 30.0]], np.float32)
    assert top_p(logits, 1.0).tolist() == logits.tolist()


def test_the_likeliest_always_stays() -> None:
    found = top_p(np.array([[0.0, 50.0, 1.0], [5.0, 0.0, 0.0]]), 1e-9)
    assert (found > -INF).tolist() == [[False, True, False], [True, False, False]]


def test_of_equals_all_or_none_are_kept() -> None:
    logits = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 3.0, 0.0], [9.0, 1.0, 1.0, 1.0]])
    kept = (top_p(logits, 0.6) > -INF).astype(int).tolist()
    assert kept == [[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 0, 0]], f"top_p(0.6) of {logits}: {kept}"


def test_what_was_removed_stays_removed() -> None:
    found = top_p(np.array([[0.0, -INF, 0.5]]), 0.99)
    assert found.tolist() == [[0.0, -INF, 0.5]]


def test_many_tokens_in_float32() -> None:
    """The probabilities of 200,000 tokens, summed in float32 one by one, are off by what a hundred
    of them hold. (In float64 two of them are lost, where the probabilities are rounded.)"""
    logits = np.linspace(0, -0.01, 200_000, dtype=np.float32)
    shares = np.exp(logits.astype(np.float64))
    expected = int((np.cumsum(shares) < 0.75 * shares.sum()).sum()) + 1
    kept = int((top_p(logits, 0.75) > -INF).sum())
    assert abs(kept - expected) <= 20, f"0.75 of the probability is {expected} tokens, not {kept}"


@pytest.mark.parametrize("shape", [(5,), (2, 3, 5), (0, 5)])
def test_any_leading_dimensions(shape: tuple[int, ...]) -> None:
    logits = np.log(np.broadcast_to([0.1, 0.3, 0.15, 0.2, 0.25], shape))
    found = top_p(logits, 0.5)
    assert found.shape == shape
    assert ((found > -INF) == [False, True, False, False, True]).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [0.5, np.float64(0.5), 1])
def test_the_type_stays(dtype: str, p: Any) -> None:
    assert top_p(np.array([[1, 2, 3]], dtype), p).dtype == dtype


@pytest.mark.parametrize("p", [0, -0.1, 1.1, np.nan])
def test_what_is_no_share(p: float, refused: Any) -> None:
    with refused(ValueError, "top_p", str(p)):
        top_p(np.zeros((1, 3)), p)
