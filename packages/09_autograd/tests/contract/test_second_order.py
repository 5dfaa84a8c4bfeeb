"""Gradients of gradients, where the rules are the tasks': they must be written in operations.

Of F(x) = Σ g·f(x), the derivative along a direction h is D(x) = Σ h·∂F/∂x. Here D is found by
central differences, and its gradient by central differences again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinytorch.activations as act
import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.layers.linear_layer import linear
from tinytorch.tensor import Tensor

STEP = 1e-3
RNG = np.random.default_rng(5)
PICKS = np.array([[0, 0], [2, 1]])
YES = np.array([True, False, True])


def n(*shape: int) -> Any:
    return RNG.uniform(-1, 1, shape)


def p(*shape: int) -> Any:
    return RNG.uniform(0.8, 2, shape)


def far(*shape: int) -> Any:
    """Numbers that lie at least 0.05 from 0 and one another."""
    size = int(np.prod(shape))
    steps = RNG.permutation(np.arange(size)) * 0.2 + RNG.uniform(0.1, 0.2, size)
    return (steps * RNG.choice([-1.0, 1.0], size)).reshape(shape)


def softmax(x: Any) -> Any:
    e = np.exp(x)
    return e / e.sum(1, keepdims=True)


Work = Callable[..., Any]
CASES: dict[str, tuple[Work, Work, list[Any]]] = {
    "mul": (lambda a, b: a * b, lambda a, b: a * b, [n(2, 3), n(3)]),
    "div": (lambda a, b: a / b, lambda a, b: a / b, [n(2, 3), p(3)]),
    "pow": (lambda a, b: a**b, lambda a, b: a**b, [p(2, 3), n(3)]),
    "pow 3": (lambda a: a**3, lambda a: a**3, [n(3)]),
    "2 to the power": (lambda b: 2.0**b, lambda b: 2.0**b, [n(3)]),
    "matmul": (lambda a, b: a @ b, lambda a, b: a @ b, [n(2, 3), n(3, 2)]),
    "batches": (lambda a, b: a @ b, lambda a, b: a @ b, [n(2, 2, 3), n(3, 2)]),
    "vectors": (lambda a, b: a @ b, lambda a, b: a @ b, [n(3), n(3)]),
    "matrix, vector": (lambda a, b: a @ b, lambda a, b: a @ b, [n(2, 3), n(3)]),
    "vector, matrix": (lambda a, b: a @ b, lambda a, b: a @ b, [n(3), n(3, 2)]),
    "linear": (linear, lambda x, w, b: x @ w.T + b, [n(2, 3), n(2, 3), n(2)]),
    "exp": (tt.exp, np.exp, [n(3)]),
    "log": (tt.log, np.log, [p(3)]),
    "sqrt": (tt.sqrt, np.sqrt, [p(3)]),
    "where": (
        lambda a, b: tt.where(Tensor(YES), a, b) * a,
        lambda a, b: np.where(YES, a, b) * a,
        [n(3), n(2, 3)],
    ),
    "maximum": (
        lambda a: tt.maximum(a * a, tt.minimum(a, a * 3) + 5) * a,
        lambda a: np.maximum(a * a, np.minimum(a, a * 3) + 5) * a,
        [far(4)],
    ),
    "relu": (lambda x: act.relu(x) * x, lambda x: np.maximum(x, 0) * x, [far(4)]),
    "sigmoid": (act.sigmoid, lambda x: 1 / (1 + np.exp(-x)), [n(3)]),
    "tanh": (act.tanh, np.tanh, [n(3)]),
    "softmax": (lambda x: act.softmax(x, dim=1), softmax, [n(2, 3)]),
    "log_softmax": (
        lambda x: act.log_softmax(x, dim=1), lambda x: np.log(softmax(x)), [n(2, 3)],
    ),
    "sum": (lambda x: (x * x).sum(1) ** 2, lambda x: (x * x).sum(1) ** 2, [n(2, 3)]),
    "mean": (lambda x: (x * x).mean(0) ** 2, lambda x: (x * x).mean(0) ** 2, [n(2, 3)]),
    "amax": (lambda x: x.amax(1) ** 2, lambda x: x.max(1) ** 2, [far(2, 3)]),
    "permute": (lambda x: x.permute(1, 0) ** 2, lambda x: x.T**2, [n(2, 3)]),
    "cat": (
        lambda a, b: tt.cat([a, b, a], 1) ** 2,
        lambda a, b: np.concatenate([a, b, a], 1) ** 2,
        [n(2, 2), n(2, 1)],
    ),
    "getitem": (
        lambda x: x[Tensor(np.array([0, 1, 0]))] ** 2 * x[0],
        lambda x: x[[0, 1, 0]] ** 2 * x[0],
        [n(2, 3)],
    ),
    "gather": (
        lambda x: tt.gather(x, 1, Tensor(PICKS)) ** 2,
        lambda x: np.take_along_axis(x, PICKS, 1) ** 2,
        [n(2, 3)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_gradients_of_gradients(name: str, assert_gradient: Any) -> None:
    on_tensors, on_arrays, inputs = CASES[name]
    rng = np.random.default_rng(9)
    g = rng.uniform(0.5, 1.5, np.shape(on_arrays(*inputs)))
    along = [rng.uniform(-1, 1, x.shape) for x in inputs]

    def total(values: list[Any], weights: Any, by: float) -> float:
        moved = [x + by * h for x, h in zip(values, along, strict=True)]
        return float(np.vdot(weights, on_arrays(*moved)))

    def derivative(values: list[Any], weights: Any) -> float:
        return (total(values, weights, STEP) - total(values, weights, -STEP)) / (2 * STEP)

    leaves = [Tensor(np.array(x), requires_grad=True) for x in inputs]
    arriving = Tensor(g, requires_grad=True)
    first = ag.grad(on_tensors(*leaves), leaves, arriving, create_graph=True)
    whole = sum(((d * Tensor(h)).sum() for d, h in zip(first, along, strict=True)), Tensor(0.0))
    second = ag.grad(whole, [*leaves, arriving], allow_unused=True)

    for k, x in enumerate([*inputs, g]):
        expected = np.zeros(x.shape)
        for index in np.ndindex(*x.shape):
            sides = []
            for step in (STEP, -STEP):
                values, weights = [np.array(each) for each in inputs], np.array(g)
                (weights if k == len(inputs) else values[k])[index] += step
                sides.append(derivative(values, weights))
            expected[index] = (sides[0] - sides[1]) / (2 * STEP)
        found = second[k]
        found = np.zeros(x.shape) if found is None else found
        assert_gradient(found, expected, f"{name}, by input {k}", tolerance=2e-4)
