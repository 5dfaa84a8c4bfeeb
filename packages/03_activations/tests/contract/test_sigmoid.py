"""Task 3.2: sigmoid and tanh, without overflow and without loss of digits."""

import decimal
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tinytorch.activations import sigmoid, tanh
from tinytorch.tensor import Tensor, tensor

few = settings(
    max_examples=50, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink]
)
numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=12)
moderate = st.lists(st.floats(-60, 60, width=32), max_size=12)

# So many digits that the definition itself, as it stands in a book, is exact enough.
MANY_DIGITS = decimal.Context(prec=80)

TAME = [-25.0, -9.5, -3.0, -1.0, -0.25, -0.01, 0.0, 0.01, 0.25, 1.0, 3.0, 9.5, 25.0]
SMALL = [1e-3, -1e-4, 3e-6, -1e-7]


def exact_sigmoid(values: Any) -> list[float]:
    with decimal.localcontext(MANY_DIGITS):
        return [float(1 / (1 + (-Decimal(float(x))).exp())) for x in values]


def exact_tanh(values: Any) -> list[float]:
    with decimal.localcontext(MANY_DIGITS):
        doubled = [(2 * Decimal(float(x))).exp() for x in values]
        return [float((e - 1) / (e + 1)) for e in doubled]


EXACT = {"sigmoid": exact_sigmoid, "tanh": exact_tanh}
BOTH = pytest.mark.parametrize("function", [sigmoid, tanh], ids=lambda f: f.__name__)


# sigmoid


def test_sigmoid_of_a_few_numbers() -> None:
    x = [-math.log(3), 0.0, math.log(3)]
    found = sigmoid(tensor(x)).tolist()
    expected = [0.25, 0.5, 0.75]
    assert found == pytest.approx(expected), (
        f"sigmoid of [-ln 3, 0, ln 3] gave {found}, expected {expected}"
    )


def test_sigmoid_far_to_the_left_is_small_but_not_zero(judge: Any) -> None:
    x = np.array([-20.0, -50.0, -80.0, -87.0], np.float32)
    judge(sigmoid).agrees(x, exact_sigmoid(x))


def test_sigmoid_reaches_into_the_subnormal_numbers(judge: Any) -> None:
    # 1 / (1 + ∞) is 0, but e⁻¹⁰⁰, about 4e-44, is still a number in float32.
    x = np.array([-90.0, -95.0, -100.0], np.float32)
    two_steps = 2 * float(np.finfo(np.float32).smallest_subnormal)
    judge(sigmoid).agrees(x, exact_sigmoid(x), smallest=two_steps)


def test_sigmoid_farther_to_the_left_in_float64(judge: Any) -> None:
    x = np.array([-80.0, -200.0, -500.0, -700.0])
    judge(sigmoid).agrees(x, exact_sigmoid(x))


def test_sigmoid_far_to_the_left_in_float16(judge: Any) -> None:
    x = np.array([-5.0, -8.0, -9.5], np.float16)
    judge(sigmoid).agrees(x, exact_sigmoid(x))


def test_sigmoid_of_the_largest_numbers(judge: Any, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    x = np.array([-largest, -6e4, -1000.0, 1000.0, 6e4, largest], dtype)
    judge(sigmoid).agrees(x, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0])


def test_sigmoid_of_the_smallest_numbers(judge: Any, dtype: Any) -> None:
    limits = np.finfo(dtype)
    x = np.array([limits.tiny, -limits.tiny, limits.smallest_subnormal], dtype)
    judge(sigmoid).agrees(x, 0.5)


def test_sigmoid_of_infinities_and_nan(judge: Any, dtype: Any) -> None:
    judge(sigmoid).agrees(np.array([math.inf, -math.inf, math.nan], dtype), [1.0, 0.0, math.nan])


@few
@given(numbers)
def test_sigmoid_lies_between_0_and_1(judge: Any, values: list[float]) -> None:
    found = judge(sigmoid).call(np.array(values, np.float32))
    assert ((found >= 0) & (found <= 1)).all(), f"sigmoid of {values} gave {found}"


@few
@given(numbers)
def test_sigmoid_of_x_and_of_minus_x_add_up_to_1(values: list[float]) -> None:
    x = Tensor(np.array(values, np.float32))
    total = (sigmoid(x) + sigmoid(-x)).numpy()
    assert np.allclose(total, 1, rtol=0, atol=1e-6), f"s(x) + s(-x) is {total} for x = {values}"


# tanh


def test_tanh_of_a_few_numbers() -> None:
    half_log_3 = math.log(3) / 2
    found = tanh(tensor([-half_log_3, 0.0, half_log_3])).tolist()
    expected = [-0.5, 0.0, 0.5]
    assert found == pytest.approx(expected), (
        f"tanh of [-(ln 3)/2, 0, (ln 3)/2] gave {found}, expected {expected}"
    )


def test_tanh_of_the_largest_numbers(judge: Any, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    x = np.array([-largest, -1000.0, -100.0, 100.0, 1000.0, largest], dtype)
    judge(tanh).agrees(x, [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0])


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_tanh_of_a_small_number_is_that_number(judge: Any, kind: str) -> None:
    # A difference of two exponentials near 1 has no digits left for it.
    x = np.array([1e-4, -1e-6, 1e-9, -1e-20, 1e-35], kind)
    judge(tanh).agrees(x, exact_tanh(x))


def test_tanh_of_infinities_and_nan(judge: Any, dtype: Any) -> None:
    judge(tanh).agrees(np.array([math.inf, -math.inf, math.nan], dtype), [1.0, -1.0, math.nan])


@few
@given(numbers)
def test_tanh_is_odd(values: list[float]) -> None:
    x = Tensor(np.array(values, np.float32))
    left, right = tanh(-x).numpy(), -tanh(x).numpy()
    assert np.allclose(left, right, rtol=1e-6, atol=0), f"tanh(-x) is {left}, -tanh(x) is {right}"


@few
@given(numbers)
def test_tanh_lies_between_minus_1_and_1(judge: Any, values: list[float]) -> None:
    found = judge(tanh).call(np.array(values, np.float32))
    assert (np.abs(found) <= 1).all(), f"tanh of {values} gave {found}"


# both


@BOTH
def test_values(judge: Any, dtype: Any, function: Any) -> None:
    x = np.array(TAME + SMALL, dtype)
    judge(function).agrees(x, EXACT[function.__name__](x))


@BOTH
def test_any_shape_and_order_in_memory(judge: Any, function: Any, layout: Any) -> None:
    expected = np.reshape(EXACT[function.__name__](layout.ravel()), layout.shape)
    judge(function).agrees(layout, expected)


@BOTH
@pytest.mark.parametrize("kind", ["int8", "int64", "uint8", "bool"])
def test_whole_numbers_become_float32(judge: Any, function: Any, kind: str) -> None:
    x = np.array([-3, -1, 0, 2]).astype(kind)
    judge(function).agrees(x, EXACT[function.__name__](x))


@BOTH
def test_what_is_no_tensor_is_refused(refused: Any, function: Any) -> None:
    function(tensor([1.0, -1.0]))  # a tensor of the same numbers is welcome
    name = function.__name__
    refused(TypeError, f"{name}([1.0, -1.0])", lambda: function([1.0, -1.0]), name)


@BOTH
@few
@given(numbers)
def test_never_falls(judge: Any, function: Any, values: list[float]) -> None:
    x = np.sort(np.array(values, np.float32))
    found = judge(function).call(x).astype(np.float64)
    falls = np.diff(found) < -1e-6 * np.abs(found[1:])
    assert not falls.any(), f"{function.__name__} of the rising {x} falls: {found}"


@few
@given(moderate)
def test_tanh_is_a_stretched_sigmoid(values: list[float]) -> None:
    x = Tensor(np.array(values, np.float64))
    left, right = tanh(x).numpy(), 2 * sigmoid(2 * x).numpy() - 1
    assert np.allclose(left, right, rtol=0, atol=1e-14), (
        f"tanh(x) is {left}, but 2·sigmoid(2x) − 1 is {right}, for x = {values}"
    )


@few
@given(moderate)
def test_sigmoid_keeps_its_digits(judge: Any, values: list[float]) -> None:
    x = np.array(values, np.float32)
    judge(sigmoid).agrees(x, exact_sigmoid(x))
