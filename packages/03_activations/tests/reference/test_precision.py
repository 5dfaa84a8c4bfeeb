"""Dtypes, and the last digits: more than the contract asks of anybody."""

import inspect
import math
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

import tinytorch.activations as ta
from tinytorch.tensor import Tensor

CALLS: dict[str, tuple[Any, dict[str, Any]]] = {
    "relu": (ta.relu, {}),
    "leaky_relu": (ta.leaky_relu, {}),
    "elu": (ta.elu, {}),
    "sigmoid": (ta.sigmoid, {}),
    "tanh": (ta.tanh, {}),
    "softplus": (ta.softplus, {}),
    "silu": (ta.silu, {}),
    "gelu": (ta.gelu, {}),
    "gelu tanh": (ta.gelu, {"approximate": "tanh"}),
    "softmax": (ta.softmax, {"dim": 0}),
    "log_softmax": (ta.log_softmax, {"dim": 0}),
}
EACH = pytest.mark.parametrize("name", CALLS)


def every_float16() -> Any:
    values = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    return values[np.isfinite(values)]


@EACH
def test_float16_is_float32_rounded_once(name: str) -> None:
    function, options = CALLS[name]
    x = every_float16()
    with np.errstate(over="ignore"):  # log_softmax of all of them does not fit
        found = function(Tensor(x), **options).array
        expected = function(Tensor(x.astype(np.float32)), **options).array.astype(np.float16)
    assert np.array_equal(found, expected)


@EACH
def test_float64_is_not_computed_in_less(name: str) -> None:
    function, options = CALLS[name]
    x = np.array([-1.2345678901234567, 0.3, 2.000000000000001])
    found = function(Tensor(x), **options)
    assert found.dtype == np.float64
    narrow = function(Tensor(x.astype(np.float32)), **options).array
    assert name == "relu" or (found.array != narrow).any()
    assert np.allclose(found.array, narrow, rtol=1e-6)


@EACH
def test_arrays_give_arrays(name: str) -> None:
    """A gradient rule is written with operations and runs on arrays too."""
    function, options = CALLS[name]
    x = np.linspace(-3, 3, 7)
    found = function(x, **options)
    assert type(found) is np.ndarray
    assert np.array_equal(found, function(Tensor(x), **options).array)


@EACH
def test_signature_survives_the_precision(name: str) -> None:
    function, _ = CALLS[name]
    assert next(iter(inspect.signature(function.forward).parameters)) == "x"
    assert function.__doc__


def test_sigmoid_reaches_into_the_subnormal_numbers() -> None:
    x = np.array([-90.0, -100.0, -103.0], np.float32)
    expected = np.exp(x.astype(np.float64))
    step = np.finfo(np.float32).smallest_subnormal
    found = ta.sigmoid(Tensor(x)).array
    assert (found > 0).all()
    assert np.allclose(found, expected, rtol=1e-6, atol=1.5 * step)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gelu_by_tanh_keeps_its_digits_on_the_left(dtype: Any) -> None:
    """(1 + tanh u) / 2 = 1 / (1 + e^(−2u)): the first cancels, the second does not."""
    x = np.linspace(-9, -3, 25).astype(dtype)
    expected = []
    with localcontext() as context:
        context.prec = 120
        factor = (2 / Decimal(str(math.pi))).sqrt()
        for v in map(Decimal, map(float, x)):
            u = factor * (v + Decimal("0.044715") * v**3)
            expected.append(float(v / (1 + (-2 * u).exp())))
    kept = np.abs(expected) > 1e-36
    found = ta.gelu(Tensor(x), approximate="tanh").array
    eps = float(np.finfo(dtype).eps)
    assert np.allclose(found[kept], np.array(expected)[kept], rtol=100 * eps, atol=0)


def test_softplus_with_a_negative_beta_is_the_formula_still() -> None:
    """Not a smooth ReLU, and nothing that is promised; but PyTorch computes it, too."""
    x = np.array([-25.0, -15.0, -1.0, 0.0, 1.0, 15.0, 25.0])
    expected = np.where(-x > 20, x, -np.log1p(np.exp(-x)))
    found = ta.softplus(Tensor(x), beta=-1.0).array
    assert np.allclose(found, expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("function", [ta.silu, ta.gelu])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_minus_infinity_is_nan_as_in_pytorch(function: Any, dtype: Any) -> None:
    with np.errstate(invalid="ignore"):
        assert np.isnan(function(Tensor(np.array([-np.inf], dtype))).array[0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_entries_farther_apart_than_the_dtype_reaches(dtype: Any) -> None:
    largest = np.finfo(dtype).max
    x = Tensor(np.array([largest, -largest], dtype))
    with np.errstate(all="raise", under="ignore"):
        assert ta.softmax(x, dim=0).tolist() == [1.0, 0.0]
        if dtype != np.float16:  # there the result itself does not fit, and the cast says so
            assert ta.log_softmax(x, dim=0).tolist() == [0.0, -np.inf]


@pytest.mark.parametrize("function", [ta.softmax, ta.log_softmax])
@pytest.mark.parametrize("dim", [None, (0, 1), 1.0, "1"])
def test_a_dimension_is_one_integer(function: Any, dim: Any) -> None:
    with pytest.raises(TypeError, match=rf"{function.name}.*integer"):
        function(Tensor(np.zeros((2, 2))), dim=dim)


@pytest.mark.parametrize("function", [ta.softmax, ta.log_softmax])
def test_a_dimension_may_be_a_numpy_integer(function: Any) -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3))
    assert function(x, dim=np.int64(1)).tolist() == function(x, dim=1).tolist()
