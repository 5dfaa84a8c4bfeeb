"""Task 11.3: a mean that grows."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.tensor import Tensor
from tinytorch.training import WeightedMean


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-100, 100), st.integers(1, 9)), min_size=1, max_size=9))
def test_a_mean_of_all_that_was_seen(pairs: list[tuple[float, int]]) -> None:
    mean = WeightedMean()
    for value, weight in pairs:
        mean.update(value, weight)
    each = [value for value, weight in pairs for _ in range(weight)]
    assert mean.compute() == pytest.approx(math.fsum(each) / len(each), abs=1e-12)


def test_by_hand() -> None:
    mean = WeightedMean()
    mean.update(1.0, 3)
    mean.update(5.0)
    assert mean.compute() == 2.0
    assert mean.compute() == 2.0, "asked a second time"
    mean.update(2.0, 0.5)
    assert mean.compute() == 2.0
    assert isinstance(mean.compute(), float)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_tensor_with_one_number_is_a_number(kind: str) -> None:
    mean = WeightedMean()
    mean.update(Tensor(np.array(1.5, kind)), 2)
    mean.update(Tensor(np.array([4.5], kind)))
    assert mean.compute() == 2.5


def test_many_small_values_do_not_get_lost() -> None:
    mean = WeightedMean()
    for _ in range(20000):
        mean.update(Tensor(np.array(0.1, np.float32)), 1000)
    assert mean.compute() == pytest.approx(float(np.float32(0.1)), rel=1e-9)


def test_nothing_and_reset() -> None:
    mean = WeightedMean()
    assert math.isnan(mean.compute())
    mean.update(3.0)
    mean.reset()
    assert math.isnan(mean.compute()), "after a reset"
    mean.update(4.0, 2)
    assert mean.compute() == 4.0, "after a reset and a value"


def test_what_stands_for_nothing_is_left_out() -> None:
    mean = WeightedMean()
    mean.update(float("nan"), 0)
    assert math.isnan(mean.compute())
    mean.update(2.0, 3)
    mean.update(float("nan"), 0)
    assert mean.compute() == 2.0


def test_nan_is_told() -> None:
    mean = WeightedMean()
    mean.update(float("nan"), 2)
    mean.update(2.0)
    assert math.isnan(mean.compute())


def test_a_negative_weight(refused: Any) -> None:
    with refused(ValueError, "WeightedMean", "-1"):
        WeightedMean().update(2.0, -1)
