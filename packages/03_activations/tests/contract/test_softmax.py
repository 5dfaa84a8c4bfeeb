"""Task 3.5: softmax and log_softmax."""

import decimal
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tinytorch.activations import log_softmax, softmax
from tinytorch.tensor import Tensor, tensor

few = settings(
    max_examples=50, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink]
)
moderate = st.lists(st.floats(-60, 60, width=32), min_size=1, max_size=8)
numbers = st.lists(st.floats(-10_000, 10_000, width=32), min_size=1, max_size=8)

# So many digits that the definition itself, as it stands in a book, is exact enough.
MANY_DIGITS = decimal.Context(prec=80)


def exact_softmax(x: Any, dim: int) -> Any:
    return np.apply_along_axis(_exact_row, dim, np.asarray(x, np.float64), False)


def exact_log_softmax(x: Any, dim: int) -> Any:
    return np.apply_along_axis(_exact_row, dim, np.asarray(x, np.float64), True)


def _exact_row(row: Any, logarithm: bool) -> list[float]:
    with decimal.localcontext(MANY_DIGITS):
        powers = [Decimal(float(v)).exp() for v in row]
        total = sum(powers)
        return [float((p / total).ln() if logarithm else p / total) for p in powers]


EXACT = {"softmax": exact_softmax, "log_softmax": exact_log_softmax}
BOTH = pytest.mark.parametrize("function", [softmax, log_softmax], ids=lambda f: f.__name__)


# softmax


def test_softmax_of_a_few_numbers() -> None:
    found = softmax(tensor([0.0, math.log(2), math.log(5)]), dim=0).tolist()
    expected = [1 / 8, 2 / 8, 5 / 8]
    assert found == pytest.approx(expected), (
        f"softmax of [0, ln 2, ln 5] gave {found}, expected {expected}"
    )


def test_softmax_of_equal_numbers_is_even(judge: Any, dtype: Any) -> None:
    for value in (0.0, -3.5, 1000.0, -1000.0, float(np.finfo(dtype).max)):
        judge(softmax).agrees(np.full(4, value, dtype), 0.25, dim=0)


def test_softmax_of_large_numbers(judge: Any, dtype: Any) -> None:
    x = np.array([10000.0, 10001.0, 9990.0], dtype)
    shifted = x.astype(np.float64) - x.astype(np.float64).max()
    judge(softmax).agrees(x, exact_softmax(shifted, 0), dim=0)
    judge(softmax).agrees(-x, exact_softmax(-x.astype(np.float64) + 1e4, 0), dim=0)


def test_softmax_far_below_the_largest_is_small_but_not_zero(judge: Any) -> None:
    x = np.array([0.0, -40.0, -80.0], np.float32)
    judge(softmax).agrees(x, exact_softmax(x, 0), dim=0)


def test_softmax_of_the_largest_numbers(judge: Any, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    judge(softmax).agrees(np.array([largest, 0.0, 1.0], dtype), [1.0, 0.0, 0.0], dim=0)
    judge(softmax).agrees(np.array([0.0, -largest], dtype), [1.0, 0.0], dim=0)


def test_softmax_of_numbers_farther_apart_than_the_dtype_reaches(judge: Any, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    found = judge(softmax).call_with_infinities(np.array([largest, -largest], dtype), dim=0)
    assert found.tolist() == [1.0, 0.0], (
        f"softmax of [{largest}, {-largest}] gave {found}, expected [1.0, 0.0]"
    )


def test_softmax_gives_nothing_to_minus_infinity(judge: Any, dtype: Any) -> None:
    x = np.array([-math.inf, 0.0, math.log(3)], dtype)
    judge(softmax).agrees(x, [0.0, *exact_softmax(x[1:], 0)], dim=0)


# log_softmax


def test_log_softmax_of_a_few_numbers() -> None:
    found = log_softmax(tensor([0.0, math.log(2), math.log(5)]), dim=0).tolist()
    expected = [math.log(1 / 8), math.log(2 / 8), math.log(5 / 8)]
    assert found == pytest.approx(expected), (
        f"log_softmax of [0, ln 2, ln 5] gave {found}, expected {expected}"
    )


def test_log_softmax_where_softmax_is_zero(judge: Any, dtype: Any) -> None:
    # log(softmax(x)) would be log(0).
    x = np.array([0.0, -200.0, -2000.0, -20000.0], dtype)
    judge(log_softmax).agrees(x, x.astype(np.float64), absolute=1e-15, dim=0)


def test_log_softmax_of_large_numbers(judge: Any, dtype: Any) -> None:
    x = np.array([10000.0, 10001.0, 9990.0], dtype)
    shifted = x.astype(np.float64) - x.astype(np.float64).max()
    judge(log_softmax).agrees(x, exact_log_softmax(shifted, 0), dim=0)


def test_log_softmax_of_equal_numbers(judge: Any, dtype: Any) -> None:
    for value in (0.0, -3.5, 1000.0, -1000.0, float(np.finfo(dtype).max)):
        judge(log_softmax).agrees(np.full(4, value, dtype), -math.log(4), dim=0)


def test_log_softmax_gives_minus_infinity_to_minus_infinity(judge: Any, dtype: Any) -> None:
    x = np.array([-math.inf, 0.0, math.log(3)], dtype)
    judge(log_softmax).agrees(x, [-math.inf, *exact_log_softmax(x[1:], 0)], dim=0)


@few
@given(moderate)
def test_log_softmax_is_the_logarithm_of_softmax(values: list[float]) -> None:
    x = Tensor(np.array(values, np.float64))
    left, right = np.exp(log_softmax(x, dim=0).numpy()), softmax(x, dim=0).numpy()
    assert np.allclose(left, right, rtol=1e-12, atol=0), (
        f"exp(log_softmax(x)) is {left}, softmax(x) is {right}, for x = {values}"
    )


@few
@given(numbers)
def test_log_softmax_is_never_above_0(judge: Any, values: list[float]) -> None:
    found = judge(log_softmax).call(np.array(values, np.float32), dim=0)
    assert (found <= 0).all(), f"log_softmax of {values} gave {found}"


# both


@BOTH
@pytest.mark.parametrize("dim", [0, 1, 2, -1, -2, -3])
def test_every_dimension(judge: Any, dtype: Any, function: Any, dim: int) -> None:
    x = (np.arange(24) * 7 % 24 / 4 - 3).reshape(2, 3, 4).astype(dtype)
    near_zero = 16 * float(np.finfo(dtype).eps)
    judge(function).agrees(x, EXACT[function.__name__](x, dim), absolute=near_zero, dim=dim)


@BOTH
def test_any_shape_and_order_in_memory(judge: Any, function: Any, layout: Any) -> None:
    for dim in range(-max(layout.ndim, 1), max(layout.ndim, 1)):
        if layout.size and layout.ndim:
            expected = EXACT[function.__name__](layout, dim)
        else:
            expected = np.full(layout.shape, 1.0 if function.__name__ == "softmax" else 0.0)
        judge(function).agrees(layout, expected, absolute=1e-14, dim=dim)


@BOTH
def test_a_dimension_of_size_1_holds_all(judge: Any, dtype: Any, function: Any) -> None:
    x = np.array([[3.0], [-200.0], [1000.0]], dtype)
    judge(function).agrees(x, 1.0 if function.__name__ == "softmax" else 0.0, dim=1)


@BOTH
def test_a_row_with_nan_is_nan_and_leaves_the_others_alone(
    judge: Any, dtype: Any, function: Any
) -> None:
    x = np.array([[0.0, math.nan], [2.0, 2.0]], dtype)
    even = 0.5 if function.__name__ == "softmax" else math.log(0.5)
    judge(function).agrees(x, [[math.nan, math.nan], [even, even]], dim=1)


@BOTH
def test_rows_without_a_finite_largest_number_are_nan(
    judge: Any, dtype: Any, function: Any
) -> None:
    x = np.array([[-math.inf, -math.inf], [math.inf, 0.0]], dtype)
    found = judge(function).call_with_infinities(x, dim=1)
    name = function.__name__
    assert np.isnan(found[0]).all(), f"{name} of [-inf, -inf] gave {found[0]}, expected two nan"
    assert np.isnan(found[1, 0]), (
        f"{name} of [inf, 0] gave {found[1]}, expected nan in the place of inf"
    )


@BOTH
@pytest.mark.parametrize("kind", ["int8", "int64", "uint8", "bool"])
def test_whole_numbers_become_float32(judge: Any, function: Any, kind: str) -> None:
    x = np.array([3, 1, 0, 2]).astype(kind)
    judge(function).agrees(x, EXACT[function.__name__](x, 0), dim=0)


@BOTH
def test_many_numbers_in_float16(judge: Any, function: Any) -> None:
    # A sum in float16 stops growing at 2048, and ends at 65504.
    x = np.zeros((4000, 2), np.float16)
    even = 1 / 4000 if function.__name__ == "softmax" else -math.log(4000)
    judge(function).agrees(x, even, dim=0)
    x = np.zeros(70_000, np.float16)
    even = 1 / 70_000 if function.__name__ == "softmax" else -math.log(70_000)
    judge(function).agrees(x, even, dim=0)


@BOTH
def test_the_dimension_may_be_given_by_position(function: Any) -> None:
    x, name = tensor([[0.0, 1.0], [2.0, 4.0]]), function.__name__
    for dim in (0, 1):
        found, expected = function(x, dim).tolist(), function(x, dim=dim).tolist()
        assert found == expected, f"{name}(x, {dim}) gave {found}, {name}(x, dim={dim}) {expected}"
    down, across = function(x, 0).tolist(), function(x, 1).tolist()
    assert down != across, f"{name} of {x.tolist()} gave {down} along dim 0 and along dim 1"


@BOTH
@pytest.mark.parametrize("dim", [2, -3, 7])
def test_a_dimension_that_is_not_there(refused: Any, function: Any, dim: int) -> None:
    tried = f"{function.__name__}([[0.0, 1.0]], dim={dim})"
    words = (function.__name__, f"dimension {dim}", "2 dimensions")
    refused(IndexError, tried, lambda: function(tensor([[0.0, 1.0]]), dim=dim), *words)


@BOTH
def test_a_dimension_must_be_given(refused: Any, function: Any) -> None:
    x, name = tensor([0.0, 1.0]), function.__name__
    function(x, dim=0)
    refused(TypeError, f"{name}([0.0, 1.0])", lambda: function(x), name, "dim")


@BOTH
def test_a_dimension_that_is_no_number(refused: Any, function: Any) -> None:
    x, name = tensor([0.0, 1.0]), function.__name__
    refused(TypeError, f"{name}([0.0, 1.0], dim=0.5)", lambda: function(x, dim=0.5), name)


@BOTH
def test_what_is_no_tensor_is_refused(refused: Any, function: Any) -> None:
    function(tensor([1.0, -1.0]), dim=0)  # a tensor of the same numbers is welcome
    name = function.__name__
    refused(TypeError, f"{name}([1.0, -1.0], dim=0)", lambda: function([1.0, -1.0], dim=0), name)


@few
@given(moderate)
def test_softmax_keeps_its_digits(judge: Any, values: list[float]) -> None:
    x = np.array(values, np.float32)
    spread = float(np.ptp(x))
    judge(softmax).agrees(x, exact_softmax(x, 0), eps=16 + 2 * spread, dim=0)


@few
@given(moderate)
def test_log_softmax_keeps_its_digits(judge: Any, values: list[float]) -> None:
    x = np.array(values, np.float32)
    near_zero = 16 * float(np.finfo(np.float32).eps)
    judge(log_softmax).agrees(x, exact_log_softmax(x, 0), absolute=near_zero, dim=0)


@BOTH
@few
@given(numbers)
def test_adds_up_to_1(judge: Any, function: Any, values: list[float]) -> None:
    x = np.array(values, np.float32)
    found = judge(function).call(x, dim=0).astype(np.float64)
    found = found if function.__name__ == "softmax" else np.exp(found)
    assert abs(found.sum() - 1) < 1e-5, f"{found} adds up to {found.sum()}, not to 1"
    assert (found >= 0).all(), f"softmax of {values} gave {found}"


@BOTH
@few
@given(
    st.lists(st.integers(-40, 40), min_size=1, max_size=8),
    st.integers(-4_000_000, 4_000_000),
)
def test_does_not_change_when_all_numbers_move_alike(
    function: Any, values: list[int], shift: int
) -> None:
    # Whole numbers of this size are exact in float32, so the shift loses nothing.
    x = np.array(values, np.float32)
    here = function(Tensor(x), dim=0).numpy()
    there = function(Tensor(x + np.float32(shift)), dim=0).numpy()
    assert np.allclose(here, there, rtol=1e-5, atol=1e-30), (
        f"{function.__name__} of {values} is {here}, but {there} when each is {shift} more"
    )


@BOTH
@few
@given(moderate)
def test_keeps_the_order(function: Any, values: list[float]) -> None:
    found = function(Tensor(np.sort(np.array(values, np.float64))), dim=0).numpy()
    falls = np.diff(found) < -1e-12 * np.abs(found[1:])
    assert not falls.any(), f"{function.__name__} of the rising {sorted(values)} falls: {found}"


@BOTH
@few
@given(st.lists(moderate.map(lambda v: (v * 3)[:3]), min_size=1, max_size=4))
def test_rows_do_not_see_each_other(function: Any, rows: list[list[float]]) -> None:
    together = function(Tensor(np.array(rows, np.float32)), dim=1).numpy()
    alone = [function(Tensor(np.array(row, np.float32)), dim=0).numpy() for row in rows]
    assert np.allclose(together, alone, rtol=1e-6, atol=1e-30), (
        f"{function.__name__} of {rows} along dim 1 is {together}, row by row {alone}"
    )
