"""Task 5.4: counting arithmetic."""

import functools
import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.networks import activation_flops, linear_flops


class Counted:
    """A number that counts what is done with it."""

    done = 0

    def __add__(self, other: "Counted") -> "Counted":
        Counted.done += 1
        return Counted()

    def __mul__(self, other: "Counted") -> "Counted":
        Counted.done += 1
        return Counted()


def really_done(rows: int, n: int, m: int, bias: bool) -> int:
    """The additions and multiplications of x W^T + b, done one by one and counted."""
    Counted.done = 0
    for _ in range(rows * m):
        products = [Counted() * Counted() for _ in range(n)]
        terms = products + [Counted()] * bias
        if terms:
            functools.reduce(operator.add, terms)
    return Counted.done


def expect(found: Any, expected: int, tried: str) -> None:
    assert found == expected, f"{tried} gave {found}, expected {expected}"
    assert isinstance(found, int), f"{tried} gave a {type(found).__name__}, expected an int"


@pytest.mark.parametrize(
    ("rows", "n", "m", "bias", "expected"),
    [
        (1, 1, 1, False, 1),  # one multiplication
        (1, 1, 1, True, 2),  # and an addition
        (1, 3, 1, False, 5),  # 3 multiplications, 2 additions
        (1, 3, 1, True, 6),
        (1, 2, 8, True, 32),  # XORNet's first layer: 8 results of 2 + 2
        (4, 2, 8, True, 128),
        (4, 8, 1, True, 64),
        (32, 784, 128, True, 2 * 32 * 784 * 128),
        (32, 784, 128, False, 32 * 128 * (2 * 784 - 1)),
        (7, 5, 3, False, 7 * 3 * 9),
    ],
)
def test_by_hand(rows: int, n: int, m: int, bias: bool, expected: int) -> None:
    expect(linear_flops(rows, n, m, bias), expected, f"linear_flops({rows}, {n}, {m}, {bias})")


def test_there_is_a_bias_unless_told_otherwise() -> None:
    expect(linear_flops(4, 8, 1), 64, "linear_flops(4, 8, 1)")
    expect(linear_flops(4, 8, 1, bias=False), 60, "linear_flops(4, 8, 1, bias=False)")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 4), st.integers(0, 6), st.integers(0, 4), st.booleans())
def test_it_is_what_the_loops_do(rows: int, n: int, m: int, bias: bool) -> None:
    tried = f"linear_flops({rows}, {n}, {m}, bias={bias})"
    expect(linear_flops(rows, n, m, bias), really_done(rows, n, m, bias), tried)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, 99), st.integers(1, 999), st.integers(1, 999))
def test_a_bias_is_one_addition_a_result(rows: int, n: int, m: int) -> None:
    difference = linear_flops(rows, n, m, True) - linear_flops(rows, n, m, False)
    assert difference == rows * m, f"a bias on {rows} rows of {m} costs {difference}"


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99), st.booleans())
def test_twice_the_rows_are_twice_the_work(rows: int, n: int, m: int, bias: bool) -> None:
    found, once = linear_flops(2 * rows, n, m, bias), linear_flops(rows, n, m, bias)
    assert found == 2 * once, f"{2 * rows} rows cost {found}, {rows} rows {once}"


def test_nothing_to_do() -> None:
    expect(linear_flops(0, 5, 3), 0, "no rows")
    expect(linear_flops(5, 3, 0), 0, "no outputs")


def test_no_inputs_leave_nothing_negative() -> None:
    # A sum of no products is 0: no multiplication, and not -1 additions.
    expect(linear_flops(4, 0, 3, bias=False), 0, "linear_flops(4, 0, 3, bias=False)")
    expect(linear_flops(4, 0, 3, bias=True), 0, "linear_flops(4, 0, 3, bias=True)")


def test_counts_are_exact_however_large() -> None:
    n = 10**7
    expect(linear_flops(n, n, n, True), 2 * 10**21, "a product of huge matrices")
    expect(activation_flops((n, n, n)), 10**21, "a huge activation")


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((4, 8), 32), ((8,), 8), ((2, 3, 4), 24), ((0, 8), 0), ((), 1), ((1, 1, 1), 1)],
)
def test_an_activation_is_one_an_element(shape: tuple[int, ...], expected: int) -> None:
    expect(activation_flops(shape), expected, f"activation_flops({shape})")
