"""Task 2.3: arithmetic, element by element."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=40, deadline=None, derandomize=True)

BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
}
OPERATORS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
}
SHAPES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((), (2, 2)),
    ((2, 2), ()),
    ((), ()),
    ((0, 3), (3,)),
    ((1,), (0,)),
    ((4, 1, 2), (3, 1)),
]


def positive(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Numbers from 0.5 to 2.5: every function here is smooth among them."""
    return np.random.default_rng(seed).uniform(0.5, 2.5, shape).astype(np.float32)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_two_tensors(name, left, right, assert_tensor):
    a, b = positive(left, 0), positive(right, 1)
    found = getattr(tt, name)(tt.tensor(a), tt.tensor(b))
    assert_tensor(found, np.asarray(BINARY[name](a, b)), f"{name} of shapes {left} and {right}")


@pytest.mark.parametrize("name", BINARY)
def test_gradient_of_two_tensors(name, assert_tensor, check_gradient):
    a, b = positive((2, 3), 0), positive((2, 3), 1)
    assert_tensor(getattr(tt, name)(tt.tensor(a), tt.tensor(b)), BINARY[name](a, b), name)
    check_gradient(name, a, b)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(1.5), np.int64(3)])
def test_operators_with_a_number_on_either_side(name, number, assert_tensor):
    x = positive((2, 3), 0)
    apply = OPERATORS[name]
    right = BINARY[name](x, np.float32(number))
    left = BINARY[name](np.float32(number), x)
    assert_tensor(apply(tt.tensor(x), number), right, f"{name}: a float32 tensor and {number!r}")
    assert_tensor(apply(number, tt.tensor(x)), left, f"{name}: {number!r} and a float32 tensor")


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int8", "int32", "int64"])
def test_the_dtype_stays(name, kind, assert_tensor):
    a, b = np.array([1, 2, 3], kind), np.array([3, 1, 2], kind)
    dtype = "float32" if name == "div" and kind.startswith("int") else kind
    expected = BINARY[name](a.astype(dtype), b.astype(dtype))
    found = getattr(tt, name)(tt.tensor(a), tt.tensor(b))
    assert_tensor(found, expected, f"{name} of two {kind} tensors")


@pytest.mark.parametrize(
    ("apply", "expected"),
    [
        (lambda i, f: i + f, "float32"),
        (lambda i, f: f - i, "float32"),
        (lambda i, f: i * 2, "int64"),
        (lambda i, f: i * 2.0, "float32"),
        (lambda i, f: 2**i, "int64"),
        (lambda i, f: i / i, "float32"),
        (lambda i, f: 1 / i, "float32"),
        (lambda i, f: f.half() * 2.5, "float16"),
        (lambda i, f: f.half() + i, "float16"),
        (lambda i, f: f.double() - f, "float64"),
        (lambda i, f: tt.maximum(i, f), "float32"),
        (lambda i, f: tt.minimum(i, 2.5), "float32"),
    ],
)
def test_mixed_dtypes_meet(apply, expected):
    i, f = tt.tensor([1, 2, 3]), tt.tensor([1.0, 2.0, 3.0])
    found = apply(i, f).dtype
    assert found == np.dtype(expected), f"the result is {found}, expected {expected}"


def test_integers_divide_to_fractions(assert_tensor):
    found = tt.tensor([1, 2, 7]) / tt.tensor([2, 4, 2])
    assert_tensor(found, np.float32([0.5, 0.5, 3.5]), "[1, 2, 7] / [2, 4, 2]")


def test_large_integers_are_exact(assert_tensor):
    big = 2**53 + 1
    assert_tensor(tt.tensor([big]) + tt.tensor([0]), np.array([big]), "2**53 + 1 + 0")
    assert_tensor(tt.tensor([big]) * 1, np.array([big]), "(2**53 + 1) * 1")
    assert_tensor(-tt.tensor([big]), np.array([-big]), "-(2**53 + 1)")
    assert_tensor(tt.tensor([3]) ** 34, np.array([3**34]), "3 ** 34")
    assert_tensor(tt.maximum(tt.tensor([big]), big - 1), np.array([big]), "maximum with 2**53")


def test_booleans(assert_tensor, refused):
    a, b = tt.tensor([True, True, False]), tt.tensor([True, False, False])
    assert_tensor(a + b, np.array([True, True, False]), "boolean + is or")
    assert_tensor(a * b, np.array([True, False, False]), "boolean * is and")
    assert_tensor(a / True, np.float32([1, 1, 0]), "booleans divide as numbers")
    with refused(TypeError, "sub"):
        _ = a - b
    with refused(TypeError, "neg"):
        _ = -a
    with refused(TypeError, "pow"):
        _ = a**b


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int8", "int64"])
@pytest.mark.parametrize("shape", [(3,), (2, 2), (), (0, 2)])
def test_negation(kind, shape, assert_tensor, check_gradient):
    x = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(kind)
    assert_tensor(-tt.tensor(x), -x, f"-x of {kind}, shape {shape}")
    assert_tensor(tt.neg(tt.tensor(x)), -x, f"neg(x) of {kind}, shape {shape}")
    check_gradient("neg", positive((2, 3), 0))


@bounded
@given(
    name=st.sampled_from(["add", "sub", "mul", "maximum", "minimum"]),
    drawn=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3),
    data=st.data(),
)
def test_as_numpy_for_all_shapes(name, drawn, data, assert_tensor):
    numbers = st.integers(-100, 100).map(float)
    a, b = (data.draw(hnp.arrays(np.float32, s, elements=numbers)) for s in drawn.input_shapes)
    found = getattr(tt, name)(tt.Tensor(a), tt.Tensor(b))
    assert_tensor(found, np.asarray(BINARY[name](a, b)), f"{name} of {a.shape} and {b.shape}")


@bounded
@given(a=hnp.arrays(np.float64, (2, 3), elements=st.floats(-1e3, 1e3)))
def test_the_laws_of_arithmetic(a, assert_tensor):
    x = tt.Tensor(a)
    y = tt.Tensor(a[:1] + 1)
    assert_tensor(x + y, (y + x).numpy(), "a + b and b + a")
    assert_tensor(x - y, (-(y - x)).numpy(), "a - b and -(b - a)")
    assert_tensor(x * y, (y * x).numpy(), "a * b and b * a")
    assert_tensor(tt.minimum(x, y), (-tt.maximum(-x, -y)).numpy(), "min(a, b) and -max(-a, -b)")
    assert_tensor(x**2, (x * x).numpy(), "a ** 2 and a * a", tolerance=1e-9)


def test_other_memory_layouts(assert_tensor):
    a = positive((4, 6), 0)
    crossed, stepped = a.T, a[::2, 1::2]
    assert_tensor(tt.Tensor(crossed) + tt.Tensor(a.T), crossed + a.T, "transposed + transposed")
    assert_tensor(tt.Tensor(stepped) * tt.Tensor(a[:2, :3]), stepped * a[:2, :3], "stepped * plain")
    assert_tensor(tt.maximum(tt.Tensor(stepped), 1), np.maximum(stepped, 1), "maximum, stepped")
    assert_tensor(-tt.Tensor(crossed), -crossed, "negation, transposed")


@pytest.mark.parametrize("name", BINARY)
def test_the_inputs_are_left_alone(name):
    a, b = tt.tensor([1.0, 2.0]), tt.tensor([2.0, 3.0])
    result = getattr(tt, name)(a, b)
    assert a.tolist() == [1, 2], f"{name} changed its first input"
    assert b.tolist() == [2, 3], f"{name} changed its second input"
    assert not np.shares_memory(result.numpy(), a.numpy()), f"{name} returned its first input"
    assert not np.shares_memory(result.numpy(), b.numpy()), f"{name} returned its second input"


@pytest.mark.parametrize("name", BINARY)
def test_shapes_that_do_not_fit(name, refused):
    with refused(ValueError, name, "(2, 3)", "(4,)"):
        getattr(tt, name)(tt.ones(2, 3), tt.ones(4))


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("wrong", ["1", [1, 2], None, 1j])
def test_what_is_no_tensor_is_refused(name, wrong, refused, assert_tensor):
    x = tt.tensor([1.0, 2.0])
    assert_tensor(getattr(tt, name)(x, 1), BINARY[name](x.numpy(), np.float32(1)), name)
    with refused(TypeError, name):
        getattr(tt, name)(x, wrong)


def test_a_division_by_zero_is_infinite(assert_tensor):
    with np.errstate(divide="ignore", invalid="ignore"):
        found = tt.tensor([1.0, -1.0, 0.0]) / 0
    assert_tensor(found, np.float32([np.inf, -np.inf, np.nan]), "[1, -1, 0] / 0")


def test_powers(assert_tensor, refused):
    x = tt.tensor([2.0, 4.0, 0.0])
    assert_tensor(x**0.5, np.float32([2**0.5, 2, 0]), "x ** 0.5")
    assert_tensor(x**0, np.float32([1, 1, 1]), "x ** 0")
    assert_tensor(2.0 ** tt.tensor([1, 2]), np.float32([2, 4]), "2.0 ** [1, 2]")
    assert_tensor(tt.tensor([2, 3]) ** tt.tensor([3, 0]), np.array([8, 1]), "[2, 3] ** [3, 0]")
    with np.errstate(invalid="ignore"):
        assert_tensor(tt.tensor([-8.0]) ** (1 / 3), np.float32([np.nan]), "(-8) ** (1 / 3)")
    with refused(ValueError, "pow"):
        tt.tensor([2, 3]) ** -1
    with refused(ValueError, "pow"):
        tt.tensor([2, 3]) ** tt.tensor([1, -1])


def test_a_number_that_an_integer_type_cannot_hold(refused, assert_tensor):
    x = tt.tensor([1, 2], dtype=tt.uint8)
    assert_tensor(x + 200, np.array([201, 202], np.uint8), "uint8 + 200")
    with refused(ValueError, "add", "300"):
        x + 300
    with refused(ValueError, "mul", "-1"):
        x * -1


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_nan_wins(name, assert_tensor):
    a, b = tt.tensor([np.nan, 1.0, np.nan]), tt.tensor([1.0, np.nan, np.nan])
    assert_tensor(getattr(tt, name)(a, b), np.float32([np.nan] * 3), f"{name} with nan")


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_infinite_values_are_compared(name, assert_tensor):
    a, b = np.float32([np.inf, -np.inf, 0]), np.float32([1, 1, -np.inf])
    expected = BINARY[name](a, b)
    assert_tensor(getattr(tt, name)(tt.tensor(a), tt.tensor(b)), expected, f"{name} with inf")


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"min": -1, "max": 1}, [-1, -1, 0, 1, 1]),
        ({"min": -1}, [-1, -1, 0, 1, 2]),
        ({"max": 1}, [-2, -1, 0, 1, 1]),
        ({"min": -0.5, "max": 0.5}, [-0.5, -0.5, 0, 0.5, 0.5]),
        ({"min": 1, "max": -1}, [-1, -1, -1, -1, -1]),
        ({"min": 0, "max": 0}, [0, 0, 0, 0, 0]),
    ],
)
def test_clip(bounds, expected, assert_tensor, check_gradient):
    x = tt.tensor([-2.0, -1.0, 0.0, 1.0, 2.0])
    assert_tensor(tt.clip(x, **bounds), expected, f"clip to {bounds}", dtype="float32")
    assert_tensor(x.clamp(**bounds), expected, f"clamp to {bounds}", dtype="float32")
    check_gradient("clip", np.array([-1.7, -0.3, 0.2, 0.8, 1.9]), **bounds)


@pytest.mark.parametrize("kind", ["float16", "float64", "int8", "uint8", "int64"])
def test_clip_keeps_the_dtype(kind, assert_tensor):
    x = tt.tensor([1, 2, 3, 4], dtype=kind)
    assert_tensor(tt.clip(x, 2, 3), np.array([2, 2, 3, 3], kind), f"clip {kind} to 2 … 3")


def test_clip_of_integers_to_fractions(assert_tensor):
    found = tt.clip(tt.tensor([1, 2, 3]), 1.5, 2.5)
    assert_tensor(found, np.float32([1.5, 2, 2.5]), "clip of integers to 1.5 … 2.5")


def test_clip_to_tensors(assert_tensor):
    x = tt.tensor([[1.0, 5.0], [3.0, 2.0]])
    found = tt.clip(x, tt.tensor([2.0, 3.0]), tt.tensor([[4.0], [2.5]]))
    assert_tensor(found, np.float32([[2, 4], [2.5, 2.5]]), "clip to tensors")
    found = tt.clip(tt.tensor([1, 2]), tt.tensor([1.5, 1.5]))
    assert_tensor(found, np.float32([1.5, 2]), "clip of integers to a float32 tensor")


def test_clip_of_odd_tensors(assert_tensor):
    x = positive((4, 6), 0)
    assert_tensor(tt.clip(tt.Tensor(x.T), 1, 2), np.clip(x.T, 1, 2), "clip, transposed")
    assert_tensor(tt.clip(tt.tensor(5.0), max=1), np.float32(1), "clip, 0-d")
    assert_tensor(tt.clip(tt.zeros(0, 2), 1, 2), np.zeros((0, 2), np.float32), "clip, empty")
    assert_tensor(tt.clip(tt.tensor([np.nan]), 0, 1), np.float32([np.nan]), "clip of nan")


def test_clip_needs_a_bound(refused):
    with refused(ValueError, "clip", "min", "max"):
        tt.clip(tt.zeros(2))


def test_clip_leaves_its_input_alone():
    x = tt.tensor([1.0, 2.0])
    found = tt.clip(x, 0, 5)
    assert x.tolist() == [1, 2]
    assert not np.shares_memory(found.numpy(), x.numpy()), "clip returned its input, not a copy"
