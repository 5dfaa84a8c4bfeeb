"""Task 15.2: min-p."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.generation import min_p

INF = np.inf


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 9), st.floats(0.01, 0.99), st.integers(0, 99))
def test_what_is_likely_beside_the_likeliest(rows: int, vocab: int, p: float, seed: int) -> None:
    """A draw within rounding of the border, one in 10¹², would be decided by it."""
    logits = 2 * np.random.default_rng(seed).standard_normal((rows, vocab)) + 30
    before = logits.copy()
    shares = np.exp(before - 30)
    expected = np.where(shares >= p * shares.max(axis=-1, keepdims=True), before, -INF)
    found = min_p(logits, p)
    np.testing.assert_array_equal(found, expected, err_msg=f"min_p of {before}, p={p}")
    np.testing.assert_array_equal(logits, before, err_msg="the logits were written to")


@pytest.mark.parametrize(("p", "kept"), [(0.05, [0, 1, 2, 3]), (0.2, [1, 2, 3]), (0.59, [1, 3])])
def test_by_hand(p: float, kept: list[int]) -> None:
    found = min_p(np.log(np.array([[0.05, 0.5, 0.15, 0.3]])), p)
    assert np.flatnonzero(found[0] > -INF).tolist() == kept, f"min_p({p}) keeps {found > -INF}"


def test_with_p_1_only_the_likeliest_stays() -> None:
    assert min_p(np.array([[1.0, 3.0, 2.0]]), 1.0).tolist() == [[-INF, 3, -INF]]


@pytest.mark.parametrize("shape", [(5,), (2, 3, 5), (0, 5)])
def test_any_leading_dimensions(shape: tuple[int, ...]) -> None:
    assert min_p(np.zeros(shape), 0.5).tolist() == np.zeros(shape).tolist()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [0.5, np.float64(0.5), 1])
def test_the_type_stays(dtype: str, p: Any) -> None:
    assert min_p(np.array([[1, 2, 3]], dtype), p).dtype == dtype


@pytest.mark.parametrize("p", [0, -0.1, 1.1, np.nan])
def test_what_is_no_share(p: float, refused: Any) -> None:
    with refused(ValueError, "min_p", str(p)):
        min_p(np.zeros((1, 3)), p)
