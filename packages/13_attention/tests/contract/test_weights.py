"""Task 13.1: how much a query takes of each value, in operations on tensors."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.attention import attention_weights, composed_attention
from tinytorch.attention.weights import masked_softmax, scores_of
from tinytorch.tensor import Tensor

SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((4, 3), (4, 3)),
    ((2, 3), (5, 3)),
    ((1, 3), (1, 3)),
    ((4, 1), (3, 1)),
    ((2, 4, 3), (2, 5, 3)),
    ((2, 3, 4, 5), (2, 3, 6, 5)),
    ((2, 3, 4, 5), (6, 5)),
]


@pytest.mark.parametrize(("query", "key"), SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scores(
    query: tuple[int, ...], key: tuple[int, ...], dtype: str, drawn: Any, assert_close: Any
) -> None:
    q, k = drawn(*query, dtype=dtype), drawn(*key, seed=1, dtype=dtype)
    found = scores_of(Tensor(q), Tensor(k), 0.3)
    expected = 0.3 * np.einsum("...ld,...sd->...ls", q, k)
    assert_close(found, expected.astype(dtype), f"scores of {query} and {key}, scale 0.3")


def test_scores_by_hand(assert_close: Any) -> None:
    q, k = Tensor(np.array([[1.0, 2.0]])), Tensor(np.array([[3.0, 4.0], [10.0, -1.0]]))
    assert_close(scores_of(q, k, 2.0), np.array([[22.0, 16.0]]), "query 1, 2; scale 2")


def test_softmax_of_what_is_not_hidden(assert_close: Any) -> None:
    scores = Tensor(np.log(np.array([[1.0, 2.0, 5.0], [1.0, 2.0, 5.0]])))
    hidden = Tensor(np.array([[False, False, True], [False, False, False]]))
    expected = np.array([[1 / 3, 2 / 3, 0.0], [0.125, 0.25, 0.625]])
    assert_close(masked_softmax(scores, hidden), expected, "log 1, 2, 5; the 5 hidden in one row")
    assert_close(masked_softmax(scores, None), expected[[1, 1]], "nothing hidden")


def test_a_hidden_score_has_no_say(assert_close: Any) -> None:
    for hidden_score in (1e30, -1e30, np.inf, -np.inf):
        scores = Tensor(np.array([[0.0, hidden_score, 0.0]]))
        found = masked_softmax(scores, Tensor(np.array([[False, True, False]])))
        assert_close(found, np.array([[0.5, 0.0, 0.5]]), f"a hidden score of {hidden_score}")


def test_a_row_that_is_all_hidden_is_zeros(assert_close: Any) -> None:
    scores, hidden = Tensor(np.array([[1.0, 2.0], [0.0, 0.0]])), Tensor(np.array([[True], [False]]))
    expected = np.array([[0.0, 0.0], [0.5, 0.5]])
    assert_close(masked_softmax(scores, hidden), expected, "the first row all hidden")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_scores_do_not_overflow(dtype: str, assert_close: Any) -> None:
    scores = Tensor(np.array([[1e4, 1e4, -1e4], [-2e4, -1e4, -1e4]], dtype))
    expected = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]], dtype)
    assert_close(masked_softmax(scores, None), expected, "scores of ±10,000")
    hidden = Tensor(np.array([False, True, False]))
    expected = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype)
    assert_close(masked_softmax(scores, hidden), expected, "the same, the middle hidden")


@pytest.mark.parametrize(("query", "key"), SHAPES)
def test_weights(
    query: tuple[int, ...], key: tuple[int, ...], drawn: Any, weights_of: Any, assert_close: Any
) -> None:
    q, k = drawn(*query), drawn(*key, seed=1)
    found = attention_weights(Tensor(q), Tensor(k))
    assert_close(found, weights_of(q, k), f"weights of query {query} and key {key}")
    found = attention_weights(Tensor(q), Tensor(k), scale=2.0)
    assert_close(found, weights_of(q, k, scale=2.0), "with scale=2")


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(0, 99))
def test_rows_are_distributions(length: int, total: int, features: int, seed: int) -> None:
    draws = np.random.default_rng(seed)
    q, k = draws.standard_normal((length, features)), draws.standard_normal((total, features))
    allowed = draws.random((length, total)) < 0.7
    found = attention_weights(Tensor(q), Tensor(k), Tensor(allowed)).numpy()
    tried = f"weights of {length} queries and {total} keys"
    assert (found >= 0).all(), tried
    np.testing.assert_array_equal(found[~allowed], 0.0, err_msg=f"{tried}: hidden keys")
    np.testing.assert_allclose(found.sum(-1), allowed.any(-1), atol=1e-12, err_msg=tried)


def test_weights_with_masks(drawn: Any, weights_of: Any, assert_close: Any) -> None:
    q, k = drawn(2, 3, 4, 5), drawn(2, 3, 6, 5, seed=1)
    allowed = np.random.default_rng(2).random((2, 1, 4, 6)) < 0.5
    found = attention_weights(Tensor(q), Tensor(k), Tensor(allowed))
    assert_close(found, weights_of(q, k, allowed), "a boolean mask (2, 1, 4, 6)")
    bias = drawn(4, 6, seed=3)
    found = attention_weights(Tensor(q), Tensor(k), Tensor(bias))
    assert_close(found, weights_of(q, k, bias=bias), "a floating mask (4, 6)")
    bias[1] = -np.inf
    bias[2, 3] = -np.inf
    found = attention_weights(Tensor(q), Tensor(k), Tensor(bias))
    assert_close(found, weights_of(q, k, bias=bias), "a floating mask with −∞, in one row only")


@pytest.mark.parametrize(("query", "key"), SHAPES)
def test_attention(
    query: tuple[int, ...], key: tuple[int, ...], drawn: Any, attended: Any, assert_close: Any
) -> None:
    q, k, v = drawn(*query), drawn(*key, seed=1), drawn(*key[:-1], 7, seed=2)
    found = composed_attention(Tensor(q), Tensor(k), Tensor(v))
    assert_close(found, attended(q, k, v), f"query {query}, key {key}")


def test_dropout_is_called_with_the_weights(drawn: Any, weights_of: Any, assert_close: Any) -> None:
    q, k, v = drawn(4, 3), drawn(5, 3, seed=1), drawn(5, 2, seed=2)
    given: list[Tensor] = []

    def double(weights: Tensor) -> Tensor:
        given.append(weights)
        return weights * 2

    found = composed_attention(Tensor(q), Tensor(k), Tensor(v), dropout=double)
    assert_close(given[0], weights_of(q, k), "what dropout was called with")
    assert_close(found, 2 * weights_of(q, k) @ v, "with a dropout that doubles")


def test_float16_is_worked_on_in_float32(drawn: Any, attended: Any, assert_close: Any) -> None:
    q = np.full((1, 64), 100, np.float16)
    k = np.concatenate([q, q, -q])
    v = np.array([[1, 2], [3, 6], [5, 5]], np.float16)
    found = composed_attention(Tensor(q), Tensor(k), Tensor(v), scale=1.0)
    expected = np.array([[2, 4]], np.float16)
    assert_close(found, expected, "float16, with scores of ±640,000, beyond its reach")
    half = [drawn(*shape, dtype="float16") for shape in ((4, 8), (5, 8), (5, 3))]
    found = composed_attention(*map(Tensor, half))
    assert_close(found, attended(*half).astype(np.float16), "float16")


def test_where_there_is_nothing() -> None:
    for length, total in ((0, 3), (3, 0), (0, 0)):
        found = composed_attention(
            Tensor(np.ones((2, length, 4))),
            Tensor(np.ones((2, total, 4))),
            Tensor(np.ones((2, total, 5))),
        )
        assert found.shape == (2, length, 5), f"{length} queries and {total} keys"
        assert not found.numpy().any()
