"""The error function beside the C library's, in units in the last place."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinytorch.tensor as tt

EVERY_FLOAT16 = np.arange(0x7C00, dtype=np.uint16).view(np.float16)


def grid(kind: str) -> np.ndarray:
    """float16: every finite number; else a dense grid, and small numbers by powers."""
    if kind == "float16":
        return np.concatenate([EVERY_FLOAT16, -EVERY_FLOAT16])
    smallest = {"float32": 1e-30, "float64": 1e-300}[kind]
    return np.concatenate([np.linspace(-7, 7, 20_001), np.geomspace(smallest, 7, 2_001)]).astype(
        kind
    )


# Measured: 4.0, just above 0.46875, where 1 − erfc loses a digit; 2.8 with the tanh that NumPy
# vectorises, 3.7 with the C library's, which it takes where there is no AVX2; 0.50.
@pytest.mark.parametrize(("kind", "bound"), [("float64", 4.5), ("float32", 4.0), ("float16", 0.6)])
def test_within_a_few_units_in_the_last_place(kind, bound):
    x = grid(kind)
    exact = np.array([math.erf(value) for value in x.tolist()])
    found = tt.erf(tt.Tensor(x)).numpy()
    assert found.dtype == np.dtype(kind)
    unit = np.spacing(np.abs(exact).astype(kind)).astype(np.float64)
    off = np.abs(found.astype(np.float64) - exact) / unit
    assert off.max() < bound, f"{off.max():.2f} units at erf({x[off.argmax()]})"


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_odd_bounded_and_never_falling(kind):
    x = np.sort(grid(kind))
    y = tt.erf(tt.Tensor(x)).numpy().astype(np.float64)
    assert np.array_equal(tt.erf(tt.Tensor(-x)).numpy().astype(np.float64), -y)
    assert np.abs(y).max() <= 1
    step = {"float16": 2e-3, "float32": 3e-7, "float64": 5e-16}[kind]
    assert np.diff(y).min() >= -step


def test_at_the_seams_of_the_three_approximations():
    for seam in (0.46875, 4.0, 6.0):
        x = np.array([np.nextafter(seam, 0), seam, np.nextafter(seam, 9)])
        expected = [math.erf(value) for value in x]
        assert np.allclose(tt.erf(tt.Tensor(x)).numpy(), expected, rtol=1e-15, atol=0)


def test_the_ends():
    x = tt.tensor([-np.inf, -0.0, 0.0, np.inf, np.nan, 1e300, -1e300], dtype="float64")
    found = tt.erf(x).numpy()
    assert np.array_equal(found, [-1, 0, 0, 1, np.nan, 1, -1], equal_nan=True)
    assert np.signbit(found[1])
    assert not np.signbit(found[2])


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_number_in_any_company(kind):
    """Blocks are cut along memory: what stands beside a number makes no difference."""
    x = np.random.default_rng(0).normal(0, 2, (7, 150, 41)).astype(kind)
    rows = [tt.erf(tt.Tensor(row)).numpy() for row in x.reshape(-1, 41)]
    alone = np.array(rows).reshape(x.shape)
    for order in [(0, 1, 2), (2, 0, 1), (1, 2, 0)]:
        turned = x.transpose(order)
        found = tt.erf(tt.Tensor(turned)).numpy()
        assert np.allclose(found, alone.transpose(order), rtol=1e-6 if kind == "float32" else 1e-14)
        assert found.strides == turned.strides
    found = tt.erf(tt.Tensor(x[::2, ::-3])).numpy()
    assert np.allclose(found, alone[::2, ::-3], rtol=1e-6 if kind == "float32" else 1e-14)


def test_one_beyond_the_polynomial():
    x = np.array([4.2, 4.25, 4.3, 10, 1e30, np.inf], np.float32)
    assert tt.erf(tt.Tensor(x)).tolist() == [1] * 6
    assert tt.erf(tt.Tensor(-x)).tolist() == [-1] * 6
