"""The same schedules here and in PyTorch, learning rate for learning rate."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tinytorch import optimizers as ours
from tinytorch.tensor import Tensor

STEPS = 60


class Library:
    """An optimizer and the schedulers of one of the two."""

    def __init__(self, optim: Any, schedulers: Any, parameter: Callable[[], Any]) -> None:
        self.optim, self.schedulers, self.parameter = optim, schedulers, parameter

    def optimizer(self, name: str = "SGD", **options: Any) -> Any:
        groups = [{"params": [self.parameter()], "lr": lr} for lr in (0.1, 0.03)]
        return getattr(self.optim, name)(groups, lr=0.1, **options)

    def make(self, optimizer: Any, name: str, options: dict[str, Any]) -> Any:
        return getattr(self.schedulers, name)(optimizer, **options)


HERE = Library(ours, ours, lambda: Tensor(np.zeros(2)))
THERE = Library(torch.optim, torch.optim.lr_scheduler, lambda: torch.nn.Parameter(torch.zeros(2)))
BOTH = (HERE, THERE)

KINDS: list[tuple[str, dict[str, Any]]] = [
    ("LambdaLR", {"lr_lambda": lambda t: 0.9**t + 0.1}),
    ("LambdaLR", {"lr_lambda": [lambda t: 1 / (t + 1), lambda t: t % 3]}),
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 1, "gamma": 0.5}),
    ("StepLR", {"step_size": 4, "gamma": 0.0}),
    ("MultiStepLR", {"milestones": [5, 20, 20, 30], "gamma": 0.3}),
    ("MultiStepLR", {"milestones": [30, 0, 4]}),
    ("ExponentialLR", {"gamma": 0.93}),
    ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.25, "total_iters": 9}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.01, "total_iters": 30}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 20}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 40, "power": 2.5}),
    ("PolynomialLR", {"total_iters": 25, "power": 0.5}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 13, "eta_min": 0.001}),
    ("CosineAnnealingLR", {"T_max": 1}),
    ("CosineAnnealingWarmRestarts", {"T_0": 10}),
    ("CosineAnnealingWarmRestarts", {"T_0": 5, "T_mult": 2, "eta_min": 0.002}),
    ("CosineAnnealingWarmRestarts", {"T_0": 1, "T_mult": 3}),
]
IDS = [f"{number}-{name}" for number, (name, _) in enumerate(KINDS)]


def train(optimizer: Any, schedulers: list[Any], steps: int, *arguments: Any) -> list[Any]:
    rates = [learning_rates(optimizer)]
    for _ in range(steps):
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step(*arguments)
        np.testing.assert_allclose(schedulers[-1].get_last_lr(), learning_rates(optimizer))
        rates.append(learning_rates(optimizer))
    return rates


def learning_rates(optimizer: Any) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


def compare(runs: list[Any]) -> None:
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(("name", "options"), KINDS, ids=IDS)
def test_alone(name: str, options: dict[str, Any]) -> None:
    runs = []
    for library in BOTH:
        optimizer = library.optimizer()
        runs.append(train(optimizer, [library.make(optimizer, name, options)], STEPS))
    compare(runs)


@pytest.mark.parametrize(("name", "options"), KINDS, ids=IDS)
def test_beside_another_one(name: str, options: dict[str, Any]) -> None:
    """Two that multiply, and a hand that changes the learning rate in between."""
    runs = []
    for library in BOTH:
        optimizer = library.optimizer()
        both = [
            library.make(optimizer, "LinearLR", {"start_factor": 0.1, "total_iters": 12}),
            library.make(optimizer, name, options),
        ]
        rates = train(optimizer, both, 20)
        optimizer.param_groups[1]["lr"] *= 0.7
        runs.append(rates + train(optimizer, both, 9))
    compare(runs)


CYCLES: list[dict[str, Any]] = [
    {"total_steps": STEPS},
    {"epochs": 6, "steps_per_epoch": 10, "pct_start": 0.5},
    {"total_steps": STEPS, "anneal_strategy": "linear", "pct_start": 0.23},
    {"total_steps": STEPS, "three_phase": True},
    {"total_steps": STEPS, "three_phase": True, "anneal_strategy": "linear", "pct_start": 0.4},
    {"total_steps": STEPS, "cycle_momentum": False, "div_factor": 10.0, "final_div_factor": 50.0},
    {"total_steps": STEPS, "base_momentum": [0.7, 0.8], "max_momentum": [0.9, 0.99]},
]


@pytest.mark.parametrize("which", range(len(CYCLES)))
@pytest.mark.parametrize(("name", "options"), [("SGD", {"momentum": 0.9}), ("Adam", {})])
def test_one_cycle(which: int, name: str, options: dict[str, Any]) -> None:
    runs, momenta = [], []
    for library in BOTH:
        optimizer = library.optimizer(name, **options)
        scheduler = library.make(optimizer, "OneCycleLR", {"max_lr": [0.5, 0.2], **CYCLES[which]})
        rates, moved = [], []
        for _ in range(STEPS):
            rates.append(train(optimizer, [scheduler], 1))
            groups = optimizer.param_groups
            moved.append([g["betas"][0] if name == "Adam" else g["momentum"] for g in groups])
        runs.append(rates)
        momenta.append(moved)
        with pytest.raises(ValueError):
            scheduler.step()
    compare(runs)
    compare(momenta)


def test_restarts_at_any_point_in_time() -> None:
    runs = []
    for library in BOTH:
        optimizer = library.optimizer()
        options = {"T_0": 3, "T_mult": 2}
        scheduler = library.make(optimizer, "CosineAnnealingWarmRestarts", options)
        rates = []
        for epoch in (0, 0.5, 1.25, 2.75, 3.0, 4.5, 8.9, 9, 20.5, 1, None, None, None, 2.5, None):
            scheduler.step(epoch) if epoch is not None else scheduler.step()
            rates.append(learning_rates(optimizer))
        runs.append(rates)
    compare(runs)


@pytest.mark.parametrize("milestones", [[4, 20], [1, 2], [10, 40]])
def test_one_after_another(milestones: list[int]) -> None:
    runs = []
    for library in BOTH:
        optimizer = library.optimizer()
        parts = [
            library.make(optimizer, "LinearLR", {"start_factor": 0.1, "total_iters": 4}),
            library.make(optimizer, "CosineAnnealingLR", {"T_max": 15, "eta_min": 0.001}),
            library.make(optimizer, "ExponentialLR", {"gamma": 0.9}),
        ]
        options = {"schedulers": parts, "milestones": milestones}
        runs.append(train(optimizer, [library.make(optimizer, "SequentialLR", options)], STEPS))
    compare(runs)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"patience": 2},
        {"patience": 0, "factor": 0.5, "cooldown": 3},
        {"mode": "max", "patience": 1, "threshold": 0.1, "threshold_mode": "abs"},
        {"mode": "max", "patience": 1, "threshold": 0.05},
        {"patience": 1, "threshold": 0.2, "threshold_mode": "abs", "min_lr": [0.02, 0.001]},
        {"patience": 1, "eps": 0.01, "min_lr": 1e-3},
    ],
    ids=str,
)
def test_plateaus(options: dict[str, Any]) -> None:
    metrics = 1 + np.random.default_rng(3).standard_normal(STEPS) * 0.3
    metrics[20], metrics[25], metrics[40] = np.nan, np.inf, -0.5
    runs, counts = [], []
    for library in BOTH:
        optimizer = library.optimizer()
        scheduler = library.make(optimizer, "ReduceLROnPlateau", options)
        rates, counted = [], []
        for metric in metrics:
            rates += train(optimizer, [scheduler], 1, metric)
            counted.append([scheduler.num_bad_epochs, scheduler.cooldown_counter])
        runs.append(rates)
        counts.append(counted)
    compare(runs)
    assert counts[0] == counts[1]


RESUMED = [
    ("ExponentialLR", {"gamma": 0.9}),
    ("LinearLR", {"start_factor": 0.1, "total_iters": 30}),
    ("PolynomialLR", {"total_iters": 50}),
    ("CosineAnnealingLR", {"T_max": 50, "eta_min": 0.001}),
    ("LambdaLR", {"lr_lambda": lambda t: 1 / (1 + t)}),
]


@pytest.mark.parametrize(("name", "options"), RESUMED, ids=[name for name, _ in RESUMED])
def test_going_on_from_last_epoch(name: str, options: dict[str, Any]) -> None:
    runs = []
    for library in BOTH:
        optimizer = library.optimizer()
        train(optimizer, [library.make(optimizer, name, options)], 10)
        again = library.make(optimizer, name, {**options, "last_epoch": 9})
        runs.append(train(optimizer, [again], 15))
    compare(runs)


def test_the_wrong_order_warns() -> None:
    for library in BOTH:
        optimizer = library.optimizer()
        scheduler = library.make(optimizer, "StepLR", {"step_size": 3})
        with pytest.warns(UserWarning, match="optimizer.step"):
            scheduler.step()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            scheduler.step()
