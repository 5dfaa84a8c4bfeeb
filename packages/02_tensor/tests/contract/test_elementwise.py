"""Functions of each element, comparisons, and choices (what the tasks do not ask for)."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=40, deadline=None, derandomize=True)

POSITIVE = np.float64([[0.25, 1.0, 2.5], [1e-3, 7.0, 40.0]])
FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": lambda x: 1 / x,
    "abs": np.abs,
    "square": np.square,
    "sin": np.sin,
    "cos": np.cos,
    "erf": np.vectorize(math.erf, otypes=[np.float64]),
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
}
LEAVE_THE_INTEGERS = ["exp", "log", "log1p", "sqrt", "rsqrt", "reciprocal", "sin", "cos", "erf"]
COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_functions(name, kind, assert_tensor):
    x = POSITIVE.astype(kind)
    expected = FUNCTIONS[name](x.astype(np.float64)).astype(kind)
    assert_tensor(getattr(tt, name)(tt.tensor(x)), expected, f"{name} of {kind}")
    assert_tensor(getattr(tt.Tensor(x.T), name)(), expected.T, f"method {name}, transposed")
    empty = getattr(tt, name)(tt.zeros(0, 2, dtype=kind))
    assert_tensor(empty, np.zeros((0, 2), kind), f"{name} of nothing")
    assert_tensor(getattr(tt, name)(tt.tensor(x[0, 1])), expected[0, 1], f"{name} of a 0-d tensor")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_float16(name, assert_tensor):
    x = np.float16([0.25, 1, 2.5, 7])
    expected = FUNCTIONS[name](x.astype(np.float64)).astype(np.float16)
    assert_tensor(getattr(tt, name)(tt.tensor(x)), expected, f"{name} of float16")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kind", ["int64", "uint8"])
def test_functions_of_integers(name, kind, assert_tensor):
    x = np.array([1, 2, 5], kind)
    dtype = "float32" if name in LEAVE_THE_INTEGERS else kind
    expected = FUNCTIONS[name](x.astype(np.float64)).astype(dtype)
    assert_tensor(getattr(tt, name)(tt.tensor(x)), expected, f"{name} of {kind}")


def test_functions_of_booleans(assert_tensor):
    x = tt.tensor([True, False])
    assert_tensor(tt.square(x), np.array([1, 0]), "square of booleans")
    assert_tensor(tt.sign(x), np.array([True, False]), "sign of booleans")
    assert_tensor(tt.floor(x), np.array([True, False]), "floor of booleans")
    assert_tensor(tt.exp(x), np.float32([np.e, 1]), "exp of booleans")


def test_outside_the_domain(assert_tensor):
    inf, nan = np.inf, np.nan
    with np.errstate(all="ignore"):
        assert_tensor(tt.log(tt.tensor([0.0, -1.0])), np.float32([-inf, nan]), "log of 0 and −1")
        assert_tensor(tt.sqrt(tt.tensor([-1.0])), np.float32([nan]), "sqrt of −1")
        assert_tensor(tt.rsqrt(tt.tensor([0.0])), np.float32([inf]), "rsqrt of 0")
        assert_tensor(tt.reciprocal(tt.tensor([0.0])), np.float32([inf]), "reciprocal of 0")
        assert_tensor(tt.exp(tt.tensor([1000.0])), np.float32([inf]), "exp of 1000")
    x = tt.tensor([-inf, inf, nan])
    assert_tensor(tt.erf(x), np.float32([-1, 1, nan]), "erf at the ends")
    assert_tensor(tt.sign(x), np.float32([-1, 1, nan]), "sign at the ends")


def test_a_half_is_rounded_to_the_even_neighbour(assert_tensor):
    found = tt.round(tt.tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]))
    assert_tensor(found, np.float32([-2, -2, 0, 0, 2, 2]), "round of halves")


def test_log1p_is_exact_for_small_numbers(assert_tensor):
    x = np.float64([1e-18, -1e-18, 1e-9])
    assert_tensor(tt.log1p(tt.tensor(x)) / tt.tensor(x), np.float64([1, 1, 1 - 5e-10]), "log1p / x")


def test_what_is_finite(assert_tensor):
    x = tt.tensor([1.0, np.nan, np.inf, -np.inf])
    assert_tensor(tt.isfinite(x), np.array([True, False, False, False]), "isfinite")
    assert_tensor(tt.isnan(x), np.array([False, True, False, False]), "isnan")
    assert_tensor(tt.isinf(x), np.array([False, False, True, True]), "isinf")
    for name in ("isfinite", "isnan", "isinf"):
        found = getattr(tt.tensor([1, 2]), name)()
        assert_tensor(found, np.array([name == "isfinite"] * 2), f"{name} of integers")


@pytest.mark.parametrize("name", COMPARE)
def test_comparisons(name, assert_tensor):
    a, b = np.float32([[1, 2, np.nan]]), np.float32([[2], [1]])
    expected = COMPARE[name](a, b)
    assert_tensor(getattr(tt, name)(tt.tensor(a), tt.tensor(b)), expected, name)
    assert_tensor(COMPARE[name](tt.tensor(a), tt.tensor(b)), expected, f"the operator {name}")
    assert_tensor(COMPARE[name](tt.tensor(a), 2), COMPARE[name](a, 2), f"{name} with 2")
    assert_tensor(COMPARE[name](2, tt.tensor(a)), COMPARE[name](2, a), f"2 {name} tensor")
    integers = tt.tensor([2**53, 2**53 + 1])
    found = COMPARE[name](integers, 2**53)
    assert_tensor(found, COMPARE[name](integers.numpy(), 2**53), f"{name} of large integers")


def test_a_tensor_equals_nothing_else():
    x = tt.tensor([1.0])
    assert (x == "text") is False
    assert (x != None) is True  # noqa: E711
    assert len({x, tt.tensor([1.0])}) == 2, "two tensors with equal values are two keys"


def test_bit_by_bit(assert_tensor, refused):
    a, b = np.array([0b1100, 7]), np.array([0b1010, 8])
    x, y = tt.tensor(a), tt.tensor(b)
    assert_tensor(x & y, a & b, "&")
    assert_tensor(x | y, a | b, "|")
    assert_tensor(x ^ y, a ^ b, "^")
    assert_tensor(~x, ~a, "~")
    assert_tensor(1 | x, 1 | a, "1 |")
    p = np.array([True, False])
    assert_tensor(~tt.tensor(p), ~p, "~ of booleans")
    assert_tensor(tt.tensor(p) & True, p, "& True")
    assert_tensor(tt.logical_not(tt.tensor([0.0, 2.0])), np.array([True, False]), "logical_not")
    with refused(TypeError, "bitwise_and"):
        tt.tensor([1.0]) & tt.tensor([2.0])
    with refused(TypeError, "bitwise_not"):
        _ = ~tt.tensor([1.0])


@bounded
@given(
    a=hnp.arrays(np.int64, 3, elements=st.integers(-20, 20)),
    b=hnp.arrays(np.int64, 3, elements=st.integers(-20, 20).filter(bool)),
)
def test_floor_division_and_its_remainder(a, b, assert_tensor):
    quotient, rest = tt.tensor(a) // tt.tensor(b), tt.tensor(a) % tt.tensor(b)
    assert_tensor(quotient, a // b, f"{a} // {b}")
    assert_tensor(rest, a % b, f"{a} % {b}")
    assert_tensor(quotient * tt.tensor(b) + rest, a, "quotient · b + remainder is a")
    as_floats = tt.tensor(a.astype(np.float32)) // tt.tensor(b.astype(np.float32))
    assert_tensor(as_floats, (a // b).astype(np.float32), f"{a} // {b} in float32")


def test_integers_over_zero(refused):
    for name in ("floor_divide", "remainder"):
        with refused(ZeroDivisionError, name):
            getattr(tt, name)(tt.tensor([1, 2]), tt.tensor([1, 0]))
        with refused(ZeroDivisionError, name):
            getattr(tt, name)(tt.tensor([1, 2]), 0)
        with refused(TypeError, name):
            getattr(tt, name)(tt.tensor([True]), tt.tensor([True]))
    with np.errstate(divide="ignore"):
        assert (tt.tensor([1.0]) // 0).tolist() == [np.inf]


def test_reflected_floor_division(assert_tensor):
    x = tt.tensor([2, 3])
    assert_tensor(7 // x, np.array([3, 2]), "7 // [2, 3]")
    assert_tensor(7 % x, np.array([1, 1]), "7 % [2, 3]")
    assert_tensor(-7 % x, np.array([1, 2]), "-7 % [2, 3]")


def test_where(assert_tensor, refused):
    mask = np.array([[True], [False]])
    a, b = np.float32([1, 2, 3]), np.float32(9)
    found = tt.where(tt.tensor(mask), tt.tensor(a), tt.tensor(b))
    assert_tensor(found, np.where(mask, a, b), "where, broadcast")
    assert_tensor(tt.where(tt.tensor(mask), 1, 0), np.array([[1], [0]]), "where of integers")
    assert_tensor(tt.where(tt.tensor(mask), 1, 0.5), np.float32([[1], [0.5]]), "where of numbers")
    assert_tensor(tt.where(tt.tensor(mask), tt.tensor(a), 0), np.where(mask, a, np.float32(0)), "")
    found = tt.tensor(a).where(tt.tensor(mask), 0.0)
    assert_tensor(found, np.where(mask, a, np.float32(0)), "the method where")
    with refused(TypeError, "where", "boolean", "int64"):
        tt.where(tt.tensor([1, 0]), 1, 0)
    with refused(TypeError, "where"):
        tt.where(True, tt.tensor(a), 0)
    with refused(ValueError, "where", "(2,)", "(3,)"):
        tt.where(tt.tensor([True, False]), tt.tensor(a), 0)


def test_the_inputs_are_left_alone():
    for name in FUNCTIONS:
        x = tt.tensor([1.5, 2.0])
        found = getattr(tt, name)(x)
        assert x.tolist() == [1.5, 2], f"{name} changed its input"
        assert not np.shares_memory(found.numpy(), x.numpy()), f"{name} returned its input"
    integers = tt.tensor([1, 2])
    assert not np.shares_memory(tt.floor(integers).numpy(), integers.numpy())


def test_erf_of_a_single_number():
    found = tt.tensor(0.5).erf()
    assert found.shape == ()
    assert found.item() == pytest.approx(math.erf(0.5), rel=1e-6)
