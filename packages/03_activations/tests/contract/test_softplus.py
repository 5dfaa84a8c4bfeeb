"""Task 3.3: softplus and silu."""

import decimal
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tinytorch.activations import silu, softplus
from tinytorch.tensor import Tensor, tensor

few = settings(
    max_examples=50, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink]
)
numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=12)
moderate = st.lists(st.floats(-60, 60, width=32), max_size=12)

# So many digits that the definition itself, as it stands in a book, is exact enough.
MANY_DIGITS = decimal.Context(prec=80)
MORE_DIGITS = decimal.Context(prec=400)

TAME = [-25.0, -9.5, -3.0, -1.0, -0.25, -0.01, 0.0, 0.01, 0.25, 1.0, 3.0, 9.5, 19.5, 20.5, 29.0]


def exact_softplus(
    values: Any, beta: float = 1.0, threshold: float = 20.0, digits: Any = MANY_DIGITS
) -> list[float]:
    with decimal.localcontext(digits):
        return [
            float(x) if x * beta > threshold
            else float((1 + (Decimal(beta) * Decimal(x)).exp()).ln() / Decimal(beta))
            for x in map(float, values)
        ]  # fmt: skip


def exact_silu(values: Any) -> list[float]:
    with decimal.localcontext(MANY_DIGITS):
        return [float(x / (1 + (-x).exp())) for x in map(Decimal, map(float, values))]


EXACT = {"softplus": exact_softplus, "silu": exact_silu}
BOTH = pytest.mark.parametrize("function", [softplus, silu], ids=lambda f: f.__name__)


# softplus


def test_softplus_of_a_few_numbers() -> None:
    found = softplus(tensor([0.0, math.log(3)])).tolist()
    expected = [math.log(2), math.log(4)]
    assert found == pytest.approx(expected), (
        f"softplus of [0, ln 3] gave {found}, expected {expected}"
    )


@pytest.mark.parametrize("threshold", [1.0, 0.0, -3.0])
def test_softplus_is_x_itself_above_the_threshold(judge: Any, threshold: float) -> None:
    x = np.array([-5.0, -1.5, 0.0, 0.5, 1.0, 1.5, 5.0])
    judge(softplus).agrees(
        x, exact_softplus(x, 1.0, threshold), kinks=(threshold,), threshold=threshold
    )


def test_softplus_far_to_the_left_is_small_but_not_zero(judge: Any) -> None:
    # log(1 + tiny) is tiny; but 1 + tiny is 1.
    x = np.array([-17.0, -30.0, -60.0, -85.0], np.float32)
    judge(softplus).agrees(x, exact_softplus(x))
    x = np.array([-40.0, -200.0, -700.0])
    judge(softplus).agrees(x, exact_softplus(x, digits=MORE_DIGITS))


def test_softplus_of_the_largest_numbers(judge: Any, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    x = np.array([-largest, -6e4, -1000.0, 1000.0, 6e4, largest], dtype)
    judge(softplus).agrees(x, np.maximum(x, 0).astype(np.float64))


def test_softplus_below_a_threshold_that_lies_above_the_overflow(judge: Any) -> None:
    # e⁹⁰ is infinite in float32, e⁷²⁰ in float64, and log1p of it, too.
    judge(softplus).agrees(np.array([80.0, 90.0, 99.0], np.float32), [80, 90, 99], threshold=100.0)
    judge(softplus).agrees(np.array([700.0, 720.0, 999.0]), [700, 720, 999], threshold=1000.0)


def test_softplus_of_the_smallest_numbers(judge: Any, dtype: Any) -> None:
    limits = np.finfo(dtype)
    x = np.array([limits.tiny, -limits.tiny, limits.smallest_subnormal], dtype)
    judge(softplus).agrees(x, math.log(2))


def test_softplus_of_infinities_and_nan(judge: Any, dtype: Any) -> None:
    x = np.array([math.inf, -math.inf, math.nan], dtype)
    judge(softplus).agrees(x, [math.inf, 0.0, math.nan])


@pytest.mark.parametrize("beta", [0.5, 2.0, 4.0])
def test_softplus_with_another_beta(judge: Any, dtype: Any, beta: float) -> None:
    x = np.array(TAME, dtype)
    judge(softplus).agrees(x, exact_softplus(x, beta), kinks=(20 / beta,), beta=beta)


def test_softplus_with_a_beta_that_no_float_hits(judge: Any) -> None:
    x = np.array([-6.0, -1.0, 0.0, 0.5, 6.0, 7.0], np.float32)
    judge(softplus).agrees(x, exact_softplus(x, 3.1), eps=60, kinks=(20 / 3.1,), beta=3.1)


def test_softplus_of_the_largest_numbers_with_a_large_beta(judge: Any, dtype: Any) -> None:
    # βx leaves the range of the dtype, the result does not.
    largest = np.finfo(dtype).max
    x = np.array([largest, -largest], dtype)
    judge(softplus).agrees(x, [largest, 0.0], beta=16.0)


def test_the_threshold_of_softplus_is_on_beta_times_x(judge: Any) -> None:
    x = np.array([0.25, 0.75])
    judge(softplus).agrees(x, [exact_softplus(x, 4.0)[0], 0.75], beta=4.0, threshold=2.0)


def test_the_threshold_of_softplus_is_20_unless_told(judge: Any) -> None:
    # In float64 one can see it: softplus(20.5) is 20.5 + 1.2e-9.
    x = np.array([19.5, 20.0, 20.5])
    found = judge(softplus).call(x)
    assert found[0] > 19.5, f"softplus(19.5) gave {found[0]!r}, but should be above 19.5"
    assert found[1] > 20.0, f"softplus(20) gave {found[1]!r}: 20 is not above the threshold"
    assert found[2] == 20.5, f"softplus(20.5) gave {found[2]!r}, expected x itself, 20.5"


def test_softplus_takes_its_options_by_position() -> None:
    found = softplus(tensor([1.0, 3.0]), 2.0, 4.0).tolist()
    expected = [math.log1p(math.exp(2)) / 2, 3.0]
    assert found == pytest.approx(expected), (
        f"softplus([1, 3], 2, 4) gave {found}, expected {expected}"
    )


@few
@given(moderate)
def test_softplus_keeps_its_digits(judge: Any, values: list[float]) -> None:
    x = np.array(values, np.float32)
    judge(softplus).agrees(x, exact_softplus(x), kinks=(20.0,))


@few
@given(numbers)
def test_softplus_lies_above_relu(judge: Any, values: list[float]) -> None:
    x = np.array(values, np.float32)
    found = judge(softplus).call(x)
    assert (found >= np.maximum(x, 0)).all(), f"softplus of {x} gave {found}, which is below relu"


@few
@given(moderate)
def test_softplus_of_x_and_of_minus_x_differ_by_x(values: list[float]) -> None:
    x = Tensor(np.array(values, np.float64))
    difference = (softplus(x) - softplus(-x)).numpy()
    assert np.allclose(difference, values, rtol=0, atol=1e-8), (
        f"softplus(x) − softplus(−x) is {difference} for x = {values}"
    )


@few
@given(numbers)
def test_softplus_never_falls(judge: Any, values: list[float]) -> None:
    x = np.sort(np.array(values, np.float32))
    found = judge(softplus).call(x).astype(np.float64)
    falls = np.diff(found) < -1e-6 * np.abs(found[1:])
    assert not falls.any(), f"softplus of the rising {x} falls: {found}"


# silu


def test_silu_of_a_few_numbers() -> None:
    log_3 = math.log(3)
    found = silu(tensor([-log_3, 0.0, log_3])).tolist()
    expected = [-0.25 * log_3, 0.0, 0.75 * log_3]
    assert found == pytest.approx(expected), (
        f"silu of [-ln 3, 0, ln 3] gave {found}, expected {expected}"
    )


def test_silu_far_to_the_left_is_small_but_not_zero(judge: Any) -> None:
    x = np.array([-17.0, -50.0, -80.0], np.float32)
    judge(silu).agrees(x, exact_silu(x))
    x = np.array([-40.0, -200.0, -690.0])
    judge(silu).agrees(x, exact_silu(x))


def test_silu_of_the_largest_numbers(judge: Any, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    x = np.array([-largest, -6e4, -1000.0, 1000.0, 6e4, largest], dtype)
    judge(silu).agrees(x, np.maximum(x, 0).astype(np.float64))


def test_silu_of_the_smallest_numbers(judge: Any, dtype: Any) -> None:
    limits = np.finfo(dtype)
    x = np.array([limits.tiny, -limits.tiny, limits.smallest_subnormal], dtype)
    judge(silu).agrees(x, x.astype(np.float64) / 2)


def test_silu_of_infinity_and_nan(judge: Any, dtype: Any) -> None:
    judge(silu).agrees(np.array([math.inf, math.nan], dtype), [math.inf, math.nan])


def test_silu_of_minus_infinity(judge: Any, dtype: Any) -> None:
    # The limit is 0; the formula, and with it PyTorch, says −∞ · 0, nan. Both can be defended.
    found = judge(silu).call_with_infinities(np.array([-math.inf], dtype))[0]
    assert found == 0 or np.isnan(found), f"silu(-inf) gave {found}, expected nan or 0"


@few
@given(moderate)
def test_silu_keeps_its_digits(judge: Any, values: list[float]) -> None:
    x = np.array(values, np.float32)
    judge(silu).agrees(x, exact_silu(x))


@few
@given(moderate)
def test_silu_of_x_and_of_minus_x_differ_by_x(values: list[float]) -> None:
    x = Tensor(np.array(values, np.float64))
    difference = (silu(x) - silu(-x)).numpy()
    assert np.allclose(difference, values, rtol=0, atol=1e-12), (
        f"silu(x) − silu(−x) is {difference} for x = {values}"
    )


@few
@given(numbers)
def test_silu_has_its_lowest_value_near_minus_1_28(judge: Any, values: list[float]) -> None:
    lowest = exact_silu([-1.2784645427610738])[0]
    found = judge(silu).call(np.array(values, np.float32))
    assert (found >= lowest - 1e-6).all(), f"silu of {values} gave {found}, below {lowest}"


# both


@BOTH
def test_values(judge: Any, dtype: Any, function: Any) -> None:
    x = np.array(TAME, dtype)
    judge(function).agrees(x, EXACT[function.__name__](x), kinks=(20.0,))


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
