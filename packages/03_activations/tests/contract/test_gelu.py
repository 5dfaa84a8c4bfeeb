"""Task 3.4: gelu, exact and by tanh."""

import decimal
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tinytorch.activations import gelu
from tinytorch.tensor import Tensor, tensor

few = settings(
    max_examples=50, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink]
)
numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=12)
moderate = st.lists(st.floats(-12, 12, width=32), max_size=12)

# So many digits that the definition itself, as it stands in a book, is exact enough.
MANY_DIGITS = decimal.Context(prec=80)

TAME = [-9.0, -5.5, -4.0, -3.0, -2.0, -1.0, -0.25, -0.01, 0.0, 0.01, 0.25, 1.0, 2.0, 3.0, 5.5, 9.0]


def exact_gelu(values: Any) -> list[float]:
    """x · Φ(x), with Φ(x) = erfc(−x/√2) / 2."""
    return [float(x) * math.erfc(-float(x) / math.sqrt(2)) / 2 for x in values]


def exact_gelu_by_tanh(values: Any) -> list[float]:
    with decimal.localcontext(MANY_DIGITS) as context:
        pi = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
        factor = (2 / pi).sqrt()
        found = []
        for x in map(Decimal, map(float, values)):
            doubled = (2 * factor * (x + Decimal("0.044715") * context.power(x, 3))).exp()
            found.append(float(x / 2 * (1 + (doubled - 1) / (doubled + 1))))
        return found


EXACT = {"none": exact_gelu, "tanh": exact_gelu_by_tanh}
BOTH = pytest.mark.parametrize("approximate", ["none", "tanh"])


def small_beside_x(x: Any) -> Any:
    """The error of the usual formulas: 1 + erf(…) is exact to a few units of 1, not of itself.

    Below −12 both are 0, whatever x is.
    """
    x = np.asarray(x, np.float64)
    size = np.where(x < -12, 0, np.abs(x))
    return 16 * np.finfo(np.float32).eps * size


def test_exact_at_a_few_places() -> None:
    # Φ(1) = 0.8413447, as in every table of the normal distribution.
    found = gelu(tensor([-1.0, 0.0, 1.0])).tolist()
    expected = [-0.1586553, 0.0, 0.8413447]
    assert found == pytest.approx(expected, abs=1e-6), (
        f"gelu of [-1, 0, 1] gave {found}, expected {expected}"
    )


def test_exact_unless_told() -> None:
    found = gelu(tensor([2.2], dtype=np.float64)).item()
    assert found == pytest.approx(exact_gelu([2.2])[0], abs=1e-7), (
        f"gelu(2.2) gave {found!r}; exact is {exact_gelu([2.2])[0]!r}, the approximation by tanh "
        f"{exact_gelu_by_tanh([2.2])[0]!r}"
    )


def test_the_approximation_is_the_one_by_tanh() -> None:
    x = tensor([2.2], dtype=np.float64)
    found = gelu(x, approximate="tanh").item()
    assert found == pytest.approx(exact_gelu_by_tanh([2.2])[0], abs=1e-12), (
        f'gelu(2.2, approximate="tanh") gave {found!r}, expected {exact_gelu_by_tanh([2.2])[0]!r}'
    )


@BOTH
def test_values(judge: Any, dtype: Any, approximate: str) -> None:
    x = np.array(TAME, dtype)
    judge(gelu).agrees(
        x, EXACT[approximate](x), absolute=small_beside_x(x), approximate=approximate
    )


@BOTH
def test_values_to_the_digits_of_float64(judge: Any, approximate: str) -> None:
    x = np.array(TAME)
    beside = 16 * np.finfo(np.float64).eps * np.abs(x)
    judge(gelu).agrees(x, EXACT[approximate](x), absolute=beside, approximate=approximate)


@BOTH
def test_the_largest_numbers(judge: Any, dtype: Any, approximate: str) -> None:
    # x³ overflows long before x does, and so does 2x; neither may be seen in the result.
    largest = np.finfo(dtype).max
    x = np.array([-largest, -6e4, -300.0, -50.0, 50.0, 300.0, 6e4, largest], dtype)
    judge(gelu).agrees(x, np.maximum(x, 0).astype(np.float64), approximate=approximate)


@BOTH
def test_the_smallest_numbers(judge: Any, dtype: Any, approximate: str) -> None:
    limits = np.finfo(dtype)
    x = np.array([limits.tiny, -limits.tiny, limits.smallest_subnormal], dtype)
    judge(gelu).agrees(x, x.astype(np.float64) / 2, approximate=approximate)


@BOTH
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_small_numbers_keep_their_digits(judge: Any, kind: str, approximate: str) -> None:
    x = np.array([1e-3, -1e-5, 1e-8, -1e-20, 1e-30], kind)
    judge(gelu).agrees(x, EXACT[approximate](x), approximate=approximate)


@BOTH
def test_infinity_and_nan(judge: Any, dtype: Any, approximate: str) -> None:
    x = np.array([math.inf, math.nan], dtype)
    judge(gelu).agrees(x, [math.inf, math.nan], approximate=approximate)


@BOTH
def test_minus_infinity(judge: Any, dtype: Any, approximate: str) -> None:
    # The limit is 0; the formula, and with it PyTorch, says −∞ · 0, nan. Both can be defended.
    x = np.array([-math.inf], dtype)
    found = judge(gelu).call_with_infinities(x, approximate=approximate)[0]
    assert found == 0 or np.isnan(found), f"gelu(-inf) gave {found}, expected nan or 0"


@BOTH
def test_any_shape_and_order_in_memory(judge: Any, layout: Any, approximate: str) -> None:
    expected = np.reshape(EXACT[approximate](layout.ravel()), layout.shape)
    judge(gelu).agrees(layout, expected, absolute=1e-14, approximate=approximate)


@BOTH
@pytest.mark.parametrize("kind", ["int8", "int64", "uint8", "bool"])
def test_whole_numbers_become_float32(judge: Any, kind: str, approximate: str) -> None:
    x = np.array([-3, -1, 0, 2]).astype(kind)
    judge(gelu).agrees(
        x, EXACT[approximate](x), absolute=small_beside_x(x), approximate=approximate
    )


@pytest.mark.parametrize("approximate", ["erf", "TANH", "", None, True])
def test_another_approximation_is_refused(refused: Any, approximate: Any) -> None:
    # What was given, in whatever quotes, and what may be given.
    words = ("gelu", str(approximate), "none", "tanh")
    tried = f"gelu(x, approximate={approximate!r})"
    refused(ValueError, tried, lambda: gelu(tensor([1.0]), approximate=approximate), *words)


def test_what_is_no_tensor_is_refused(refused: Any) -> None:
    gelu(tensor([1.0, -1.0]))  # a tensor of the same numbers is welcome
    refused(TypeError, "gelu([1.0, -1.0])", lambda: gelu([1.0, -1.0]), "gelu")


@few
@given(moderate)
def test_digits_everywhere(judge: Any, values: list[float]) -> None:
    x = np.array(values, np.float32)
    judge(gelu).agrees(x, exact_gelu(x), absolute=small_beside_x(x))
    judge(gelu).agrees(x, exact_gelu_by_tanh(x), absolute=small_beside_x(x), approximate="tanh")


@few
@given(moderate)
def test_the_approximation_is_within_half_a_thousandth(values: list[float]) -> None:
    x = Tensor(np.array(values, np.float64))
    error = np.abs(gelu(x).numpy() - gelu(x, approximate="tanh").numpy())
    assert (error < 5e-4).all(), f"exact and approximate differ by {error} for x = {values}"


@BOTH
@few
@given(moderate)
def test_of_x_and_of_minus_x_differ_by_x(approximate: str, values: list[float]) -> None:
    """Φ(x) + Φ(−x) = 1, so gelu(x) − gelu(−x) = x."""
    x = Tensor(np.array(values, np.float64))
    difference = (gelu(x, approximate=approximate) - gelu(-x, approximate=approximate)).numpy()
    assert np.allclose(difference, values, rtol=0, atol=1e-13), (
        f"gelu(x) − gelu(−x) is {difference} for x = {values}"
    )


@BOTH
@few
@given(numbers)
def test_lies_between_relu_and_its_lowest_value(
    judge: Any, approximate: str, values: list[float]
) -> None:
    x = np.array(values, np.float32)
    found = judge(gelu).call(x, approximate=approximate)
    inside = (found >= -0.1701) & (found <= np.maximum(x, 0))
    assert inside.all(), f"gelu of {x} gave {found}"
