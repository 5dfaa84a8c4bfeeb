"""Properties of the way back that hold for any computation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tinytorch.activations as act
import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.tensor import Tensor

# Each step of a computation, on tensors and on arrays: smooth functions with small values, from
# any of the results before it to a new one of shape (2, 3).
STEPS: list[tuple[int, Callable[..., Any], Callable[..., Any]]] = [
    (2, lambda a, b: a + b, lambda a, b: a + b),
    (2, lambda a, b: a - 0.5 * b, lambda a, b: a - 0.5 * b),
    (2, lambda a, b: tt.sin(a) * b, lambda a, b: np.sin(a) * b),
    (2, lambda a, b: a / (1 + b * b), lambda a, b: a / (1 + b * b)),
    (2, lambda a, b: a @ act.tanh(b.T) @ b, lambda a, b: a @ np.tanh(b.T) @ b),
    (2, lambda a, b: tt.cat([a[:, 1:], b[:, :1]], 1), lambda a, b: np.c_[a[:, 1:], b[:, :1]]),
    (2, lambda a, b: tt.stack([a, b]).mean(0), lambda a, b: np.stack([a, b]).mean(0)),
    (1, act.tanh, np.tanh),
    (1, tt.cos, np.cos),
    (1, lambda a: tt.exp(-a * a), lambda a: np.exp(-a * a)),
    (1, lambda a: a - a.mean(1, keepdim=True), lambda a: a - a.mean(1, keepdims=True)),
    (1, lambda a: a.sum(0) * 0.3 + a, lambda a: a.sum(0) * 0.3 + a),
    (1, lambda a: a.reshape(3, 2).T, lambda a: a.reshape(3, 2).T),
    (1, lambda a: a[:, Tensor(np.array([2, 0, 0]))], lambda a: a[:, [2, 0, 0]]),
    (1, lambda a: tt.sqrt(a * a + 1), lambda a: np.sqrt(a * a + 1)),
    (1, lambda a: tt.square(a).cumsum(1) * 0.2, lambda a: np.square(a).cumsum(1) * 0.2),
    (1, lambda a: a.split(1, 1)[1] * a, lambda a: a[:, 1:2] * a),
]
Plan = list[tuple[int, int, int]]
plans = st.lists(
    st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 9), st.integers(0, 9)),
    min_size=1,
    max_size=6,
)
bounded = settings(derandomize=True, max_examples=60, deadline=None)


def run(plan: Plan, values: list[Any], which: int) -> Any:
    """The last result of a plan. which: 1 for steps on tensors, 2 for steps on arrays."""
    results = list(values)
    for step, a, b in plan:
        chosen = [results[k % len(results)] for k in (a, b)]
        results.append(STEPS[step][which](*chosen[: STEPS[step][0]]))
    return results[-1]


def start(seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, (2, 3)), rng.uniform(-1, 1, (2, 3))]


def gradients(plan: Plan, values: list[Any], g: Any) -> list[Any]:
    leaves = [Tensor(np.array(x), requires_grad=True) for x in values]
    y = run(plan, leaves, 1)
    found = ag.grad(y, leaves, Tensor(g), allow_unused=True) if y.requires_grad else [None, None]
    return [np.zeros((2, 3)) if x is None else x.numpy() for x in found]


@bounded
@given(plans, st.integers(0, 99))
def test_any_computation_has_the_gradient_of_central_differences(plan: Plan, seed: int) -> None:
    values = start(seed)
    g = np.random.default_rng(seed + 1).uniform(-1, 1, (2, 3))
    found = gradients(plan, values, g)
    for which in (0, 1):
        expected = np.zeros((2, 3))
        for index in np.ndindex(2, 3):
            sides = []
            for step in (1e-5, -1e-5):
                moved = [x.copy() for x in values]
                moved[which][index] += step
                sides.append(float(np.vdot(g, run(plan, moved, 2))))
            expected[index] = (sides[0] - sides[1]) / 2e-5
        scale = 1 + np.abs(expected).max()
        np.testing.assert_allclose(found[which], expected, rtol=1e-5, atol=1e-6 * scale)


@bounded
@given(plans, st.integers(0, 99), st.floats(-3, 3))
def test_the_way_back_is_linear_in_what_arrives(plan: Plan, seed: int, by: float) -> None:
    values, rng = start(seed), np.random.default_rng(seed + 1)
    g, h = rng.uniform(-1, 1, (2, 3)), rng.uniform(-1, 1, (2, 3))
    of_g, of_h = gradients(plan, values, g), gradients(plan, values, h)
    for both, one, other in zip(gradients(plan, values, g + by * h), of_g, of_h, strict=True):
        scale = 1 + np.abs(one).max() + 3 * np.abs(other).max()
        np.testing.assert_allclose(both, one + by * other, rtol=1e-9, atol=1e-10 * scale)


@bounded
@given(plans, plans, st.integers(0, 99))
def test_the_gradient_of_a_sum_is_the_sum_over_its_uses(a: Plan, b: Plan, seed: int) -> None:
    values, g = start(seed), np.random.default_rng(seed + 1).uniform(-1, 1, (2, 3))
    leaves = [Tensor(np.array(x), requires_grad=True) for x in values]
    (run(a, leaves, 1) + run(b, leaves, 1) + leaves[0]).backward(Tensor(g))
    apart = zip(gradients(a, values, g), gradients(b, values, g), [g, 0 * g], strict=True)
    for leaf, (one, other, itself) in zip(leaves, apart, strict=True):
        found = 0 * g if leaf.grad is None else leaf.grad.numpy()
        scale = 1 + np.abs(one).max() + np.abs(other).max()
        np.testing.assert_allclose(found, one + other + itself, rtol=1e-9, atol=1e-10 * scale)
