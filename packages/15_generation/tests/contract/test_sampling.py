"""Task 15.1: softmax, and a draw by the inverse of the cumulative distribution."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation import most_likely, probabilities, sample
from tinytorch.tensor import default_generator, manual_seed

INF = np.inf
SHAPES = [(5,), (1, 4), (3, 4), (2, 3, 4), (3, 1), (0, 4)]


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> Any:
    return (2 * np.random.default_rng(seed).standard_normal(shape)).astype(dtype)


# Softmax


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_probabilities(shape: tuple[int, ...], dtype: str, softmax: Any, assert_close: Any) -> None:
    logits = drawn(*shape, dtype=dtype)
    before = logits.copy()
    found = probabilities(logits)
    expected = softmax(logits) if logits.size else np.zeros(shape)
    assert_close(found, expected, f"probabilities of logits {shape}", dtype=dtype)
    np.testing.assert_array_equal(logits, before, err_msg="the logits were written to")


def test_what_cannot_be_has_a_probability_of_0(assert_close: Any) -> None:
    found = probabilities(np.array([[0.0, -INF, np.log(3.0)]]))
    assert_close(found, np.array([[0.25, 0.0, 0.75]]), "probabilities of 0, -inf, log 3")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("offset", [1e4, -1e4])
def test_large_logits(dtype: str, offset: float, assert_close: Any) -> None:
    """exp(10,000) is more than any number type holds."""
    logits = np.array([[offset, offset + 1]], dtype)
    e = np.exp(1.0)
    expected = np.array([[1 / (1 + e), e / (1 + e)]])
    assert_close(probabilities(logits), expected, f"probabilities of {logits}", dtype=dtype)


def test_rows_that_lie_apart_in_memory(softmax: Any, assert_close: Any) -> None:
    wide = drawn(6, 8)
    found = probabilities(wide[::2, ::-2])
    assert_close(found, softmax(wide[::2, ::-2]), "probabilities of every second row and column")


@pytest.mark.parametrize(
    "row", [[0.0, np.nan], [0.0, INF], [-INF, -INF]], ids=["nan", "inf", "nothing"]
)
@pytest.mark.parametrize("function", [probabilities, sample], ids=["probabilities", "sample"])
def test_rows_without_probabilities(function: Any, row: list[float], refused: Any) -> None:
    with refused(ValueError, "logits"):
        function(np.array([[0.0, 1.0], row]))


# Drawing

DISTRIBUTIONS = {
    "even": [0.25, 0.25, 0.25, 0.25],
    "uneven": [0.5, 0.03, 0.17, 0.3],
    "two of five": [0.0, 0.9, 0.0, 0.1, 0.0],
    "one": [0.0, 0.0, 1.0],
    "of one": [1.0],
}


def as_logits(shares: Any) -> Any:
    with np.errstate(divide="ignore"):
        return np.log(shares) + 3


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_many_rows_at_once(name: str, dtype: str, assert_drawn_from: Any) -> None:
    shares = np.array(DISTRIBUTIONS[name])
    logits = np.tile(as_logits(shares).astype(dtype), (20_000, 1))
    tokens = sample(logits, np.random.default_rng(1))
    assert tokens.shape == (20_000,), f"a token for each row is expected, not {tokens.shape}"
    assert tokens.dtype == np.int64, f"tokens are int64, not {tokens.dtype}"
    counts = np.bincount(tokens, minlength=len(shares))
    assert_drawn_from(counts, shares, f"sample of {name}, 20,000 rows")


def test_each_row_has_its_own_distribution(assert_drawn_from: Any) -> None:
    names = ["uneven", "even"]
    logits = np.tile([as_logits(DISTRIBUTIONS[name]) for name in names], (10_000, 1, 1))
    tokens = sample(logits, np.random.default_rng(2))
    assert tokens.shape == (10_000, 2), f"(10000, 2, 4) gives (10000, 2), not {tokens.shape}"
    for i, name in enumerate(names):
        counts = np.bincount(tokens[:, i], minlength=4)
        assert_drawn_from(counts, DISTRIBUTIONS[name], f"row {i} of {names}")


def test_rows_are_drawn_independently(assert_drawn_from: Any) -> None:
    """One number for all rows would give all rows the same token."""
    shares = np.array([0.5, 0.2, 0.3])
    tokens = sample(np.tile(as_logits(shares), (20_000, 2, 1)), np.random.default_rng(3))
    counts = np.bincount(3 * tokens[:, 0] + tokens[:, 1], minlength=9)
    assert_drawn_from(counts, np.outer(shares, shares).reshape(-1), "pairs of rows")


def test_one_call_after_another(assert_drawn_from: Any) -> None:
    shares, draws = np.array([0.6, 0.1, 0.3]), np.random.default_rng(4)
    logits = as_logits(shares)[np.newaxis].astype(np.float32)
    tokens = [int(sample(logits, draws)[0]) for _ in range(1000)]
    counts = np.bincount(tokens, minlength=3)
    assert_drawn_from(counts, shares, "1,000 calls for one row")


def test_a_token_of_small_probability_comes_now_and_then(assert_drawn_from: Any) -> None:
    """In float32 the sum of ten thousand probabilities has lost digits; the last token must not
    pay for it, nor the first ones gain."""
    logits = np.zeros((20_000, 500), np.float32)
    tokens = sample(logits, np.random.default_rng(5))
    counts = np.bincount(tokens, minlength=500).reshape(100, 5).sum(axis=1)
    assert_drawn_from(counts, np.full(100, 0.01), "500 tokens alike, counted in hundreds of parts")


def test_the_same_generator_gives_the_same_tokens() -> None:
    logits = np.zeros((50, 100))
    first, again = (sample(logits, np.random.default_rng(7)).tolist() for _ in range(2))
    assert first == again, "the same seed should give the same tokens"
    other = sample(logits, np.random.default_rng(8)).tolist()
    assert first != other, "another seed should give other tokens"


def test_without_a_generator_the_default_one_is_used() -> None:
    logits = np.zeros((50, 100))
    manual_seed(3)
    first = sample(logits).tolist()
    assert sample(logits).tolist() != first, "a second call should draw anew"
    manual_seed(3)
    assert sample(logits).tolist() == first, "manual_seed(3) should give the same tokens again"
    manual_seed(3)
    assert sample(logits, default_generator()).tolist() == first


@pytest.mark.parametrize("shape", [(4,), (1, 4), (2, 3, 4), (0, 4)])
def test_shapes(shape: tuple[int, ...]) -> None:
    found = np.asarray(sample(drawn(*shape), np.random.default_rng(0)))
    assert found.shape == shape[:-1], f"logits {shape} should give {shape[:-1]}, not {found.shape}"
    assert ((found >= 0) & (found < 4)).all()


def test_logits_are_left_alone() -> None:
    logits = drawn(3, 4)
    before = logits.copy()
    sample(logits, np.random.default_rng(0))
    np.testing.assert_array_equal(logits, before, err_msg="the logits were written to")


def test_the_most_likely() -> None:
    found = most_likely(np.array([[0.0, 2.0, 1.0], [3.0, -INF, 3.0]]))
    assert found.tolist() == [1, 0]
