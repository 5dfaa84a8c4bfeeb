"""Task 4.1: where weights start."""

from collections.abc import Callable
from math import prod, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.layers import Parameter, init
from tinytorch.tensor import Tensor, manual_seed, zeros

Filler = Callable[..., Tensor]
FILLERS = [init.xavier_uniform_, init.kaiming_uniform_]
NAMES = ["xavier_uniform_", "kaiming_uniform_"]
every_filler = pytest.mark.parametrize("fill", FILLERS, ids=NAMES)


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def assert_even_within(values: np.ndarray, bound: float, what: str) -> None:
    """`values`, at least ten thousand, look drawn evenly from ±bound.

    Right code fails once in a million draws or less.
    """
    values = np.asarray(values, np.float64).ravel()
    largest = np.abs(values).max()
    assert largest <= bound * 1.0001, f"{what}: expected all within ±{bound:.5f}, got {largest:.5f}"
    for sign, name in ((1, "upper"), (-1, "lower")):
        reach = (sign * values).max()
        assert reach > 0.98 * bound, (
            f"{what}: expected values up to the {name} bound {sign * bound:.5f}, "
            f"but they end at {sign * reach:.5f}"
        )
    # A tenth of the values in each tenth of the interval.
    shares = np.histogram(values, bins=10, range=(-bound * 1.0001, bound * 1.0001))[0] / values.size
    assert np.abs(shares - 0.1).max() < 0.02, (
        f"{what}: expected a tenth of the values in each tenth of ±{bound:.5f}, got {shares}"
    )
    deviation = values.std()
    assert deviation == pytest.approx(bound / sqrt(3), rel=0.03), (
        f"{what}: expected a standard deviation of bound/√3 = {bound / sqrt(3):.5f}, "
        f"got {deviation:.5f}"
    )


# Fans


@pytest.mark.parametrize(
    ("shape", "fans"),
    [
        ((2, 3), (3, 2)),
        ((1, 1), (1, 1)),
        ((6, 2, 7), (14, 42)),
        ((4, 3, 5, 5), (75, 100)),
        ((8, 1, 3, 2), (6, 48)),
        ((4, 3, 2, 2, 2), (24, 32)),
        ((5, 0), (0, 5)),
        ((0, 3), (3, 0)),
    ],
)
def test_fans_by_hand(shape: tuple[int, ...], fans: tuple[int, int]) -> None:
    found = init.fan_in_and_fan_out(zeros(shape))
    assert found == fans, f"fans of a weight {shape}: expected (in, out) = {fans}, got {found}"


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=5).map(tuple))
def test_fans_count_connections(shape: tuple[int, ...]) -> None:
    into, out = init.fan_in_and_fan_out(zeros(shape))
    assert into * shape[0] == prod(shape), (
        f"a weight {shape}: each of {shape[0]} outputs has fan_in = {into} weights, "
        f"which should make {prod(shape)} in all"
    )
    assert out * shape[1] == prod(shape), (
        f"a weight {shape}: each of {shape[1]} inputs has fan_out = {out} weights, "
        f"which should make {prod(shape)} in all"
    )


@pytest.mark.parametrize("shape", [(), (5,)])
@pytest.mark.parametrize(
    "function", [init.fan_in_and_fan_out, *FILLERS], ids=["fan_in_and_fan_out", *NAMES]
)
def test_a_vector_has_no_fans(function: Filler, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError) as caught:
        function(zeros(shape))
    assert str(shape) in str(caught.value), (
        f"the message should name the shape {shape}; it is {str(caught.value)!r}"
    )


# What both fillers do


@every_filler
def test_fills_in_place_and_returns_the_same_tensor(fill: Filler) -> None:
    weight = zeros(20, 30)
    memory, before = weight.data_ptr(), weight.version[0]
    result = fill(weight, generator=seeded())
    assert result is weight, "the tensor that was given should come back, not another one"
    assert weight.data_ptr() == memory, (
        "the values should be written into the memory that was there"
    )
    assert (weight.array != 0).all(), "every element should have been drawn"
    assert weight.version[0] > before, (
        "the write was not counted: use a method that ends in _, not weight.array"
    )


@every_filler
def test_same_seed_same_weights(fill: Filler) -> None:
    first, again, other = (fill(zeros(8, 9), generator=seeded(seed)).tolist() for seed in (3, 3, 4))
    assert first == again, "two generators with the same seed gave different weights"
    assert first != other, "generators with different seeds gave the same weights"


@every_filler
def test_the_default_generator_is_seeded_by_manual_seed(fill: Filler) -> None:
    manual_seed(7)
    first = fill(zeros(8, 9)).tolist()
    second = fill(zeros(8, 9)).tolist()
    manual_seed(7)
    assert fill(zeros(8, 9)).tolist() == first, "manual_seed(7) twice gave different weights"
    assert first != second, "two layers drawn one after the other have the same weights"


@every_filler
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_keeps_the_dtype(fill: Filler, dtype: str) -> None:
    weight = fill(zeros(100, 100, dtype=dtype), generator=seeded())
    assert weight.dtype == dtype, f"expected {dtype} to stay, got {weight.dtype}"
    assert weight.array.std() > 0, f"nothing was drawn for {dtype}"


@every_filler
def test_a_parameter_can_be_filled(fill: Filler) -> None:
    parameter = Parameter(zeros(20, 30))
    fill(parameter, generator=seeded())
    assert parameter.requires_grad, "the parameter should still want a gradient"
    assert parameter.is_leaf, "the parameter should not have become the result of an operation"
    assert (parameter.detach().array != 0).all(), "every element should have been drawn"


@every_filler
def test_a_view_is_filled_where_it_lies(fill: Filler) -> None:
    whole = zeros(6, 8)
    fill(whole[:, :3], generator=seeded())
    assert (whole.array[:, :3] != 0).all(), "filling a view should fill the tensor it looks into"
    assert (whole.array[:, 3:] == 0).all(), "what is outside the view should stay as it was"


# Xavier


@pytest.mark.parametrize(
    ("shape", "fan_in", "fan_out"),
    [((300, 200), 200, 300), ((20, 1000), 1000, 20), ((64, 32, 3, 3), 288, 576)],
)
@pytest.mark.parametrize("gain", [1.0, 5 / 3])
def test_xavier_uniform(shape: tuple[int, ...], fan_in: int, fan_out: int, gain: float) -> None:
    weight = init.xavier_uniform_(zeros(shape), gain, generator=seeded(1))
    bound = gain * sqrt(6 / (fan_in + fan_out))
    assert_even_within(weight.array, bound, f"xavier_uniform_ of {shape} with gain {gain:.3f}")


def test_xavier_takes_the_gain_by_name_and_needs_none() -> None:
    plain = init.xavier_uniform_(zeros(50, 50), generator=seeded()).array
    twice = init.xavier_uniform_(zeros(50, 50), gain=2.0, generator=seeded()).array
    ratio = twice.std() / plain.std()
    assert ratio == pytest.approx(2, rel=0.1), f"gain=2.0 should double the spread, not {ratio:.2f}"


# Kaiming


@pytest.mark.parametrize(
    ("shape", "options", "bound"),
    [
        ((300, 200), {}, sqrt(6 / 200)),
        ((300, 200), {"mode": "fan_out"}, sqrt(6 / 300)),
        ((300, 200), {"nonlinearity": "relu"}, sqrt(6 / 200)),
        ((300, 200), {"nonlinearity": "relu", "a": 0.5}, sqrt(6 / 200)),
        ((300, 200), {"nonlinearity": "linear"}, sqrt(3 / 200)),
        ((300, 200), {"nonlinearity": "tanh"}, 5 / 3 * sqrt(3 / 200)),
        ((300, 200), {"a": 0.5}, sqrt(2 / 1.25) * sqrt(3 / 200)),
        ((300, 200), {"a": sqrt(5)}, 1 / sqrt(200)),
        ((64, 32, 3, 3), {}, sqrt(6 / 288)),
        ((64, 32, 3, 3), {"mode": "fan_out", "nonlinearity": "relu"}, sqrt(6 / 576)),
    ],
)
def test_kaiming_uniform(shape: tuple[int, ...], options: dict[str, object], bound: float) -> None:
    weight = init.kaiming_uniform_(zeros(shape), generator=seeded(2), **options)
    assert_even_within(weight.array, bound, f"kaiming_uniform_ of {shape} with {options}")


def test_kaiming_refuses_another_mode() -> None:
    with pytest.raises(ValueError, match="sideways"):
        init.kaiming_uniform_(zeros(3, 3), mode="sideways")


def test_kaiming_refuses_a_nonlinearity_without_a_gain() -> None:
    with pytest.raises(ValueError, match="softmax"):
        init.kaiming_uniform_(zeros(3, 3), nonlinearity="softmax")


@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
@every_filler
def test_a_weight_without_elements_is_left_alone(fill: Filler, shape: tuple[int, ...]) -> None:
    weight = zeros(shape)
    assert fill(weight) is weight, f"a weight {shape} has nothing to fill and should come back"


# What they are for


def test_kaiming_keeps_a_signal_alive_through_relu_layers() -> None:
    generator = seeded(3)
    signal = generator.standard_normal((200, 256))
    for _ in range(10):
        weight = init.kaiming_uniform_(zeros(256, 256), generator=generator).array
        signal = np.maximum(signal @ weight.T, 0)
    power = (signal**2).mean()
    # The logarithm of it varies by 0.36 from draw to draw; a gain of 1 leaves 0.001.
    assert 0.1 < power < 10, (
        f"after ten ReLU layers the mean square should still be near 1, but it is {power:.4f}"
    )


def test_xavier_keeps_a_signal_alive_through_linear_layers() -> None:
    generator = seeded(4)
    signal = generator.standard_normal((200, 256))
    for _ in range(10):
        signal = signal @ init.xavier_uniform_(zeros(256, 256), generator=generator).array.T
    power = (signal**2).mean()
    assert 0.5 < power < 2, (
        f"after ten square linear layers the mean square should be near 1, but it is {power:.4f}"
    )
