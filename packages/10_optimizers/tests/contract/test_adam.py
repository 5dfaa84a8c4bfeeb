"""Task 10.3: Adam."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.optimizers import Adam, adam_step


def gradients(steps: int = 6, dtype: str = "float64") -> Any:
    return np.random.default_rng(3).standard_normal((steps, 3, 4)).astype(dtype)


def rule(
    p: Any,
    g: Any,
    step: int,
    kept: dict[str, Any],
    lr: float = 0.001,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    amsgrad: bool = False,
    maximize: bool = False,
) -> Any:
    g = (-g if maximize else g) + weight_decay * p
    m = kept["m"] = betas[0] * kept.get("m", 0.0) + (1 - betas[0]) * g
    v = kept["v"] = betas[1] * kept.get("v", 0.0) + (1 - betas[1]) * g**2
    if amsgrad:
        v = kept["max"] = np.maximum(kept.get("max", 0.0), v)
    m_hat, v_hat = m / (1 - betas[0] ** step), v / (1 - betas[1] ** step)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps)


def test_the_first_step_has_the_size_of_the_learning_rate(leaf: Any) -> None:
    p = leaf([1.0, 1.0, 1.0], [1e-3, -7.0, 1e4])
    Adam([p], lr=0.25, eps=0.0).step()
    np.testing.assert_allclose(
        p.tolist(), [0.75, 1.25, 0.75], rtol=1e-5, err_msg="m̂ is g and v̂ is g² at the first step"
    )


def test_by_hand(leaf: Any) -> None:
    p = leaf([0.0], [8.0])
    optimizer = Adam([p], lr=1.0, betas=(0.5, 0.75), eps=8.0)
    optimizer.step()
    assert p.item() == -0.5, "m̂ = 8, v̂ = 64: 8 / (8 + 8)"
    p.grad.fill_(0.0)
    optimizer.step()
    expected = -0.5 - (2 / 0.75) / (np.sqrt(12 / 0.4375) + 8)
    np.testing.assert_allclose(p.item(), expected, rtol=1e-6, err_msg="m = 2, v = 12 at step 2")


# Where a penalty is added, g + λp may be near 0, and a small ε would show its last digits.
OPTIONS: list[dict[str, Any]] = [
    {},
    {"lr": 0.1},
    {"lr": 0.1, "betas": (0.5, 0.8)},
    {"lr": 0.1, "betas": (0.0, 0.9)},
    {"lr": 0.1, "betas": (0.9, 0.0)},
    {"lr": 0.1, "eps": 0.5},
    {"lr": 0.1, "weight_decay": 0.3, "eps": 1e-3},
    {"lr": 0.1, "maximize": True, "weight_decay": 0.3, "eps": 1e-3},
    {"lr": 0.1, "betas": (0.9, 0.3), "amsgrad": True},
    {"lr": 0.1, "betas": (0.9, 0.3), "amsgrad": True, "weight_decay": 0.1, "eps": 0.1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_options(options: dict[str, Any], dtype: str, walk: Any) -> None:
    walk(
        lambda p: Adam(p, **options),
        lambda p, g, step, kept: rule(p, g, step, kept, **options),
        gradients(dtype=dtype),
        f"Adam with {options}",
    )


@settings(derandomize=True, max_examples=30, deadline=None)
@given(
    st.floats(0, 0.99),
    st.floats(0, 0.9999),
    st.floats(1e-8, 1),
    st.floats(0, 1),
    st.booleans(),
    st.integers(0, 99),
)
def test_any_options(
    beta1: float, beta2: float, eps: float, decay: float, amsgrad: bool, seed: int
) -> None:
    from tinytorch.tensor import Tensor

    draws = np.random.default_rng(seed)
    expected, kept = draws.standard_normal(4), {}
    p = Tensor(expected.copy())
    options: dict[str, Any] = {"betas": (beta1, beta2), "eps": eps, "weight_decay": decay}
    optimizer = Adam([p], lr=0.1, amsgrad=amsgrad, **options)
    for step in range(1, 5):
        g = draws.standard_normal(4)
        p.grad = Tensor(g)
        optimizer.step()
        expected = rule(expected, g, step, kept, lr=0.1, amsgrad=amsgrad, **options)
    np.testing.assert_allclose(
        p.numpy(), expected, rtol=1e-6, atol=1e-7, err_msg=f"Adam({options}, amsgrad={amsgrad})"
    )


@pytest.mark.in_process("looks into arrays after a function was called with them")
@pytest.mark.parametrize("amsgrad", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_change_in_place_and_the_gradient_does_not(amsgrad: bool, dtype: str) -> None:
    p, g = np.random.default_rng(4).standard_normal((2, 7)).astype(dtype)
    m, v, largest = (np.full(7, value, dtype) for value in (0.5, 2.0, 1.9))
    kept: dict[str, Any] = {"m": np.full(7, 0.5), "v": np.full(7, 2.0), "max": np.full(7, 1.9)}
    before = p.astype("float64"), g.astype("float64")
    options: dict[str, Any] = {"lr": 0.3, "betas": (0.8, 0.9), "weight_decay": 0.2, "eps": 0.01}
    returned = adam_step(p, g, m, v, largest if amsgrad else None, step=3, **options)
    assert returned is None, "adam_step changes its arrays in place, and returns nothing"
    expected = rule(*before, 3, kept, amsgrad=amsgrad, **options)
    np.testing.assert_allclose(p, expected, rtol=1e-4, atol=1e-5, err_msg="the parameter")
    np.testing.assert_allclose(m, kept["m"], rtol=1e-4, atol=1e-5, err_msg="exp_avg")
    np.testing.assert_allclose(v, kept["v"], rtol=1e-4, atol=1e-5, err_msg="exp_avg_sq")
    if amsgrad:
        np.testing.assert_allclose(
            largest, kept["max"], rtol=1e-4, atol=1e-5, err_msg="max_exp_avg_sq"
        )
    np.testing.assert_array_equal(g, before[1], err_msg="the gradient should stay as it was")
    assert {each.dtype for each in (p, m, v, largest)} == {np.dtype(dtype)}
