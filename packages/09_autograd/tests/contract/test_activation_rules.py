"""Task 9.4, second half: the rules of the activations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

SHAPES = [(2, 3), (), (1,), (0, 2), (2, 1, 3)]


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softmax(dim: int) -> Any:
    def function(x: Any) -> Any:
        e = np.exp(x - x.max(dim, keepdims=True, initial=-np.inf))
        return e / e.sum(dim, keepdims=True)

    return function


def log_softmax(dim: int) -> Any:
    return lambda x: np.log(softmax(dim)(x))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_relu(shape: Any, apart: Any, check_rule_of: Any) -> None:
    check_rule_of("relu", relu, apart(*shape))


def test_relu_at_0_has_the_slope_0(check_rule_of: Any) -> None:
    x, g = np.array([0.0, -0.0, 1e-30, -1e-30]), np.array([3.0, 5.0, 7.0, 9.0])
    check_rule_of("relu", relu, x, g=g, expected={0: [0.0, 0.0, 7.0, 0.0]})


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sigmoid_and_tanh(shape: Any, drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("sigmoid", sigmoid, 2 * drawn(*shape))
    check_rule_of("tanh", np.tanh, 2 * drawn(*shape))


def test_far_out_the_slope_is_0(check_rule_of: Any) -> None:
    x, zeros = np.array([-800.0, 800.0]), {0: [0.0, 0.0]}
    with np.errstate(over="ignore"):
        check_rule_of("sigmoid", sigmoid, x, expected=zeros)
    check_rule_of("tanh", np.tanh, x, expected=zeros)


@pytest.mark.parametrize(
    ("shape", "dim"),
    [((2, 3), 1), ((2, 3), 0), ((2, 3), -1), ((2, 3, 4), 1), ((2, 3, 4), -3), ((4,), 0),
     ((3, 1), 1), ((0, 3), 1), ((3, 0), 1)],
    ids=str,
)  # fmt: skip
def test_softmax_and_its_logarithm(shape: Any, dim: int, drawn: Any, check_rule_of: Any) -> None:
    x = 2 * drawn(*shape)
    check_rule_of("softmax", softmax(dim), x, dim=dim)
    check_rule_of("log_softmax", log_softmax(dim), x, dim=dim)


def test_entries_that_are_masked_out(check_rule_of: Any) -> None:
    x, g = np.array([-np.inf, 0.0, 0.0]), np.array([5.0, 2.0, -4.0])
    check_rule_of("softmax", softmax(0), x, dim=0, g=g, expected={0: [0.0, 1.5, -1.5]})
    with np.errstate(divide="ignore"):
        check_rule_of("log_softmax", log_softmax(0), x, dim=0, g=g, expected={0: [5.0, 0.5, -5.5]})


def test_far_apart(check_rule_of: Any) -> None:
    """Where softmax is 0 its logarithm still has a gradient."""
    x, g = np.array([0.0, -2000.0]), np.array([1.0, 3.0])
    with np.errstate(divide="ignore"):
        check_rule_of("log_softmax", log_softmax(0), x, dim=0, g=g, expected={0: [-3.0, 3.0]})
