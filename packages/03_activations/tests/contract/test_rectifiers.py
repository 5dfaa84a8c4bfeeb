"""Task 3.1: relu, leaky_relu and elu."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tinytorch.activations import elu, leaky_relu, relu
from tinytorch.tensor import Tensor, tensor

few = settings(
    max_examples=50, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink]
)
numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=12)

TAME = [-30.0, -7.25, -3.0, -1.0, -0.5, -0.01, 0.0, 0.01, 0.5, 1.0, 2.0, 7.25, 30.0]
KINK = (0.0,)


def extremes(dtype: Any) -> Any:
    """The largest, the smallest and the tiniest numbers of a dtype."""
    limits = np.finfo(dtype)
    sizes = [limits.max, limits.tiny, limits.smallest_subnormal]
    return np.array([*sizes, *(-size for size in sizes)], dtype)


def exact_leaky_relu(x: Any, slope: Any) -> Any:
    return [v if v > 0 else v * float(slope) for v in np.asarray(x, np.float64).tolist()]


def exact_elu(x: Any, alpha: float) -> Any:
    return [v if v > 0 else alpha * math.expm1(v) for v in np.asarray(x, np.float64).tolist()]


# relu


def test_relu_of_a_few_numbers() -> None:
    found = relu(tensor([-2.0, -0.5, 0.0, 0.5, 2.0])).tolist()
    expected = [0.0, 0.0, 0.0, 0.5, 2.0]
    assert found == expected, f"relu of [-2, -0.5, 0, 0.5, 2] gave {found}, expected {expected}"


def test_relu_is_exact(judge: Any, dtype: Any) -> None:
    x = np.concatenate([np.array(TAME, dtype), extremes(dtype)])
    judge(relu).agrees(x, [max(v, 0.0) for v in x.tolist()], eps=0, smallest=0, kinks=KINK)


def test_relu_of_infinities_and_nan(judge: Any, dtype: Any) -> None:
    judge(relu).agrees(np.array([math.inf, -math.inf, math.nan], dtype), [math.inf, 0.0, math.nan])


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8"])
def test_relu_keeps_whole_numbers_whole(judge: Any, kind: str) -> None:
    limits = np.iinfo(kind)
    x = np.array([limits.min, 0, 1, 100, limits.max], kind)
    found = judge(relu).call(x)
    expected = [max(v, 0) for v in x.tolist()]
    assert found.tolist() == expected, (
        f"relu of {x.tolist()} as {kind} gave {found.tolist()}, expected {expected}"
    )


# leaky_relu


@pytest.mark.parametrize("slope", [0.01, 0.2, 0.0, 1.0, -0.5, 2.0])
def test_leaky_relu(judge: Any, dtype: Any, slope: float) -> None:
    x = np.array(TAME, dtype)
    judge(leaky_relu).agrees(x, exact_leaky_relu(x, slope), eps=3, kinks=KINK, negative_slope=slope)


def test_leaky_relu_slopes_by_a_hundredth_unless_told() -> None:
    found = leaky_relu(tensor([-100.0, 100.0])).tolist()
    expected = [-1.0, 100.0]
    assert found == pytest.approx(expected), (
        f"leaky_relu of [-100, 100] gave {found}, expected {expected}"
    )


def test_leaky_relu_takes_the_slope_by_position() -> None:
    found = leaky_relu(tensor([-8.0, 8.0]), 0.5).tolist()
    assert found == [-4.0, 8.0], f"leaky_relu([-8, 8], 0.5) gave {found}, expected [-4.0, 8.0]"


def test_leaky_relu_of_extremes(judge: Any, dtype: Any) -> None:
    x = extremes(dtype)
    judge(leaky_relu).agrees(x, exact_leaky_relu(x, 0.01), eps=3, kinks=(0.0,))


def test_leaky_relu_multiplies_only_on_the_left(judge: Any, dtype: Any) -> None:
    # 2 · max overflows, but the slope is none of a positive number's business.
    x = np.array([np.finfo(dtype).max, -1.0], dtype)
    judge(leaky_relu).agrees(x, [x[0], -2.0], negative_slope=2.0)


def test_leaky_relu_of_infinities_and_nan(judge: Any, dtype: Any) -> None:
    judge(leaky_relu).agrees(
        np.array([math.inf, -math.inf, math.nan], dtype), [math.inf, -math.inf, math.nan]
    )
    judge(leaky_relu).agrees(np.array([math.inf], dtype), [math.inf], negative_slope=0.0)


# elu


@pytest.mark.parametrize("alpha", [1.0, 0.5, 2.5, 0.0])
def test_elu(judge: Any, dtype: Any, alpha: float) -> None:
    x = np.array(TAME, dtype)
    judge(elu).agrees(x, exact_elu(x, alpha), eps=8, kinks=KINK, alpha=alpha)


def test_elu_has_alpha_1_unless_told_and_takes_it_by_position() -> None:
    expected = math.expm1(-1.0)
    found = elu(tensor([-1.0])).item()
    assert found == pytest.approx(expected), f"elu([-1]) gave {found}, expected {expected}"
    found = elu(tensor([-1.0]), 3.0).item()
    assert found == pytest.approx(3 * expected), f"elu([-1], 3) gave {found}, not {3 * expected}"


def test_elu_does_not_overflow_on_the_right(judge: Any, dtype: Any) -> None:
    x = np.concatenate([np.array([12.0, 90.0, 800.0, 6e4], dtype), extremes(dtype)])
    judge(elu).agrees(x, exact_elu(x, 1.0))


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_elu_keeps_the_digits_of_small_numbers(judge: Any, kind: str) -> None:
    # e^x − 1 of a small x is x, but 1 + x has already lost its digits.
    x = np.array([-1e-3, -1e-5, -1e-8, -1e-20, -1e-30], kind)
    judge(elu).agrees(x, exact_elu(x, 1.0))


def test_elu_of_infinities_and_nan(judge: Any, dtype: Any) -> None:
    judge(elu).agrees(
        np.array([math.inf, -math.inf, math.nan], dtype), [math.inf, -1.5, math.nan], alpha=1.5
    )


# all three

ALL = pytest.mark.parametrize("function", [relu, leaky_relu, elu], ids=lambda f: f.__name__)
EXACT = {
    "relu": lambda x: exact_leaky_relu(x, 0.0),
    "leaky_relu": lambda x: exact_leaky_relu(x, 0.01),
    "elu": lambda x: exact_elu(x, 1.0),
}


@ALL
def test_any_shape_and_order_in_memory(judge: Any, function: Any, layout: Any) -> None:
    expected = np.reshape(EXACT[function.__name__](layout.ravel()), layout.shape)
    judge(function).agrees(layout, expected, kinks=KINK)


@pytest.mark.parametrize("function", [leaky_relu, elu], ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", ["int8", "int64", "uint8", "bool"])
def test_whole_numbers_become_float32(judge: Any, function: Any, kind: str) -> None:
    x = np.array([-3, -1, 0, 2]).astype(kind)
    judge(function).agrees(x, EXACT[function.__name__](x))


@ALL
def test_what_is_no_tensor_is_refused(refused: Any, function: Any) -> None:
    function(tensor([1.0, -1.0]))  # a tensor of the same numbers is welcome
    name = function.__name__
    refused(TypeError, f"{name}([1.0, -1.0])", lambda: function([1.0, -1.0]), name)


@ALL
@few
@given(numbers)
def test_never_falls(judge: Any, function: Any, values: list[float]) -> None:
    x = np.sort(np.array(values, np.float32))
    found = judge(function).call(x).astype(np.float64)
    falls = np.diff(found) < -1e-6 * np.abs(found[1:])
    assert not falls.any(), f"{function.__name__} of the rising {x} falls: {found}"


@few
@given(numbers)
def test_relu_twice_is_relu_once(values: list[float]) -> None:
    once = relu(Tensor(np.array(values, np.float32)))
    assert relu(once).tolist() == once.tolist(), f"relu(relu(x)) is not relu(x) for x = {values}"


@few
@given(numbers)
def test_relu_splits_a_number(values: list[float]) -> None:
    """x is relu(x) − relu(−x): what is cut off on one side is kept on the other."""
    x = Tensor(np.array(values, np.float32))
    rebuilt = relu(x) - relu(-x)
    assert rebuilt.tolist() == x.tolist(), f"relu(x) - relu(-x) is {rebuilt} for x = {values}"


@few
@given(numbers, st.floats(0.0, 4.0))
def test_elu_stays_above_minus_alpha(judge: Any, values: list[float], alpha: float) -> None:
    found = judge(elu).call(np.array(values, np.float32), alpha=alpha)
    assert (found >= -np.float32(alpha)).all(), f"elu(x, {alpha}) of {values} gave {found}"
