"""Task 15.3: all rules in a row."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation import Sampler

INF = np.inf
LOGITS = np.log([[0.4, 0.3, 0.2, 0.1]])


def kept(logits: Any) -> list[int]:
    return np.flatnonzero(logits[0] > -INF).tolist()


def test_without_rules_logits_stay(assert_close: Any) -> None:
    assert_close(Sampler().adjusted(LOGITS), LOGITS, "Sampler() without any rule")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"top_k": 3}, [0, 1, 2]),
        ({"top_p": 0.65}, [0, 1]),
        ({"min_p": 0.45}, [0, 1, 2]),
        ({"top_k": 3, "top_p": 0.65}, [0, 1]),
        ({"top_k": 1, "min_p": 0.1}, [0]),
        ({"top_k": 4, "min_p": 0.6}, [0, 1]),
    ],
    ids=str,
)
def test_what_each_rule_keeps(rules: dict[str, Any], expected: list[int]) -> None:
    assert kept(Sampler(**rules).adjusted(LOGITS)) == expected


def test_temperature_comes_before_the_rules_that_remove(softmax: Any) -> None:
    """Cold, the first token alone holds 0.65 of the probability; min-p sees it as cold, too."""
    assert softmax(LOGITS / 0.2)[0, 0] > 0.65
    assert kept(Sampler(temperature=0.2, top_p=0.65).adjusted(LOGITS)) == [0]
    assert kept(Sampler(temperature=0.2, min_p=0.3).adjusted(LOGITS)) == [0]
    hot = Sampler(temperature=10.0, top_p=0.65).adjusted(LOGITS)
    assert kept(hot) == [0, 1, 2]
    np.testing.assert_allclose(hot[0, :3], LOGITS[0, :3] / 10)


def test_top_k_comes_before_top_p() -> None:
    """Of the first two, the first holds 4/7: more than 0.5. Of all four it holds 0.4."""
    assert kept(Sampler(top_p=0.5).adjusted(LOGITS)) == [0, 1]
    assert kept(Sampler(top_k=2, top_p=0.5).adjusted(LOGITS)) == [0]


def test_the_penalty_comes_first(assert_close: Any) -> None:
    logits, seen = np.array([[4.0, 3.0, 2.0]]), np.array([[True, False, False]])
    found = Sampler(repetition_penalty=2.0, top_k=1).adjusted(logits, seen)
    assert kept(found) == [1], "the first token has occurred, so that the second is the largest"
    found = Sampler(repetition_penalty=2.0, temperature=0.5).adjusted(logits, seen)
    assert_close(found, np.array([[4.0, 6.0, 4.0]]), "penalty 2, then temperature 0.5")


def test_a_penalty_without_anything_that_has_occurred() -> None:
    assert Sampler(repetition_penalty=2.0).adjusted(LOGITS).tolist() == LOGITS.tolist()


@pytest.mark.parametrize("rules", [{"greedy": True}, {"temperature": 0.0}], ids=str)
def test_the_most_likely(rules: dict[str, Any]) -> None:
    logits, seen = (
        np.array([[1.0, 4.0, 3.0], [9.0, 8.0, 0.0]]),
        np.array([[False, True, False]] * 2),
    )
    assert Sampler(**rules)(logits).tolist() == [1, 0]
    found = Sampler(**rules, repetition_penalty=2.0)(logits, seen).tolist()
    assert found == [2, 0], f"4 has occurred and becomes 2, less than 3: 2 and 0, not {found}"
    for more in ({"top_k": 2}, {"top_p": 0.1}, {"min_p": 0.9}):
        assert Sampler(**rules, **more)(logits).tolist() == [1, 0]


def test_greedy_takes_the_most_likely_whatever_the_temperature() -> None:
    assert Sampler(temperature=100.0, greedy=True)(np.array([[1.0, 1.1, 1.0]])).tolist() == [1]


def test_draws_are_from_what_is_left(softmax: Any, assert_drawn_from: Any) -> None:
    sampler = Sampler(temperature=0.5, top_k=3)
    logits = np.tile(LOGITS, (20_000, 1))
    counts = np.bincount(sampler(logits, None, np.random.default_rng(0)), minlength=4)
    expected = np.array([16, 9, 4, 0]) / 29
    assert_drawn_from(counts, expected, "0.4, 0.3, 0.2, 0.1 at temperature 0.5, top-k 3")


def test_the_generator_is_the_one_that_is_given() -> None:
    logits = np.zeros((40, 100))
    first, again = (Sampler()(logits, None, np.random.default_rng(5)).tolist() for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("rules", "word"),
    [
        ({"temperature": -1.0}, "temperature"),
        ({"top_k": 0}, "top_k"),
        ({"top_p": 0.0}, "top_p"),
        ({"top_p": 1.5}, "top_p"),
        ({"min_p": -0.5}, "min_p"),
        ({"repetition_penalty": 0.0}, "repetition_penalty"),
    ],
    ids=str,
)
def test_rules_that_cannot_be(rules: dict[str, Any], word: str, refused: Any) -> None:
    with refused(ValueError, word):
        Sampler(**rules)
