"""Task 10.6: how a learning rate falls."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.optimizers import (
    SGD,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LinearLR,
    PolynomialLR,
    StepLR,
)
from tinytorch.tensor import Tensor


def rates(make: Any, steps: int, lr: float = 0.5) -> list[float]:
    """The learning rates that an optimizer of one group has from step 0 to `steps`."""
    parameter = Tensor(np.zeros(1))
    optimizer = SGD([parameter], lr=lr)
    scheduler = make(optimizer)
    found = [*scheduler.get_last_lr()]
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        found += scheduler.get_last_lr()
    assert optimizer.param_groups[0]["lr"] == found[-1], "the optimizer should have the last one"
    return found


def same(found: list[float], expected: list[float], tried: str) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15, err_msg=tried)


@pytest.mark.parametrize("step_size", [1, 3, 7])
@pytest.mark.parametrize("gamma", [0.1, 0.5, 1.0])
def test_stairs(step_size: int, gamma: float) -> None:
    found = rates(lambda o: StepLR(o, step_size, gamma), 15)
    expected = [0.5 * gamma ** math.floor(t / step_size) for t in range(16)]
    same(found, expected, f"StepLR({step_size}, {gamma})")


def test_stairs_by_hand() -> None:
    assert rates(lambda o: StepLR(o, 2, 0.5), 5, 1.0) == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]


@pytest.mark.parametrize("gamma", [0.9, 0.5, 1.1])
def test_every_step(gamma: float) -> None:
    expected = [0.5 * gamma**t for t in range(11)]
    same(rates(lambda o: ExponentialLR(o, gamma), 10), expected, f"ExponentialLR({gamma})")


@pytest.mark.parametrize(("start", "end", "total"), [(0.25, 1.0, 4), (1.0, 0.0, 5), (0.5, 0.1, 1)])
def test_a_straight_line(start: float, end: float, total: int) -> None:
    expected = [0.5 * (start + (end - start) * min(t, total) / total) for t in range(9)]
    found = rates(lambda o: LinearLR(o, start, end, total), 8)
    same(found, expected, f"LinearLR({start}, {end}, {total})")


def test_a_straight_line_by_hand() -> None:
    found = rates(lambda o: LinearLR(o, 0.25, 1.0, 3), 5, 4.0)
    same(found, [1.0, 2.0, 3.0, 4.0, 4.0, 4.0], "from a quarter of 4 to all of it in 3 steps")


@pytest.mark.parametrize("power", [1.0, 2.0, 0.5])
def test_a_power_of_a_straight_line(power: float) -> None:
    expected = [0.5 * (1 - min(t, 6) / 6) ** power for t in range(9)]
    same(rates(lambda o: PolynomialLR(o, 6, power), 8), expected, f"PolynomialLR(6, {power})")


@pytest.mark.parametrize("total", [1, 2, 7, 10])
@pytest.mark.parametrize("eta_min", [0.0, 0.01])
def test_half_a_wave(total: int, eta_min: float) -> None:
    expected = [
        eta_min + (0.5 - eta_min) * (1 + math.cos(math.pi * t / total)) / 2 for t in range(26)
    ]
    found = rates(lambda o: CosineAnnealingLR(o, total, eta_min), 25)
    same(found, expected, f"CosineAnnealingLR({total}, {eta_min}), beyond its end, too")


def test_half_a_wave_by_hand() -> None:
    same(
        rates(lambda o: CosineAnnealingLR(o, 4), 4, 2.0),
        [2.0, 1 + math.sqrt(0.5), 1.0, 1 - math.sqrt(0.5), 0.0],
        "CosineAnnealingLR(4) of 2",
    )


def test_restarts_by_hand() -> None:
    found = rates(lambda o: CosineAnnealingWarmRestarts(o, 2, 2), 7, 1.0)
    low, high = (1 - math.sqrt(0.5)) / 2, (1 + math.sqrt(0.5)) / 2
    same(found, [1.0, 0.5, 1.0, high, 0.5, low, 1.0, (1 + math.cos(math.pi / 8)) / 2], "2, 4, 8")


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 3), st.integers(0, 40), st.floats(0, 0.1))
def test_restarts(first: int, growth: int, steps: int, eta_min: float) -> None:
    position, length, expected = 0, first, []
    for _ in range(steps + 1):
        expected.append(eta_min + (0.5 - eta_min) * (1 + math.cos(math.pi * position / length)) / 2)
        position += 1
        if position == length:
            position, length = 0, length * growth
    found = rates(lambda o: CosineAnnealingWarmRestarts(o, first, growth, eta_min), steps)
    same(found, expected, f"CosineAnnealingWarmRestarts({first}, {growth}, {eta_min})")


@pytest.mark.parametrize(
    ("epoch", "position", "length"),
    [(0, 0, 4), (3.5, 3.5, 4), (4, 0, 12), (5.25, 1.25, 12), (15.75, 11.75, 12), (16, 0, 36)],
)
def test_restarts_at_any_point_in_time(epoch: float, position: float, length: int) -> None:
    optimizer = SGD([Tensor(np.zeros(1))], lr=1.0)
    scheduler = CosineAnnealingWarmRestarts(optimizer, 4, 3)
    scheduler.step(epoch)
    expected = (1 + math.cos(math.pi * position / length)) / 2
    same(scheduler.get_last_lr(), [expected], f"step({epoch}) of cycles of 4, 12, 36 steps")
