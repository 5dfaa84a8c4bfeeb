"""Task 10.4: weight decay beside the gradient."""

from typing import Any

import numpy as np
import pytest

from tinytorch.optimizers import Adam, AdamW, decay


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
    weight_decay: float = 0.01,
    amsgrad: bool = False,
    maximize: bool = False,
) -> Any:
    p = p - lr * weight_decay * p
    g = -g if maximize else g
    m = kept["m"] = betas[0] * kept.get("m", 0.0) + (1 - betas[0]) * g
    v = kept["v"] = betas[1] * kept.get("v", 0.0) + (1 - betas[1]) * g**2
    if amsgrad:
        v = kept["max"] = np.maximum(kept.get("max", 0.0), v)
    return p - lr * (m / (1 - betas[0] ** step)) / (np.sqrt(v / (1 - betas[1] ** step)) + eps)


OPTIONS: list[dict[str, Any]] = [
    {},
    {"lr": 0.1},
    {"lr": 0.1, "weight_decay": 2.0},
    {"lr": 0.1, "weight_decay": 0.0},
    {"lr": 0.1, "weight_decay": 0.5, "maximize": True},
    {"lr": 0.1, "weight_decay": 0.5, "betas": (0.6, 0.4), "eps": 0.1, "amsgrad": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_options(options: dict[str, Any], dtype: str, walk: Any) -> None:
    walk(
        lambda p: AdamW(p, **options),
        lambda p, g, step, kept: rule(p, g, step, kept, **options),
        gradients(dtype=dtype),
        f"AdamW with {options}",
    )


def test_what_has_no_slope_shrinks_by_the_same_share(leaf: Any) -> None:
    p = leaf([8.0, -2.0, 0.0], [0.0, 0.0, 0.0])
    AdamW([p], lr=0.5, weight_decay=0.5).step()
    assert p.tolist() == [6.0, -1.5, 0.0], "p · (1 − 0.5 · 0.5)"


def test_a_penalty_in_the_gradient_does_something_else(leaf: Any) -> None:
    p = leaf([8.0, -2.0], [0.0, 0.0])
    Adam([p], lr=0.5, weight_decay=0.5, eps=0.0).step()
    np.testing.assert_allclose(
        p.tolist(), [7.5, -1.5], rtol=1e-5, err_msg="in Adam both move by lr, large or small"
    )


@pytest.mark.in_process("looks into an array after a function was called with it")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("lr", "weight_decay"), [(0.1, 0.5), (2.0, 0.25), (0.0, 1.0)])
def test_decay_is_in_place(dtype: str, lr: float, weight_decay: float) -> None:
    p = np.random.default_rng(4).standard_normal(7).astype(dtype)
    expected = p.astype("float64") * (1 - lr * weight_decay)
    assert decay(p, lr=lr, weight_decay=weight_decay) is None
    np.testing.assert_allclose(p, expected, rtol=1e-6, err_msg=f"lr={lr}, λ={weight_decay}")
    assert p.dtype == np.dtype(dtype)
