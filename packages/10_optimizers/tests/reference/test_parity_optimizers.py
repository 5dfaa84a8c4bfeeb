"""The same parameters, the same gradients, a hundred steps: here and in PyTorch."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from tinytorch import optimizers as ours
from tinytorch.tensor import Tensor

SHAPES = [(3, 4), (5,), (), (2, 3, 2, 2), (0, 3), (40, 1000)]

OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.4}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.01, "momentum": 0.9, "maximize": True, "weight_decay": 0.1}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.1, "eps": 1e-6}),
    ("Adagrad", {"initial_accumulator_value": 0.5, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.9, "eps": 1e-4, "weight_decay": 0.1}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"centered": True, "alpha": 0.9}),
    ("RMSprop", {"centered": True, "momentum": 0.5, "weight_decay": 0.1, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4}),
    ("Adam", {"betas": (0.3, 0.6)}),
    ("Adam", {"weight_decay": 0.1}),
    ("Adam", {"amsgrad": True, "betas": (0.9, 0.5)}),
    ("Adam", {"amsgrad": True, "weight_decay": 0.1, "maximize": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.3}),
    ("AdamW", {"amsgrad": True, "betas": (0.5, 0.9), "weight_decay": 0.1, "maximize": True}),
    ("AdamW", {"weight_decay": 0.0}),
]
# Both compute each step in float32, in another order here and there; what is left of a difference
# after a hundred steps is a few units in the last place of the largest number on the way.
TOLERANCE = {"float32": (2e-5, 2e-6), "float64": (1e-12, 1e-13)}


def named(values: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [f"{name}-{'-'.join(map(str, options)) or 'defaults'}" for name, options in values]


def drawn(seed: int, dtype: str, shapes: list[tuple[int, ...]] = SHAPES) -> list[Any]:
    draws = np.random.default_rng(seed)
    return [draws.standard_normal(shape).astype(dtype) for shape in shapes]


def pair(name: str, values: list[Any], **options: Any) -> tuple[Any, Any, Any, Any]:
    mine = [Tensor(value.copy()) for value in values]
    theirs = [torch.nn.Parameter(torch.tensor(value)) for value in values]
    stepper = getattr(torch.optim, name)(theirs, foreach=False, **options)
    return mine, theirs, getattr(ours, name)(mine, **options), stepper


def give(mine: Any, theirs: Any, gradients: list[Any]) -> None:
    for p, q, gradient in zip(mine, theirs, gradients, strict=True):
        p.grad = None if gradient is None else Tensor(gradient.copy())
        q.grad = None if gradient is None else torch.tensor(gradient)


def same(mine: Any, theirs: Any, dtype: str, when: str) -> None:
    rtol, atol = TOLERANCE[dtype]
    for p, q in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(
            p.numpy(), q.detach().numpy(), rtol=rtol, atol=atol, err_msg=when
        )
        assert p.dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=named(OPTIONS))
def test_a_hundred_steps(name: str, options: dict[str, Any], dtype: str) -> None:
    mine, theirs, here, there = pair(name, drawn(0, dtype), **options)
    for step in range(100):
        give(mine, theirs, drawn(step + 1, dtype))
        here.step()
        there.step()
        same(mine, theirs, dtype, f"{name} {options} after {step + 1} steps")


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=named(OPTIONS))
def test_gradients_that_are_missing_at_times(name: str, options: dict[str, Any]) -> None:
    mine, theirs, here, there = pair(name, drawn(0, "float64"), **options)
    draws = np.random.default_rng(7)
    for step in range(30):
        gradients = drawn(step + 1, "float64")
        give(mine, theirs, [g if draws.random() < 0.6 else None for g in gradients])
        here.step()
        there.step()
        same(mine, theirs, "float64", f"{name} {options} after {step + 1} steps")


@pytest.mark.parametrize("name", ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW"])
def test_state_in_pytorchs_layout(name: str) -> None:
    """Ours goes on from theirs and theirs from ours."""
    options = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    mine, theirs, here, there = pair(name, drawn(0, "float64"), **options)
    for step in range(5):
        give(mine, theirs, drawn(step + 1, "float64"))
        here.step()
        there.step()
    told, expected = here.state_dict(), there.state_dict()
    assert list(told["state"]) == list(expected["state"])
    for number, entries in expected["state"].items():
        assert set(told["state"][number]) == set(entries)
    options_here = told["param_groups"][0]
    for option, value in options_here.items():
        assert expected["param_groups"][0][option] == value
    json.dumps(told["param_groups"])

    _, _, here_again, there_again = pair(name, drawn(0, "float64"), **options)
    here_again.param_groups[0]["params"] = tuple(mine)
    here_again.load_state_dict(as_arrays(expected))
    there_again.param_groups[0]["params"] = theirs
    there_again.load_state_dict(as_torch(told, expected))
    for step in range(5):
        give(mine, theirs, drawn(step + 10, "float64"))
        here_again.step()
        there_again.step()
        same(mine, theirs, "float64", f"{name}, {step + 1} steps after exchanging states")


def as_arrays(state: dict[str, Any]) -> dict[str, Any]:
    entries = {
        number: {n: v.numpy() if torch.is_tensor(v) else v for n, v in each.items()}
        for number, each in state["state"].items()
    }
    return {**state, "state": entries}


def as_torch(state: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    entries = {
        number: {
            n: torch.tensor(v.numpy()) if isinstance(v, Tensor) else torch.tensor(float(v))
            for n, v in each.items()
        }
        for number, each in state["state"].items()
    }
    pairs = zip(like["param_groups"], state["param_groups"], strict=True)
    groups = [{**theirs, **mine} for theirs, mine in pairs]
    return {"state": entries, "param_groups": groups}


def test_groups_with_their_own_options() -> None:
    values = drawn(0, "float64", [(4, 3), (3,), (2, 2)])
    mine = [Tensor(value.copy()) for value in values]
    theirs = [torch.nn.Parameter(torch.tensor(value)) for value in values]

    def groups(p: Any) -> Any:
        return [
            {"params": [p[0]], "weight_decay": 0.3},
            {"params": p[1:], "lr": 0.05, "betas": (0.5, 0.9)},
        ]

    here, there = ours.AdamW(groups(mine), lr=0.01), torch.optim.AdamW(groups(theirs), lr=0.01)
    for step in range(20):
        give(mine, theirs, drawn(step + 1, "float64", [(4, 3), (3,), (2, 2)]))
        here.step()
        there.step()
        same(mine, theirs, "float64", f"after {step + 1} steps")


def test_momentum_switched_on_and_off_and_on() -> None:
    mine, theirs, here, there = pair("SGD", drawn(0, "float64"), lr=0.1, dampening=0.3)
    for step in range(30):
        for optimizer in (here, there):
            optimizer.param_groups[0]["momentum"] = 0.9 if step % 10 in (3, 4, 5, 8) else 0.0
        give(mine, theirs, drawn(step + 1, "float64"))
        here.step()
        there.step()
        same(mine, theirs, "float64", f"after {step + 1} steps")


def test_float16_is_the_rounding_of_a_float32_step() -> None:
    values, gradients = drawn(0, "float16"), drawn(1, "float16")
    mine = [Tensor(value.copy()) for value in values]
    theirs = [torch.nn.Parameter(torch.tensor(value.astype("float32"))) for value in values]
    here, there = ours.Adam(mine, lr=0.01), torch.optim.Adam(theirs, lr=0.01)
    for p, q, gradient in zip(mine, theirs, gradients, strict=True):
        p.grad, q.grad = Tensor(gradient), torch.tensor(gradient.astype("float32"))
    here.step()
    there.step()
    for p, q in zip(mine, theirs, strict=True):
        expected = q.detach().numpy().astype("float16")
        np.testing.assert_allclose(p.numpy(), expected, rtol=1e-3, atol=1e-4)


# Clipping


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, 0.5, float("inf"), "inf"])
@pytest.mark.parametrize("max_norm", [0.1, 1.0, 50.0, 1e6, 0.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_clip_grad_norm(norm_type: Any, max_norm: float, dtype: str) -> None:
    shapes = [shape for shape in SHAPES if 0 not in shape]
    mine, theirs, _, _ = pair("SGD", drawn(0, dtype, shapes))
    give(mine, theirs, [*drawn(1, dtype, shapes)[:-1], None])
    found = ours.clip_grad_norm_(mine, max_norm, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    assert found.shape == ()
    np.testing.assert_allclose(found.item(), expected.item(), rtol=1e-5)
    for p, q in zip(mine[:-1], theirs[:-1], strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("norm_type", [2.0, 1.0, float("inf")])
def test_clip_grad_norm_of_what_is_not_finite(bad: float, norm_type: float) -> None:
    mine, theirs, _, _ = pair("SGD", drawn(0, "float64", [(2, 3), (4,)]))
    gradients = drawn(1, "float64", [(2, 3), (4,)])
    gradients[1][2] = bad
    give(mine, theirs, gradients)
    found = ours.clip_grad_norm_(mine, 1.0, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, 1.0, norm_type)
    np.testing.assert_equal(found.item(), expected.item())
    for p, q in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(p.grad.numpy(), q.grad.numpy())


def test_clip_grad_value() -> None:
    mine, theirs, _, _ = pair("SGD", drawn(0, "float32"))
    give(mine, theirs, drawn(1, "float32"))
    ours.clip_grad_value_(mine, 0.5)
    torch.nn.utils.clip_grad_value_(theirs, 0.5)
    for p, q in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(p.grad.numpy(), q.grad.numpy())
