"""Task 10.2: Adagrad."""

from typing import Any

import numpy as np
import pytest

from tinytorch.optimizers import Adagrad, adagrad_step


def gradients(steps: int = 6, dtype: str = "float64") -> Any:
    return np.random.default_rng(2).standard_normal((steps, 3, 4)).astype(dtype)


def rule(
    p: Any,
    g: Any,
    step: int,
    kept: dict[str, Any],
    lr: float = 0.01,
    lr_decay: float = 0.0,
    weight_decay: float = 0.0,
    initial_accumulator_value: float = 0.0,
    eps: float = 1e-10,
    maximize: bool = False,
) -> Any:
    g = (-g if maximize else g) + weight_decay * p
    kept["s"] = kept.get("s", initial_accumulator_value) + g**2
    return p - lr / (1 + (step - 1) * lr_decay) * g / (np.sqrt(kept["s"]) + eps)


def test_by_hand(leaf: Any) -> None:
    p = leaf([0.0, 0.0], [3.0, -100.0])
    optimizer = Adagrad([p], lr=1.0, eps=0.0)
    optimizer.step()
    assert p.tolist() == [-1.0, 1.0], "a first step has the size lr, whatever the gradient's is"
    p.grad.fill_(4.0)
    optimizer.step()
    np.testing.assert_allclose(p.tolist()[0], -1.0 - 4 / 5, err_msg="√(3² + 4²) is 5")


# Where a penalty is added, g + λp may be near 0, and a small ε would show its last digits.
OPTIONS: list[dict[str, Any]] = [
    {},
    {"lr": 0.3},
    {"lr": 0.3, "lr_decay": 0.5},
    {"lr": 0.3, "weight_decay": 0.2, "eps": 1e-3},
    {"lr": 0.3, "eps": 0.5},
    {"lr": 0.3, "initial_accumulator_value": 2.0},
    {"lr": 0.3, "maximize": True, "weight_decay": 0.1, "eps": 1e-3},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_options(options: dict[str, Any], dtype: str, walk: Any) -> None:
    walk(
        lambda p: Adagrad(p, **options),
        lambda p, g, step, kept: rule(p, g, step, kept, **options),
        gradients(dtype=dtype),
        f"Adagrad with {options}",
    )


@pytest.mark.in_process("looks into arrays after a function was called with them")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_change_in_place_and_the_gradient_does_not(dtype: str) -> None:
    p, g = np.random.default_rng(4).standard_normal((2, 7)).astype(dtype)
    s = np.ones(7, dtype)
    before, kept = (p.astype("float64"), g.astype("float64")), {"s": np.ones(7)}
    options: dict[str, Any] = {"lr": 0.3, "lr_decay": 0.1, "weight_decay": 0.2}
    assert adagrad_step(p, g, s, step=3, **options) is None
    expected = rule(*before, 3, kept, **options)
    np.testing.assert_allclose(p, expected, rtol=1e-4, atol=1e-5, err_msg="the parameter")
    np.testing.assert_allclose(s, kept["s"], rtol=1e-4, err_msg="the sum of squares")
    np.testing.assert_array_equal(g, before[1], err_msg="the gradient should stay as it was")
    assert p.dtype == s.dtype == np.dtype(dtype)
