"""Task 11.1: the mean squared error and its gradient."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule
from tinytorch.training import mse_loss

SHAPES: list[tuple[int, ...]] = [(), (1,), (5,), (4, 1), (2, 3), (2, 1, 3, 2)]
REDUCTIONS = ["mean", "sum", "none"]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_squares_of_the_differences(
    shape: tuple[int, ...],
    dtype: str,
    reduction: str,
    drawn: Any,
    as_wished: Any,
    assert_close: Any,
) -> None:
    x, y = drawn(*shape, dtype=dtype), drawn(*shape, seed=1, dtype=dtype)
    squares = (x.astype(np.float64) - y.astype(np.float64)) ** 2
    found = mse_loss(Tensor(x), Tensor(y), reduction=reduction)
    tried = f"mse_loss of {shape}, reduction={reduction!r}"
    # Where the two happen to lie close together, the difference has lost digits.
    assert_close(found, as_wished(squares, reduction), tried, dtype=dtype)


def test_by_hand(assert_close: Any) -> None:
    x, y = Tensor(np.array([1.0, 2.0, 7.0])), Tensor(np.array([1.0, 4.0, 3.0]))
    assert_close(
        mse_loss(x, y), np.array(20 / 3), "differences 0, -2 and 4; the mean is the default"
    )
    assert_close(mse_loss(x, y, reduction="sum"), np.array(20.0), "differences 0, -2 and 4")
    assert_close(mse_loss(x, y, reduction="none"), np.array([0.0, 4, 16]), "differences 0, -2, 4")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradients_of_both(shape: tuple[int, ...], reduction: str, drawn: Any) -> None:
    check_rule(mse_loss, drawn(*shape), drawn(*shape, seed=1), reduction=reduction)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), max_size=4), st.sampled_from(REDUCTIONS), st.integers(0, 99))
def test_any_shape(shape: list[int], reduction: str, seed: int) -> None:
    x, y = np.random.default_rng(seed).standard_normal((2, *shape))
    squares = np.square(x - y)
    expected = {"mean": squares.mean(), "sum": squares.sum(), "none": squares}[reduction]
    found = mse_loss(Tensor(x), Tensor(y), reduction=reduction).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=f"of {shape}")
    check_rule(mse_loss, x, y, reduction=reduction)


def test_of_nothing() -> None:
    nothing = Tensor(np.zeros((0, 3), dtype=np.float32))
    assert np.isnan(mse_loss(nothing, nothing).item()), "the mean of nothing is nan"
    assert mse_loss(nothing, nothing, reduction="sum").item() == 0
    assert mse_loss(nothing, nothing, reduction="none").shape == (0, 3)
    assert mse_loss(nothing, nothing).dtype == np.float32


@pytest.mark.parametrize("how", ["Fortran order", "backwards", "every second"])
def test_however_it_lies_in_memory(
    how: str, drawn: Any, laid_out: Any, as_wished: Any, assert_close: Any
) -> None:
    x, y = drawn(4, 3, 5), drawn(4, 3, 5, seed=1)
    for reduction in REDUCTIONS:
        found = mse_loss(Tensor(laid_out(x, how)), Tensor(y), reduction=reduction)
        assert_close(found, as_wished((x - y) ** 2, reduction), f"x lying {how}, {reduction}")
    check_rule(mse_loss, laid_out(x, how), y)


def test_inputs_are_left_alone_and_the_result_is_new(drawn: Any) -> None:
    for reduction in REDUCTIONS:
        tensors = [Tensor(drawn(4, 3)), Tensor(drawn(4, 3, seed=1))]
        before = [t.numpy().copy() for t in tensors]
        mse_loss(*tensors, reduction=reduction).fill_(9)
        for t, values in zip(tensors, before, strict=True):
            np.testing.assert_array_equal(t.numpy(), values, err_msg="an input was written to")


def test_float16_is_worked_on_in_float32(assert_close: Any) -> None:
    x, y = np.full((300, 10), 200, np.float16), np.zeros((300, 10), np.float16)
    found = mse_loss(Tensor(x), Tensor(y))
    assert_close(found, np.array(40000.0), "3000 squares of 200, float16", dtype="float16")


def test_types_meet_in_the_wider_one_and_integers_become_floating(assert_close: Any) -> None:
    whole = Tensor(np.array([1, 2, 4]))
    narrow, wide = Tensor(np.ones(3, np.float32)), Tensor(np.zeros(3))
    assert_close(mse_loss(narrow, whole), np.array(10 / 3), "float32, int64", dtype="float32")
    assert_close(mse_loss(whole, whole), np.array(0.0), "int64 and int64", dtype="float32")
    assert_close(mse_loss(narrow, wide), np.array(1.0), "float32 and float64", dtype="float64")


def test_nan_and_infinity_are_told() -> None:
    ones = Tensor(np.ones(2))
    assert np.isnan(mse_loss(Tensor(np.array([1.0, np.nan])), ones).item())
    assert mse_loss(Tensor(np.array([1.0, np.inf])), ones).item() == np.inf


@pytest.mark.in_process("what is warned of in another process is not heard")
def test_shapes_that_differ_are_broadcast_with_a_warning(drawn: Any, assert_close: Any) -> None:
    x, y = drawn(4, 1), drawn(4, seed=1)
    with pytest.warns(UserWarning, match=r"mse_loss.*\(4, 1\).*\(4,\).*\(4, 4\)"):
        found = mse_loss(Tensor(x), Tensor(y))
    assert_close(found, ((x - y) ** 2).mean(), "mse_loss of (4, 1) and (4,)")


def test_shapes_that_do_not_broadcast(refused: Any) -> None:
    with refused(ValueError, "mse_loss", "(3,)", "(4,)"):
        mse_loss(Tensor(np.zeros(3)), Tensor(np.zeros(4)))


def test_another_reduction(refused: Any) -> None:
    with refused(ValueError, "mse_loss", "'average'", "'mean'"):
        mse_loss(Tensor(np.zeros(3)), Tensor(np.zeros(3)), reduction="average")
