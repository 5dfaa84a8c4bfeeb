"""Task 12.5: sinusoidal positions."""

from math import cos, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings import SinusoidalPositions, sinusoidal_positions
from tinytorch.embeddings.frequencies import frequencies
from tinytorch.embeddings.sinusoidal import sinusoids
from tinytorch.tensor import Tensor


def by_formula(positions: Any, dim: int, base: float = 10000.0) -> Any:
    out = np.zeros((*np.shape(positions), dim))
    for place in np.ndindex(*np.shape(positions)):
        for column in range(dim):
            angle = positions[place] / base ** ((column - column % 2) / dim)
            out[(*place, column)] = cos(angle) if column % 2 else sin(angle)
    return out


def test_frequencies_by_hand(assert_close: Any) -> None:
    assert_close(frequencies(4, 100.0), np.array([1.0, 0.1]), "frequencies(4, 100)")
    assert_close(frequencies(8, 16.0), np.array([1.0, 0.5, 0.25, 0.125]), "frequencies(8, 16)")
    assert_close(frequencies(4), np.array([1.0, 0.01]), "frequencies(4)")


@pytest.mark.parametrize(("dim", "count"), [(0, 0), (1, 1), (2, 1), (3, 2), (7, 4), (64, 32)])
def test_how_many_frequencies(dim: int, count: int, assert_close: Any) -> None:
    expected = np.array([10000.0 ** (-2 * i / dim) for i in range(count)])
    assert_close(frequencies(dim), expected, f"frequencies({dim})")


@pytest.mark.parametrize("dim", [0, 1, 2, 3, 6, 9])
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (0,)])
def test_patterns(dim: int, shape: tuple[int, ...], assert_close: Any) -> None:
    positions = np.random.default_rng(3).integers(-50, 1000, shape)
    positions = np.asarray(positions)
    found = sinusoids(positions, dim, 100.0)
    tried = f"sinusoids of positions {shape}, dim {dim}, base 100"
    assert_close(found, by_formula(positions, dim, 100.0), tried)
    assert_close(sinusoids(positions, dim), by_formula(positions, dim), "with the base 10000")


def test_the_table(assert_close: Any) -> None:
    found = sinusoidal_positions(20, 6)
    assert_close(
        found, by_formula(np.arange(20), 6), "sinusoidal_positions(20, 6)", dtype="float32"
    )
    found = sinusoidal_positions(20, 5, base=50.0, dtype="float64")
    assert_close(found, by_formula(np.arange(20), 5, 50.0), "with base 50, in float64")
    assert sinusoidal_positions(0, 4).shape == (0, 4)
    assert sinusoidal_positions(4, 0).shape == (4, 0)


def test_far_positions_are_exact_in_float32(assert_close: Any) -> None:
    """An angle of 100,000 radians in float32 would be off by some thousandths."""
    found = sinusoidal_positions(100_001, 4).numpy()[-1]
    assert_close(found, by_formula(np.array(100_000), 4), "position 100,000", dtype="float32")


def test_a_step_is_a_rotation_whatever_the_position(assert_close: Any) -> None:
    """For each pair there is one matrix that leads from any position to the third behind it."""
    table = sinusoidal_positions(40, 8, dtype="float64").numpy()
    for pair in range(4):
        w = 10000.0 ** (-2 * pair / 8)
        turn = np.array([[cos(3 * w), sin(3 * w)], [-sin(3 * w), cos(3 * w)]])
        here = table[:-3, 2 * pair : 2 * pair + 2]
        assert_close(table[3:, 2 * pair : 2 * pair + 2], here @ turn.T, f"pair {pair}")


@pytest.mark.parametrize(("length", "dim"), [(-1, 4), (4, -2)])
def test_sizes_below_0(length: int, dim: int, refused: Any) -> None:
    with refused(ValueError, "sinusoidal_positions", str(min(length, dim))):
        sinusoidal_positions(length, dim)


# The module


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(5, 6), (2, 5, 6), (2, 3, 5, 6), (0, 6), (1, 6), (2, 0, 6)])
def test_the_module_adds(dtype: str, shape: tuple[int, ...], drawn: Any, assert_close: Any) -> None:
    x = drawn(*shape, dtype=dtype)
    layer = SinusoidalPositions(6)
    expected = x + by_formula(np.arange(shape[-2]), 6)
    assert_close(layer(Tensor(x)), expected, f"SinusoidalPositions(6) of {shape}", dtype=dtype)
    expected = x + by_formula(np.arange(7, 7 + shape[-2]), 6)
    assert_close(layer(Tensor(x), start=7), expected, f"{shape}, from 7 on", dtype=dtype)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(1, 3), st.integers(1, 5), st.integers(1, 7), st.integers(0, 99))
def test_given_positions(batch: int, length: int, dim: int, seed: int) -> None:
    draws = np.random.default_rng(seed)
    x, layer = draws.standard_normal((batch, 2, length, dim)), SinusoidalPositions(dim, base=30.0)
    row = draws.integers(0, 90, length)
    each = draws.integers(0, 90, (batch, length))
    expected = x + by_formula(row, dim, 30.0)
    np.testing.assert_allclose(layer(Tensor(x), row).numpy(), expected, rtol=1e-9, atol=1e-9)
    expected = x + by_formula(each, dim, 30.0)[:, np.newaxis]
    found = layer(Tensor(x), Tensor(each)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_the_input_is_left_alone(drawn: Any) -> None:
    x = Tensor(drawn(3, 4))
    before = x.numpy().copy()
    layer = SinusoidalPositions(4)
    first = layer(x).numpy().copy()
    layer(x).fill_(9)
    np.testing.assert_array_equal(x.numpy(), before)
    np.testing.assert_array_equal(layer(x).numpy(), first)


def test_there_is_nothing_to_learn() -> None:
    layer = SinusoidalPositions(4)
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == []
    assert repr(layer) == "SinusoidalPositions(4)"
    assert repr(SinusoidalPositions(4, base=50.0)) == "SinusoidalPositions(4, base=50.0)"


def test_what_does_not_fit(refused: Any) -> None:
    layer = SinusoidalPositions(4)
    for shape in ((3, 5), (4,), (), (4, 3)):
        with refused(ValueError, "SinusoidalPositions", str(shape)):
            layer(Tensor(np.zeros(shape)))
    with refused(TypeError, "SinusoidalPositions", "int64"):
        layer(Tensor(np.zeros((3, 4), np.int64)))
    x = Tensor(np.zeros((2, 3, 4)))
    for positions in (np.zeros(2, int), np.zeros((3, 3), int), np.zeros((1, 1, 3), int)):
        with refused(ValueError, "SinusoidalPositions", str(positions.shape), "(2, 3, 4)"):
            layer(x, positions)
    with refused(ValueError, "SinusoidalPositions"):
        layer(Tensor(np.zeros((2, 4))), np.zeros((2, 2), int))
    with refused(TypeError, "SinusoidalPositions", "float64"):
        layer(x, np.zeros(3))
    with refused(ValueError, "start"):
        layer(x, np.arange(3), start=2)
