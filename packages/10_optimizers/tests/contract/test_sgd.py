"""Task 10.1: the step down the slope, with momentum."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.optimizers import SGD, penalised_gradient, sgd_step

SHAPES = [(), (1,), (5,), (3, 4), (2, 3, 4)]


def gradients(shape: tuple[int, ...], steps: int = 5, dtype: str = "float64") -> Any:
    return np.random.default_rng(1).standard_normal((steps, *shape)).astype(dtype)


def rule(
    p: Any,
    g: Any,
    step: int,
    kept: dict[str, Any],
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    maximize: bool = False,
) -> Any:
    g = (-g if maximize else g) + weight_decay * p
    if not momentum:
        return p - lr * g
    b = kept["b"] = momentum * kept["b"] + (1 - dampening) * g if "b" in kept else g
    return p - lr * (g + momentum * b if nesterov else b)


def test_by_hand(leaf: Any) -> None:
    p = leaf([1.0, 2.0, -3.0], [10.0, 0.0, -4.0])
    SGD([p], lr=0.5).step()
    assert p.tolist() == [-4.0, 2.0, -1.0], "1 − 0.5·10, 2 − 0.5·0, −3 − 0.5·(−4)"


def test_momentum_by_hand(leaf: Any) -> None:
    p = leaf([0.0], [8.0])
    optimizer = SGD([p], lr=1.0, momentum=0.5)
    found = []
    for _ in range(3):
        optimizer.step()
        found.append(p.item())
    assert found == [-8.0, -20.0, -34.0], (
        f"three gradients of 8 with lr=1, momentum=0.5: the buffer is 8, 12, 14; p went {found}"
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("lr", [0.1, 1.0, 0.0])
def test_plain(shape: tuple[int, ...], lr: float, walk: Any) -> None:
    walk(
        lambda p: SGD(p, lr=lr),
        lambda p, g, step, kept: p - lr * g,
        gradients(shape),
        f"SGD(lr={lr}) of {shape}",
    )


OPTIONS: list[dict[str, Any]] = [
    {"momentum": 0.9},
    {"momentum": 0.9, "dampening": 0.3},
    {"momentum": 0.9, "dampening": 1.0},
    {"momentum": 0.9, "nesterov": True},
    {"weight_decay": 0.2},
    {"weight_decay": 0.2, "momentum": 0.7},
    {"weight_decay": 0.2, "momentum": 0.7, "nesterov": True},
    {"maximize": True},
    {"maximize": True, "weight_decay": 0.2},
    {"maximize": True, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_options(options: dict[str, Any], dtype: str, walk: Any) -> None:
    walk(
        lambda p: SGD(p, lr=0.1, **options),
        lambda p, g, step, kept: rule(p, g, step, kept, 0.1, **options),
        gradients((3, 4), 6, dtype),
        f"SGD(lr=0.1) with {options}",
    )


@settings(derandomize=True, max_examples=30, deadline=None)
@given(
    st.floats(0, 2),
    st.floats(0, 0.99),
    st.floats(0, 1),
    st.floats(0, 1),
    st.booleans(),
    st.integers(0, 99),
)
def test_any_options(
    lr: float, momentum: float, dampening: float, decay: float, maximize: bool, seed: int
) -> None:
    """One optimizer for many: the sizes of what meets stay moderate in four steps."""
    from tinytorch.tensor import Tensor

    draws = np.random.default_rng(seed)
    expected, kept = draws.standard_normal(4), {}
    p = Tensor(expected.copy())
    options = {
        "momentum": momentum,
        "dampening": dampening,
        "weight_decay": decay,
        "maximize": maximize,
    }
    optimizer = SGD([p], lr=lr, **options)
    for step in range(1, 5):
        g = draws.standard_normal(4)
        p.grad = Tensor(g)
        optimizer.step()
        expected = rule(expected, g, step, kept, lr, **options)
    np.testing.assert_allclose(
        p.numpy(), expected, rtol=1e-9, atol=1e-9, err_msg=f"SGD(lr={lr}, {options}), 4 steps"
    )


# The functions on arrays


@pytest.mark.in_process("looks into arrays after a function was called with them")
@pytest.mark.parametrize("options", [{}, *OPTIONS], ids=str)
def test_arrays_change_in_place_and_the_gradient_does_not(options: dict[str, Any]) -> None:
    draws = np.random.default_rng(4)
    p, g, b = draws.standard_normal((3, 7))
    before_p, before_g, kept = p.copy(), g.copy(), {"b": b.copy()}
    buffer = b if options.get("momentum") else None
    returned = sgd_step(p, g, buffer, lr=0.3, **options)
    assert returned is None, "sgd_step changes its arrays in place, and returns nothing"
    np.testing.assert_array_equal(g, before_g, err_msg="the gradient should stay as it was")
    expected = rule(before_p, before_g, 2, kept, 0.3, **options)
    np.testing.assert_allclose(p, expected, rtol=1e-12, err_msg=f"the parameter, with {options}")
    np.testing.assert_allclose(b, kept["b"], rtol=1e-12, err_msg=f"the buffer, with {options}")


@pytest.mark.in_process("looks into arrays after a function was called with them")
@pytest.mark.parametrize("options", [{}, {"maximize": True}, {"weight_decay": 0.1}], ids=str)
def test_the_first_buffer_is_the_gradient_but_not_its_memory(options: dict[str, Any]) -> None:
    p, g, b = np.random.default_rng(5).standard_normal((3, 6))
    expected = (-g if options.get("maximize") else g) + options.get("weight_decay", 0.0) * p
    before = g.copy()
    sgd_step(p, g, b, lr=0.1, momentum=0.9, dampening=0.5, first=True, **options)
    np.testing.assert_allclose(b, expected, rtol=1e-12, err_msg="the buffer after a first step")
    sgd_step(p, g, b, lr=0.1, momentum=0.9)
    np.testing.assert_array_equal(g, before, err_msg="the buffer should not be the gradient's own")


@pytest.mark.in_process("looks into arrays after a function was called with them")
def test_float32_stays_float32() -> None:
    p, g, b = np.random.default_rng(6).standard_normal((3, 6)).astype(np.float32)
    sgd_step(p, g, b, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1)
    assert p.dtype == b.dtype == np.float32


@pytest.mark.parametrize("weight_decay", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_penalised_gradient(
    weight_decay: float, maximize: bool, dtype: str, drawn: Any, assert_close: Any
) -> None:
    p, g = drawn(5, seed=7, dtype=dtype), drawn(5, seed=8, dtype=dtype)
    found = penalised_gradient(p, g, weight_decay, maximize)
    expected = (-g if maximize else g).astype("float64") + weight_decay * p.astype("float64")
    tried = f"penalised_gradient(p, g, weight_decay={weight_decay}, maximize={maximize})"
    assert_close(found, expected, tried, dtype)


def test_penalised_gradient_has_no_penalty_unless_told(drawn: Any, assert_close: Any) -> None:
    p, g = drawn(5, seed=7), drawn(5, seed=8)
    assert_close(penalised_gradient(p, g), g, "penalised_gradient(p, g)")
    p[0] = np.inf
    assert_close(penalised_gradient(p, g), g, "without weight decay p does not matter, even if ∞")
