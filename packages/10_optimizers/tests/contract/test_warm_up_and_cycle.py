"""Task 10.7: warm-up, and one cycle."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.optimizers import SGD, Adam, LinearWarmup, LinearWarmupCosine, OneCycleLR
from tinytorch.tensor import Tensor


def rates(make: Any, steps: int, lr: float = 0.5) -> list[float]:
    optimizer = SGD([Tensor(np.zeros(1))], lr=lr, momentum=0.5)
    scheduler = make(optimizer)
    found = [*scheduler.get_last_lr()]
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        found += scheduler.get_last_lr()
    return found


def same(found: Any, expected: Any, tried: str) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=tried)


def test_warm_up_by_hand() -> None:
    found = rates(lambda o: LinearWarmup(o, 3), 6, 4.0)
    same(found, [1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0], "LinearWarmup(3) of 4")


@pytest.mark.parametrize("warmup", [0, 1, 5])
def test_warm_up(warmup: int) -> None:
    expected = [0.5 * min(1, (t + 1) / (warmup + 1)) for t in range(10)]
    same(rates(lambda o: LinearWarmup(o, warmup), 9), expected, f"LinearWarmup({warmup})")


def gpt(t: int, warmup: int, total: int, eta_min: float) -> float:
    if t < warmup:
        return 0.5 * (t + 1) / (warmup + 1)
    share = min(1.0, (t - warmup) / (total - warmup))
    return eta_min + (0.5 - eta_min) * (1 + math.cos(math.pi * share)) / 2


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(0, 10), st.integers(1, 20), st.floats(0, 0.2))
def test_warm_up_and_half_a_wave(warmup: int, more: int, eta_min: float) -> None:
    total = warmup + more
    found = rates(lambda o: LinearWarmupCosine(o, warmup, total, eta_min), total + 5)
    expected = [gpt(t, warmup, total, eta_min) for t in range(total + 6)]
    same(found, expected, f"LinearWarmupCosine({warmup}, {total}, {eta_min})")


def test_its_corners() -> None:
    found = rates(lambda o: LinearWarmupCosine(o, 4, 10, 0.05), 12)
    same(found[0], 0.1, "the first of 5 steps up to 0.5")
    same([found[3], found[4]], [0.4, 0.5], "the top at step 4")
    same(found[7], 0.275, "half way down at step 7")
    same(found[10:], [0.05] * 3, "the floor from step 10 on")
    same(rates(lambda o: LinearWarmupCosine(o, 0, 2), 3), [0.5, 0.25, 0.0, 0.0], "no floor given")


# One cycle


def wave(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def line(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


def along(t: int, corners: list[tuple[float, float]], how: Any) -> float:
    """The value at t, given (step, value) of each corner."""
    for (began, start), (ends, end) in pairwise(corners):
        if t <= ends:
            return float(how(start, end, (t - began) / (ends - began)))
    raise AssertionError(t)


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("pct_start", [0.3, 0.5, 0.25])
@pytest.mark.parametrize("three_phase", [False, True])
def test_up_and_down(strategy: str, pct_start: float, three_phase: bool) -> None:
    total, peak = 20, 0.8
    first, last = peak / 25, peak / 25 / 1e4
    top = pct_start * total - 1
    corners = [(0.0, first), (top, peak), (total - 1.0, last)]
    if three_phase:
        corners.insert(2, (2 * pct_start * total - 2, first))
    how = wave if strategy == "cos" else line
    expected = [along(t, corners, how) for t in range(total)]
    found = rates(
        lambda o: OneCycleLR(
            o,
            peak,
            total,
            pct_start=pct_start,
            anneal_strategy=strategy,
            three_phase=three_phase,
        ),
        total - 1,
    )
    tried = f"OneCycleLR({peak}, {total}, pct_start={pct_start}, {strategy}, {three_phase=})"
    same(found, expected, tried)


def test_one_cycle_by_hand() -> None:
    found = rates(
        lambda o: OneCycleLR(
            o,
            8.0,
            7,
            pct_start=3 / 7,
            anneal_strategy="linear",
            div_factor=4.0,
            final_div_factor=2.0,
        ),
        6,
    )
    same(found, [2.0, 5.0, 8.0, 6.25, 4.5, 2.75, 1.0], "up from 2 to 8 in 2 steps, down to 1 in 4")


def test_the_curve_goes_on_behind_its_end() -> None:
    """A loop of 5 steps calls scheduler.step() a fifth time, for a step that is never taken."""
    found = rates(
        lambda o: OneCycleLR(
            o, 4.0, 5, pct_start=0.4, anneal_strategy="linear", div_factor=2.0, final_div_factor=2.0
        ),
        5,
    )
    same(found, [2.0, 4.0, 3.0, 2.0, 1.0, 0.0], "down from 4 by 1 a step, which nothing stops")


def test_the_number_of_steps_from_epochs() -> None:
    by_epochs = rates(lambda o: OneCycleLR(o, 0.8, epochs=4, steps_per_epoch=5), 19)
    same(by_epochs, rates(lambda o: OneCycleLR(o, 0.8, 20), 19), "4 epochs of 5 steps")


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_momentum_goes_the_other_way(kind: str) -> None:
    parameters = [Tensor(np.zeros(1))]
    optimizer = SGD(parameters, momentum=0.5) if kind == "SGD" else Adam(parameters)
    scheduler = OneCycleLR(optimizer, 0.8, 20, base_momentum=0.6, max_momentum=0.9)
    found = []
    for _ in range(20):
        group = optimizer.param_groups[0]
        found.append(group["momentum"] if kind == "SGD" else group["betas"][0])
        optimizer.step()
        scheduler.step()
    corners = [(0.0, 0.9), (5.0, 0.6), (19.0, 0.9)]
    same(found, [along(t, corners, wave) for t in range(20)], f"the momentum of {kind}")


def test_momentum_left_alone() -> None:
    optimizer = SGD([Tensor(np.zeros(1))], momentum=0.5)
    OneCycleLR(optimizer, 0.8, 20, cycle_momentum=False)
    assert optimizer.param_groups[0]["momentum"] == 0.5


def test_a_phase_of_no_length_is_at_its_end() -> None:
    found = rates(lambda o: OneCycleLR(o, 0.8, 10, pct_start=0.1), 1)
    same(found, [0.8, wave(0.8, 0.8 / 25 / 1e4, 1 / 9)], "a first phase that ends at step 0")


def test_no_step_behind_the_last(refused: Any) -> None:
    optimizer = SGD([Tensor(np.zeros(1))], momentum=0.5)
    scheduler = OneCycleLR(optimizer, 0.8, 3)
    for _ in range(3):
        optimizer.step()
        scheduler.step()
    with refused(ValueError, "OneCycleLR", "3", "4"):
        scheduler.step()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ["total_steps", "steps_per_epoch"]),
        ({"epochs": 3}, ["total_steps", "steps_per_epoch"]),
        ({"total_steps": 0}, ["0"]),
        ({"total_steps": 5, "pct_start": 1.5}, ["pct_start", "1.5"]),
        ({"total_steps": 5, "anneal_strategy": "sine"}, ["anneal_strategy", "sine"]),
        ({"total_steps": 5, "max_momentum": [0.9, 0.8]}, ["max_momentum", "2"]),
    ],
    ids=str,
)
def test_what_is_refused(options: dict[str, Any], words: list[str], refused: Any) -> None:
    optimizer = SGD([Tensor(np.zeros(1))], momentum=0.5)
    with refused(ValueError, "OneCycleLR", *words):
        OneCycleLR(optimizer, 0.8, **options)
