"""Task 8.1: mean 0, variance 1."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.normalization.standardize import inverse_root, standardize

CASES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((6, 4), (0,)),
    ((6, 4), (1,)),
    ((6, 4), (0, 1)),
    ((5, 3, 4), (0, 2)),
    ((5, 3, 4), (1, 2)),
    ((5, 3, 4, 2), (0, 2, 3)),
    ((5, 3, 4, 2), (1, 2, 3)),
    ((1, 3, 1), (0, 2)),
    ((7,), (0,)),
    ((2, 3, 4, 2, 2), (0, 2, 3, 4)),
]


def parts(x: Any, axes: tuple[int, ...], eps: float = 1e-5) -> list[Any]:
    """centred, mean, var and scale, by NumPy in float64."""
    wide = x.astype(np.float64)
    mean = wide.mean(axis=axes, keepdims=True)
    centred = wide - mean
    var = (centred**2).mean(axis=axes, keepdims=True)
    return [centred, mean, var, 1 / np.sqrt(var + eps)]


@pytest.mark.parametrize(("shape", "axes"), CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_four_parts(
    shape: tuple[int, ...], axes: tuple[int, ...], dtype: str, drawn: Any, assert_close: Any
) -> None:
    x = drawn(*shape, dtype=dtype)
    before = x.copy()
    found = tuple(standardize(x, axes, 1e-5))
    assert len(found) == 4, f"centred, mean, var and scale are asked for, not {len(found)} arrays"
    for name, values, expected in zip(
        ("centred", "mean", "var", "scale"), found, parts(x, axes), strict=True
    ):
        tried = f"{name} of standardize(x {shape}, axes={axes}, eps=1e-5)"
        assert_close(values, expected, tried, dtype=dtype)
    np.testing.assert_array_equal(x, before, err_msg="the input was written to")


def test_by_hand(assert_close: Any) -> None:
    x = np.array([[1.0, 10.0], [3.0, 10.0]])
    centred, mean, var, scale = standardize(x, (0,), 0.0625)
    assert_close(
        centred, np.array([[-1.0, 0.0], [1.0, 0.0]]), "centred, of columns 1, 3 and 10, 10"
    )
    assert_close(mean, np.array([[2.0, 10.0]]), "their means")
    assert_close(var, np.array([[1.0, 0.0]]), "their variances, divided by 2")
    assert_close(scale, np.array([[1 / np.sqrt(1.0625), 4.0]]), "scale, with eps=1/16")


@pytest.mark.parametrize("eps", [1e-5, 0.1, 2.0])
def test_epsilon_is_inside_of_the_root(eps: float, drawn: Any, assert_close: Any) -> None:
    x = drawn(8, 3)
    scale = tuple(standardize(x, (0,), eps))[3]
    assert_close(scale, parts(x, (0,), eps)[3], f"scale with eps={eps}")


def test_the_type_stays_whatever_the_type_of_epsilon(drawn: Any) -> None:
    x = drawn(8, 3, dtype="float32")
    for eps in (1e-5, np.float64(1e-5), 1):
        for values in tuple(standardize(x, (0,), eps)):
            assert values.dtype == np.float32, f"with eps={eps!r} float32 became {values.dtype}"
        found = inverse_root(x**2, eps)
        assert found.dtype == np.float32, f"inverse_root with eps={eps!r} gave {found.dtype}"


def test_inverse_root(assert_close: Any) -> None:
    var = np.array([[0.0, 1.0, 3.0, 24.0]])
    assert_close(
        inverse_root(var, 1.0), np.array([[1.0, 2**-0.5, 0.5, 0.2]]), f"inverse_root({var}, 1.0)"
    )
    assert var.tolist() == [[0.0, 1.0, 3.0, 24.0]], "inverse_root wrote into the variance"


@pytest.mark.parametrize("offset", [1e3, 1e4, -1e4])
def test_a_large_mean_costs_no_digits(offset: float, assert_close: Any) -> None:
    """mean(x²) − mean² in float32 has no digit left: 10,000² needs 27 bits, and there are 24."""
    draws = np.random.default_rng(3).standard_normal((20, 500))
    x = (draws + offset).astype(np.float32)
    _, mean, var, _ = tuple(standardize(x, (1,), 0.0))
    expected = parts(x, (1,), 0.0)
    tried = f"the variance of 500 float32 numbers of mean {offset:g} and variance about 1"
    assert_close(var, expected[2], tried, dtype="float32", tolerance=1e-3)
    assert_close(mean, expected[1], f"their mean, {offset:g}", dtype="float32", tolerance=1e-6)


def test_a_constant_has_variance_0(assert_close: Any) -> None:
    centred, mean, var, scale = tuple(standardize(np.full((4, 3), 7.0), (0,), 1e-4))
    assert_close(centred, np.zeros((4, 3)), "centred, of nothing but sevens")
    assert_close(mean, np.full((1, 3), 7.0), "their mean")
    assert_close(var, np.zeros((1, 3)), "their variance")
    assert_close(scale, np.full((1, 3), 100.0), "1 / √(0 + 1e-4)")


@pytest.mark.parametrize(
    ("shape", "axes"), [((0, 3), (0,)), ((2, 3, 0), (0, 2)), ((2, 0), (1,)), ((0, 3), (1,))]
)
def test_where_there_is_nothing(shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    """No warning of a division by 0, no nan."""
    found = tuple(standardize(np.zeros(shape), axes, 1e-5))
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    for name, values, expected in zip(
        ("centred", "mean", "var", "scale"), found, (shape, kept, kept, kept), strict=True
    ):
        assert values.shape == expected, f"{name} of x {shape} over {axes}: {values.shape}"
        assert np.isfinite(values).all(), f"{name} of x {shape} over {axes} should be finite"


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_any_shape_and_axes(shape: list[int], data: Any) -> None:
    axes = tuple(sorted(data.draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))))
    x = np.random.default_rng(data.draw(st.integers(0, 99))).standard_normal(shape) * 5 + 2
    found = tuple(standardize(x, axes, 1e-3))
    for name, values, expected in zip(
        ("centred", "mean", "var", "scale"), found, parts(x, axes, 1e-3), strict=True
    ):
        np.testing.assert_allclose(
            values, expected, rtol=1e-9, atol=1e-9, err_msg=f"{name} of x {shape} over {axes}"
        )


@pytest.mark.parametrize("how", ["channels last", "Fortran order", "backwards", "every second"])
def test_however_it_lies_in_memory(how: str, drawn: Any, laid_out: Any, assert_close: Any) -> None:
    x = drawn(4, 3, 5)
    for axes in ((0, 2), (1, 2)):
        found = tuple(standardize(laid_out(x, how), axes, 1e-5))
        for name, values, expected in zip(
            ("centred", "mean", "var", "scale"), found, parts(x, axes), strict=True
        ):
            assert_close(values, expected, f"{name} over {axes}, x lying {how}")
