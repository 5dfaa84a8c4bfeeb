"""Task 9.3, first half: the rules of product, quotient and power."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

SHAPES = [
    [(2, 3), (2, 3)], [(2, 3), (3,)], [(3,), (2, 3)], [(2, 1), (1, 3)], [(), (2,)], [(2,), ()],
    [(), ()], [(1, 1), (2, 2)], [(4, 1, 3), (2, 1)], [(0, 3), (3,)], [(0,), ()],
]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_products(shapes: Any, drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("mul", np.multiply, drawn(*shapes[0]), drawn(*shapes[1], seed=1))


def test_products_with_numbers(drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("mul", np.multiply, drawn(2, 3), -2.5)
    check_rule_of("mul", np.multiply, -2.5, drawn(2, 3))
    check_rule_of("mul", np.multiply, drawn(2, 3), 3)


def test_products_with_zeros_and_infinities(check_rule_of: Any) -> None:
    a, b = np.array([0.0, 0.0, 2.0]), np.array([0.0, 3.0, np.inf])
    g = np.array([5.0, 7.0, 1.0])
    check_rule_of("mul", np.multiply, a, b, g=g, expected={0: g * b, 1: g * a})


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_quotients(shapes: Any, drawn: Any, positive: Any, check_rule_of: Any) -> None:
    check_rule_of("div", np.divide, drawn(*shapes[0]), positive(*shapes[1], seed=1))
    check_rule_of("div", np.divide, drawn(*shapes[0]), -positive(*shapes[1], seed=1))


def test_quotients_with_numbers(drawn: Any, positive: Any, check_rule_of: Any) -> None:
    check_rule_of("div", np.divide, drawn(2, 3), -2.5)
    check_rule_of("div", np.divide, -2.5, positive(2, 3))
    check_rule_of("div", np.divide, 3, positive(2, 3))


def test_nothing_divided(positive: Any, check_rule_of: Any) -> None:
    check_rule_of("div", np.divide, np.zeros(3), positive(3))


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_powers(shapes: Any, drawn: Any, positive: Any, check_rule_of: Any) -> None:
    check_rule_of("pow", np.power, positive(*shapes[0]), drawn(*shapes[1], seed=1))


@pytest.mark.parametrize("exponent", [3, 2, 1, 2.5, -1, -0.5, 3.0, 1.0])
def test_a_fixed_exponent(exponent: float, positive: Any, check_rule_of: Any) -> None:
    check_rule_of("pow", np.power, positive(2, 3), exponent, tolerance=1e-5)


@pytest.mark.parametrize("exponent", [2, 3, 4.0])
def test_negative_numbers_to_a_whole_exponent(
    exponent: float, drawn: Any, check_rule_of: Any
) -> None:
    check_rule_of("pow", np.power, drawn(2, 3), exponent)


@pytest.mark.parametrize("base", [2, 0.5, 1.0, 3.7])
def test_a_fixed_base(base: float, drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("pow", np.power, base, drawn(2, 3), tolerance=1e-5)


@pytest.mark.parametrize("base", [3, 3.7])
def test_a_number_as_base_has_all_digits(base: float, drawn: Any, check_rule_of: Any) -> None:
    """A Python number meets float64: its logarithm must not come in float32."""
    b, g = drawn(4), drawn(4, seed=1)
    right = g * base**b * np.log(base)
    check_rule_of("pow", np.power, base, b, g=g, expected={1: right}, tolerance=1e-12)


def test_the_power_0_is_constant_also_at_0(drawn: Any, check_rule_of: Any) -> None:
    a = np.concatenate([drawn(3), [0.0]])
    check_rule_of("pow", np.power, a, 0, expected={0: np.zeros(4)})
    check_rule_of("pow", np.power, a, 0.0, expected={0: np.zeros(4)})
    check_rule_of("pow", np.power, a, np.zeros(4), wanted=[0], expected={0: np.zeros(4)})


def test_powers_of_0(check_rule_of: Any) -> None:
    a, b = np.zeros(4), np.array([1.0, 2.0, 3.0, 0.0])
    g = np.array([2.0, 3.0, 5.0, 7.0])
    expected = {0: np.array([2.0, 0.0, 0.0, 0.0]), 1: np.zeros(4)}
    check_rule_of("pow", np.power, a, b, g=g, expected=expected)
    check_rule_of("pow", np.power, 0.0, b, g=g, expected={1: np.zeros(4)})
    check_rule_of("pow", np.power, 0, b, g=g, expected={1: np.zeros(4)})


def test_whole_exponents_of_each_number(positive: Any, check_rule_of: Any) -> None:
    exponents = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    check_rule_of("pow", np.power, positive(5), exponents)
    check_rule_of("pow", np.power, positive(3, 1), exponents)


def test_0_to_a_negative_power_rises_without_bound(check_rule_of: Any) -> None:
    g, expected = np.array([2.0, 3.0]), {1: np.array([-np.inf, -np.inf])}
    b = np.array([-0.5, -1.0])
    with np.errstate(divide="ignore"):
        check_rule_of("pow", np.power, np.zeros(2), b, wanted=[1], g=g, expected=expected)
        check_rule_of("pow", np.power, 0.0, b, g=g, expected=expected)


def test_a_slope_that_is_infinite(check_rule_of: Any) -> None:
    with np.errstate(divide="ignore"):
        check_rule_of(
            "pow", np.power, np.array([0.0]), 0.5, g=np.array([2.0]),
            expected={0: np.array([np.inf])},
        )  # fmt: skip
