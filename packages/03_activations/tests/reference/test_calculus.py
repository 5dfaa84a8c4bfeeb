"""The derivative of each function, by central differences, is what calculus says."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinytorch.activations as ta
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import central_difference

Array = Any


def phi(x: Array) -> Array:
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def distribution(x: Array) -> Array:
    return np.vectorize(lambda v: math.erfc(-v / math.sqrt(2)) / 2)(x)


def logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def gelu_by_tanh(x: Array) -> Array:
    factor = math.sqrt(2 / math.pi)
    t = np.tanh(factor * (x + 0.044715 * x**3))
    return (1 + t) / 2 + x / 2 * (1 - t**2) * factor * (1 + 3 * 0.044715 * x**2)


POINTWISE: list[tuple[Any, dict[str, Any], Callable[[Array], Array]]] = [
    (ta.relu, {}, lambda x: (x > 0) * 1.0),
    (ta.leaky_relu, {}, lambda x: np.where(x > 0, 1.0, 0.01)),
    (ta.leaky_relu, {"negative_slope": 0.3}, lambda x: np.where(x > 0, 1.0, 0.3)),
    (ta.elu, {"alpha": 1.5}, lambda x: np.where(x > 0, 1.0, 1.5 * np.exp(x))),
    (ta.sigmoid, {}, lambda x: logistic(x) * logistic(-x)),
    (ta.tanh, {}, lambda x: 1 / np.cosh(x) ** 2),
    (ta.softplus, {}, logistic),
    (ta.softplus, {"beta": 2.0}, lambda x: logistic(2 * x)),
    (ta.softplus, {"threshold": 1.0}, lambda x: np.where(x > 1, 1.0, logistic(x))),
    (ta.silu, {}, lambda x: logistic(x) * (1 + x * logistic(-x))),
    (ta.gelu, {}, lambda x: distribution(x) + x * phi(x)),
    (ta.gelu, {"approximate": "tanh"}, gelu_by_tanh),
]


@pytest.mark.parametrize(
    ("function", "options", "derivative"),
    POINTWISE,
    ids=[f"{function.name} {options}" for function, options, _ in POINTWISE],
)
def test_pointwise(function: Any, options: dict[str, Any], derivative: Any) -> None:
    x = np.array([-8.1, -3.3, -1.25, -0.7, -0.1, 0.1, 0.6, 1.3, 2.9, 7.7])
    found = central_difference(lambda v: float(function(Tensor(v[0]), **options).sum()), [x], 0)
    assert np.allclose(found, derivative(x), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dim", [0, 1])
def test_softmax(dim: int) -> None:
    """∂softmaxᵢ/∂xⱼ = sᵢ(δᵢⱼ − sⱼ): weighted by w and summed, s·(w − Σ w·s)."""
    rng = np.random.default_rng(3)
    x, w = rng.standard_normal((2, 4, 3))
    s = np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)
    found = central_difference(
        lambda v: float((ta.softmax(Tensor(v[0]), dim=dim) * Tensor(w)).sum()), [x], 0
    )
    assert np.allclose(found, s * (w - (w * s).sum(axis=dim, keepdims=True)), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dim", [0, 1])
def test_log_softmax(dim: int) -> None:
    """∂log softmaxᵢ/∂xⱼ = δᵢⱼ − sⱼ: weighted by w and summed, w − s·Σ w."""
    rng = np.random.default_rng(4)
    x, w = rng.standard_normal((2, 4, 3))
    s = np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)
    found = central_difference(
        lambda v: float((ta.log_softmax(Tensor(v[0]), dim=dim) * Tensor(w)).sum()), [x], 0
    )
    assert np.allclose(found, w - s * w.sum(axis=dim, keepdims=True), rtol=1e-6, atol=1e-8)
