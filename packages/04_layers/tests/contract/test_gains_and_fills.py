"""The initialisers that are given: plain fills, gains, and the normal twins of task 4.1."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from tinytorch.layers import Parameter, init
from tinytorch.tensor import Tensor, zeros


def seeded() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("nonlinearity", "gain"),
    [
        ("linear", 1.0),
        ("sigmoid", 1.0),
        ("tanh", 5 / 3),
        ("relu", sqrt(2)),
        ("leaky_relu", sqrt(2 / (1 + 0.01**2))),
        ("selu", 0.75),
    ],
)
def test_gains(nonlinearity: str, gain: float) -> None:
    assert init.calculate_gain(nonlinearity) == pytest.approx(gain)


def test_the_gain_of_a_leaky_relu_depends_on_its_slope() -> None:
    assert init.calculate_gain("leaky_relu", 0.5) == pytest.approx(sqrt(1.6))
    assert init.calculate_gain("leaky_relu", 0) == pytest.approx(sqrt(2))


def test_an_unknown_nonlinearity_is_named() -> None:
    with pytest.raises(ValueError, match=r"softmax.*tanh"):
        init.calculate_gain("softmax")


@pytest.mark.parametrize(
    ("fill", "value"),
    [(lambda x: init.constant_(x, 0.3), 0.3), (init.zeros_, 0.0), (init.ones_, 1.0)],
    ids=["constant_", "zeros_", "ones_"],
)
def test_constants(fill: Callable[[Tensor], Tensor], value: float) -> None:
    parameter = Parameter(np.full((2, 3), 7.0))
    memory = parameter.data_ptr()
    assert fill(parameter) is parameter
    assert parameter.data_ptr() == memory
    np.testing.assert_array_equal(parameter.array, np.full((2, 3), value))


def test_uniform() -> None:
    values = init.uniform_(zeros(100, 200), -1, 3, generator=seeded()).array
    assert values.min() >= -1
    assert values.max() <= 3
    assert values.mean() == pytest.approx(1, abs=0.05)
    assert values.std() == pytest.approx(4 / sqrt(12), rel=0.02)


def test_uniform_is_from_zero_to_one_by_itself() -> None:
    values = init.uniform_(zeros(100, 200), generator=seeded()).array
    assert 0 <= values.min() < 0.01
    assert 0.99 < values.max() <= 1


def test_normal() -> None:
    values = init.normal_(zeros(100, 200), 5, 0.1, generator=seeded()).array
    assert values.mean() == pytest.approx(5, abs=0.01)
    assert values.std() == pytest.approx(0.1, rel=0.03)


@pytest.mark.parametrize("name", ["uniform_", "normal_", "xavier_normal_", "kaiming_normal_"])
def test_same_seed_same_values_in_place(name: str) -> None:
    fill = getattr(init, name)
    first, again = zeros(8, 9), zeros(8, 9)
    memory = first.data_ptr()
    assert fill(first, generator=seeded()) is first
    fill(again, generator=seeded())
    assert first.data_ptr() == memory
    np.testing.assert_array_equal(first.array, again.array)


@pytest.mark.parametrize(
    ("fill", "options", "std"),
    [
        (init.xavier_normal_, {}, sqrt(2 / 500)),
        (init.xavier_normal_, {"gain": 3.0}, 3 * sqrt(2 / 500)),
        (init.kaiming_normal_, {}, sqrt(2 / 200)),
        (init.kaiming_normal_, {"mode": "fan_out"}, sqrt(2 / 300)),
        (init.kaiming_normal_, {"nonlinearity": "linear"}, sqrt(1 / 200)),
        (init.kaiming_normal_, {"a": 0.5}, sqrt(1.6 / 200)),
    ],
    ids=[
        "xavier",
        "xavier of gain 3",
        "kaiming",
        "kaiming by fan_out",
        "kaiming linear",
        "a of 0.5",
    ],
)
def test_normal_twins(fill: Callable[..., Tensor], options: dict[str, object], std: float) -> None:
    values = fill(zeros(300, 200), generator=seeded(), **options).array
    assert values.std() == pytest.approx(std, rel=0.02)
    assert values.mean() == pytest.approx(0, abs=std / 50)
    # Normal, not uniform: about 4.6 % lie beyond two standard deviations.
    assert (np.abs(values) > 2 * std).mean() == pytest.approx(0.0455, abs=0.005)
