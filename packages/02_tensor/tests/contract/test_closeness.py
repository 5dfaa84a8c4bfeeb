"""`isclose`, `allclose`, `equal`: whether tensors are as good as equal."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt

PAIRS = {
    "the same": ([1.0, -2.0], [1.0, -2.0]),
    "within the relative tolerance": ([1.0, 1e6], [1.000001, 1e6 + 5]),
    "outside of it": ([1.0, 1e6], [1.001, 1e6 + 500]),
    "around zero": ([0.0, 1e-9], [1e-9, 0.0]),
    "infinities": ([np.inf, -np.inf, np.inf], [np.inf, np.inf, 1.0]),
    "nan": ([np.nan, np.nan], [np.nan, 1.0]),
    "nothing": ([], []),
}


@pytest.mark.parametrize("equal_nan", [False, True])
@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())
def test_close_as_in_numpy(pair, equal_nan):
    a, b = (np.array(values, np.float64) for values in pair)
    found = tt.isclose(tt.tensor(a), tt.tensor(b), equal_nan=equal_nan)
    expected = np.isclose(a, b, equal_nan=equal_nan)
    assert found.tolist() == expected.tolist(), f"isclose({a}, {b}, equal_nan={equal_nan})"
    everything = tt.allclose(tt.tensor(a), tt.tensor(b), equal_nan=equal_nan)
    assert everything is bool(expected.all())


def test_tolerances_count():
    a, b = tt.tensor([1.0]), tt.tensor([1.1])
    assert not tt.allclose(a, b)
    assert tt.allclose(a, b, rtol=0.2)
    assert tt.allclose(a, b, rtol=0, atol=0.2)


def test_close_with_broadcasting_and_integers():
    assert tt.isclose(tt.ones(2, 1), tt.tensor([1, 2])).tolist() == [[True, False], [True, False]]


def test_equal_asks_for_the_shape_too():
    assert tt.equal(tt.tensor([1.0, 2.0]), tt.tensor([1.0, 2.0]))
    assert not tt.equal(tt.tensor([1.0, 2.0]), tt.tensor([1.0, 2.5]))
    assert not tt.equal(tt.ones(2), tt.ones(1, 2))
    assert not tt.equal(tt.tensor([np.nan]), tt.tensor([np.nan]))
