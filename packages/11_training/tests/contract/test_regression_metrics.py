"""How far numbers are off, and R²."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.tensor import Tensor
from tinytorch.training import MeanAbsoluteError, R2Score, mean_absolute_error, r2_score


def test_by_hand() -> None:
    y = np.array([1.0, 2.0, 3.0, 6.0])
    x = np.array([1.0, 3.0, 3.0, 4.0])
    assert mean_absolute_error(Tensor(x), Tensor(y)) == 0.75
    assert r2_score(Tensor(x), Tensor(y)) == pytest.approx(1 - 5 / 14)
    assert r2_score(y, y) == 1
    assert r2_score(np.full(4, 3.0), y) == 0, "always saying the mean"
    assert r2_score(-y, y) < 0


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(1, 3), st.integers(0, 99))
def test_batch_after_batch(sizes: list[int], columns: int, seed: int) -> None:
    draws = np.random.default_rng(seed)
    total = sum(sizes)
    x, y = draws.standard_normal((2, total, columns))
    error, score = MeanAbsoluteError(), R2Score()
    ends = np.cumsum([0, *sizes])
    for metric in (error, score):
        for begin, end in itertools.pairwise(ends):
            metric.update(Tensor(x[begin:end]), Tensor(y[begin:end]))
    if total:
        assert error.compute() == pytest.approx(np.abs(x - y).mean())
    if total > 1:
        around = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
        expected = (1 - ((y - x) ** 2).sum(axis=0) / around).mean()
        assert score.compute() == pytest.approx(expected, rel=1e-6)
        assert score.compute() == pytest.approx(expected, rel=1e-6), "asked a second time"
    for metric in (error, score):
        metric.reset()
        assert math.isnan(metric.compute()), "after a reset"
        metric.update(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert error.compute() == 0
    assert score.compute() == 1


def test_far_from_0() -> None:
    draws = np.random.default_rng(0)
    y = draws.standard_normal(1000)
    x = y + 0.1 * draws.standard_normal(1000)
    expected = 1 - ((y - x) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    metric = R2Score()
    for part in np.split(np.arange(1000), 10):
        metric.update(x[part] + 1e8, y[part] + 1e8)
    assert metric.compute() == pytest.approx(expected, rel=1e-4)


def test_float16_and_integers_are_worked_on_in_float64() -> None:
    x, y = np.full(4, 60000, np.float16), np.full(4, -60000, np.float16)
    assert mean_absolute_error(x, y) == 2 * float(np.float16(60000))
    assert mean_absolute_error(np.array([1, 2]), np.array([2, 2], np.uint8)) == 0.5


def test_a_constant_target() -> None:
    assert r2_score(np.ones(3), np.ones(3)) == 1
    assert r2_score(np.arange(3.0), np.ones(3)) == 0


def test_of_nothing_and_of_one() -> None:
    nothing = np.zeros((0, 2))
    assert math.isnan(mean_absolute_error(nothing, nothing))
    assert math.isnan(r2_score(nothing, nothing))
    assert math.isnan(r2_score(np.ones((1, 2)), np.ones((1, 2))))
    assert mean_absolute_error(np.array(3.0), np.array(1.0)) == 2


def test_repr() -> None:
    assert repr(MeanAbsoluteError()) == "MeanAbsoluteError()"
    assert repr(R2Score()) == "R2Score()"


def test_what_is_refused(refused: Any) -> None:
    with refused(ValueError, "MeanAbsoluteError", "(4, 1)", "(4,)"):
        mean_absolute_error(np.zeros((4, 1)), np.zeros(4))
    with refused(ValueError, "R2Score", "(4, 1)", "(4,)"):
        r2_score(np.zeros((4, 1)), np.zeros(4))
    metric = R2Score()
    metric.update(np.zeros((4, 2)), np.zeros((4, 2)))
    with refused(ValueError, "R2Score", "2 numbers", "3"):
        metric.update(np.zeros((4, 3)), np.zeros((4, 3)))
