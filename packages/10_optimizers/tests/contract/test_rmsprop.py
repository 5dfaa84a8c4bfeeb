"""Task 10.2: RMSprop."""

from typing import Any

import numpy as np
import pytest

from tinytorch.optimizers import RMSprop, rmsprop_step


def gradients(steps: int = 6, dtype: str = "float64") -> Any:
    return np.random.default_rng(3).standard_normal((steps, 3, 4)).astype(dtype)


def rule(
    p: Any,
    g: Any,
    step: int,
    kept: dict[str, Any],
    lr: float = 0.01,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    centered: bool = False,
    maximize: bool = False,
) -> Any:
    g = (-g if maximize else g) + weight_decay * p
    kept["v"] = alpha * kept.get("v", 0.0) + (1 - alpha) * g**2
    kept["a"] = alpha * kept.get("a", 0.0) + (1 - alpha) * g
    root = np.sqrt(kept["v"] - kept["a"] ** 2 if centered else kept["v"])
    change = g / (root + eps)
    if momentum:
        change = kept["b"] = momentum * kept.get("b", 0.0) + change
    return p - lr * change


def test_by_hand(leaf: Any) -> None:
    p = leaf([0.0], [4.0])
    RMSprop([p], lr=0.5, alpha=0.75, eps=6.0).step()
    assert p.item() == -0.25, "v = 0.25·16 = 4, and 0.5·4 / (√4 + 6) = 0.25"


def test_centred_by_hand(leaf: Any) -> None:
    p = leaf([0.0], [8.0])
    RMSprop([p], lr=1.0, alpha=0.5, eps=0.0, centered=True).step()
    assert p.item() == -2.0, "v = 32, a = 4, and 8 / √(32 − 16) = 2"


OPTIONS: list[dict[str, Any]] = [
    {},
    {"lr": 0.1},
    {"lr": 0.1, "alpha": 0.5},
    {"lr": 0.1, "eps": 0.3},
    {"lr": 0.1, "weight_decay": 0.2},
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "alpha": 0.7, "centered": True},
    {"lr": 0.1, "alpha": 0.7, "centered": True, "momentum": 0.5, "weight_decay": 0.1},
    {"lr": 0.1, "maximize": True, "weight_decay": 0.1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options(options: dict[str, Any], walk: Any) -> None:
    walk(
        lambda p: RMSprop(p, **options),
        lambda p, g, step, kept: rule(p, g, step, kept, **options),
        gradients(),
        f"RMSprop with {options}",
    )


@pytest.mark.parametrize(
    "options", [{}, {"momentum": 0.9, "weight_decay": 0.1, "eps": 1e-3}], ids=str
)
def test_in_float32(options: dict[str, Any], walk: Any) -> None:
    walk(
        lambda p: RMSprop(p, **options),
        lambda p, g, step, kept: rule(p, g, step, kept, **options),
        gradients(dtype="float32"),
        f"RMSprop in float32 with {options}",
    )


@pytest.mark.in_process("looks into arrays after a function was called with them")
@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_change_in_place_and_the_gradient_does_not(
    centered: bool, momentum: float, dtype: str
) -> None:
    p, g = np.random.default_rng(4).standard_normal((2, 7)).astype(dtype)
    v, a, b = (np.full(7, value, dtype) for value in (2.0, 0.5, 0.25))
    kept: dict[str, Any] = {"v": np.full(7, 2.0), "a": np.full(7, 0.5), "b": np.full(7, 0.25)}
    before = p.astype("float64"), g.astype("float64")
    options: dict[str, Any] = {"lr": 0.3, "alpha": 0.9, "weight_decay": 0.2, "momentum": momentum}
    returned = rmsprop_step(
        p, g, v, a if centered else None, b if momentum else None, eps=0.1, **options
    )
    assert returned is None, "rmsprop_step changes its arrays in place, and returns nothing"
    expected = rule(*before, 1, kept, eps=0.1, centered=centered, **options)
    np.testing.assert_allclose(p, expected, rtol=1e-4, atol=1e-5, err_msg="the parameter")
    np.testing.assert_allclose(v, kept["v"], rtol=1e-4, atol=1e-5, err_msg="square_avg")
    if centered:
        np.testing.assert_allclose(a, kept["a"], rtol=1e-4, atol=1e-5, err_msg="grad_avg")
    if momentum:
        np.testing.assert_allclose(b, kept["b"], rtol=1e-4, atol=1e-5, err_msg="momentum_buffer")
    np.testing.assert_array_equal(g, before[1], err_msg="the gradient should stay as it was")
    assert {each.dtype for each in (p, v, a, b)} == {np.dtype(dtype)}
