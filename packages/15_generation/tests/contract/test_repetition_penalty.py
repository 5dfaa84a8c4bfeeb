"""Task 15.3: the repetition penalty, and which tokens have occurred."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation import occurrences, repetition_penalty


def test_by_hand() -> None:
    logits = np.array([[3.0, 3.0, -3.0, -3.0, 0.0]])
    seen = np.array([[True, False, True, False, True]])
    found = repetition_penalty(logits, seen, 1.5).tolist()
    assert found == [[2.0, 3.0, -4.5, -3.0, 0.0]], (
        f"3, 3, -3, -3, 0, of which the first, third and last have occurred, by 1.5: {found}"
    )


@pytest.mark.parametrize("shape", [(6,), (3, 6), (2, 3, 6), (0, 6)])
@pytest.mark.parametrize("penalty", [0.5, 1.0, 1.2, 3])
def test_only_what_has_occurred(shape: tuple[int, ...], penalty: float, assert_close: Any) -> None:
    draws = np.random.default_rng(0)
    logits, seen = draws.standard_normal(shape), draws.random(shape) < 0.5
    before = logits.copy(), seen.copy()
    expected = np.where(seen, np.minimum(logits / penalty, logits * penalty), logits)
    if penalty < 1:
        expected = np.where(seen, np.maximum(logits / penalty, logits * penalty), logits)
    found = repetition_penalty(logits, seen, penalty)
    assert_close(found, expected, f"repetition_penalty(logits {shape}, seen, {penalty})")
    for given, was in zip((logits, seen), before, strict=True):
        np.testing.assert_array_equal(given, was, err_msg="what was given was written to")


def test_what_was_removed_stays_removed() -> None:
    found = repetition_penalty(np.array([[-np.inf, 1.0]]), np.array([[True, False]]), 2.0)
    assert found.tolist() == [[-np.inf, 1.0]]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("penalty", [1.5, np.float64(1.5), 2])
def test_the_type_stays(dtype: str, penalty: Any) -> None:
    logits, seen = np.array([[1, -1]], dtype), np.array([[True, True]])
    assert repetition_penalty(logits, seen, penalty).dtype == dtype


@pytest.mark.parametrize("penalty", [0, -1.0, np.nan])
def test_what_is_no_penalty(penalty: float, refused: Any) -> None:
    with refused(ValueError, "repetition_penalty", str(penalty)):
        repetition_penalty(np.zeros((1, 3)), np.zeros((1, 3), bool), penalty)


def test_occurrences() -> None:
    found = occurrences([[1, 3, 1], [0], [4, 3, 2, 1, 0], []], 5)
    assert found.dtype == bool
    assert found.astype(int).tolist() == [
        [0, 1, 0, 1, 0],
        [1, 0, 0, 0, 0],
        [1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0],
    ]
    assert occurrences([], 5).shape == (0, 5)
