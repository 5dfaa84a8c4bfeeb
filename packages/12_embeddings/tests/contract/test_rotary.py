"""Task 12.6: rotary positions."""

from math import cos, pi, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings import RotaryPositions, rotary
from tinytorch.embeddings.rotary import angles_at, rotate_halves
from tinytorch.tensor import Tensor, tensor
from tinytorch.tensor.testing import check_rule


def by_formula(x: Any, positions: Any, base: float = 10000.0) -> Any:
    """Pair by pair. positions: as many as x has rows, in the same shape."""
    half = x.shape[-1] // 2
    out = np.zeros(x.shape)
    for place in np.ndindex(*x.shape[:-1]):
        for i in range(half):
            angle = positions[place] * base ** (-2 * i / x.shape[-1])
            a, b = x[(*place, i)], x[(*place, i + half)]
            out[(*place, i)] = a * cos(angle) - b * sin(angle)
            out[(*place, i + half)] = a * sin(angle) + b * cos(angle)
    return out


def rows(x: Any, start: int = 0) -> Any:
    return np.broadcast_to(np.arange(start, start + x.shape[-2]), x.shape[:-1])


def test_angles_by_hand(assert_close: Any) -> None:
    found = angles_at(np.array([0, 1, 5]), 4, 100.0)
    assert_close(found, np.array([[0, 0], [1, 0.1], [5, 0.5]]), "angles at 0, 1, 5; base 100")


@pytest.mark.parametrize("shape", [(), (3,), (2, 1, 3), (0,)])
def test_angles_of_positions_of_any_shape(shape: tuple[int, ...], assert_close: Any) -> None:
    positions = np.asarray(np.random.default_rng(2).integers(-9, 99, shape))
    expected = np.stack([positions * 10000.0 ** (-2 * i / 6) for i in range(3)], axis=-1)
    assert_close(angles_at(positions, 6, 10000.0), expected, f"angles at positions {shape}")


def test_turning_by_hand(assert_close: Any) -> None:
    """(1, 0) and (0, 2) by a right angle, and by none."""
    x = np.array([[1.0, 0.0, 0.0, 2.0], [1.0, 0.0, 0.0, 2.0]])
    angles = np.array([[pi / 2, pi / 2], [0.0, 0.0]])
    found = rotate_halves(x, np.cos(angles), np.sin(angles))
    expected = np.array([[0.0, -2.0, 1.0, 0.0], [1.0, 0.0, 0.0, 2.0]])
    assert_close(found, expected, "the pairs (1, 0) and (0, 2) turned by 90° and by 0°")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(2,), (3, 4), (2, 3, 3, 6), (0, 4), (3, 0)])
def test_turning_any_shape(
    dtype: str, shape: tuple[int, ...], drawn: Any, assert_close: Any
) -> None:
    x, half = drawn(*shape, dtype=dtype), shape[-1] // 2
    angle = drawn(*shape[:-1], half, seed=1)
    a, b = x[..., :half].astype(float), x[..., half:].astype(float)
    expected = np.concatenate(
        [a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)], axis=-1
    )
    before = x.copy()
    turned = rotate_halves(x, np.cos(angle).astype(dtype), np.sin(angle).astype(dtype))
    assert_close(turned, expected, f"rotate_halves of {shape}", dtype=dtype)
    np.testing.assert_array_equal(x, before, err_msg="x was written to")


# The operation


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    "shape", [(3, 4), (2, 3, 4), (2, 3, 5, 6), (1, 2), (7, 2), (0, 4), (2, 0, 4), (3, 0)]
)
def test_positions_count_from_0(
    dtype: str, shape: tuple[int, ...], drawn: Any, assert_close: Any
) -> None:
    x = drawn(*shape, dtype=dtype)
    expected = by_formula(x.astype(float), rows(x))
    assert_close(rotary(Tensor(x)), expected, f"rotary of {shape}", dtype=dtype)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(
    st.integers(1, 3), st.integers(1, 5), st.integers(0, 3), st.floats(2, 1e5), st.integers(0, 99)
)
def test_given_positions(batch: int, length: int, half: int, base: float, seed: int) -> None:
    draws = np.random.default_rng(seed)
    x = draws.standard_normal((batch, 2, length, 2 * half))
    row = draws.integers(0, 90, length)
    each = draws.integers(0, 90, (batch, length))
    expected = by_formula(x, np.broadcast_to(row, x.shape[:-1]), base)
    found = rotary(Tensor(x), positions=row, base=base).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    expected = by_formula(x, np.broadcast_to(each[:, np.newaxis], x.shape[:-1]), base)
    found = rotary(Tensor(x), Tensor(each), base=base).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_a_sequence_of_its_own_without_heads(drawn: Any, assert_close: Any) -> None:
    x, each = drawn(2, 3, 4), np.array([[5, 6, 7], [0, 0, 1]])
    assert_close(rotary(Tensor(x), tensor(each)), by_formula(x, each), "positions (B, T)")
    assert_close(rotary(Tensor(x[0]), [5, 6, 7]), by_formula(x[0], each[0]), "in a list")


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 2), (2, 2, 3, 4)])
def test_its_gradient(shape: tuple[int, ...], drawn: Any) -> None:
    x = drawn(*shape)
    check_rule(rotary, x)
    check_rule(rotary, x, np.array([4, 0, 9]), 50.0)
    check_rule(rotary, x, None, 10.0, True)
    if len(shape) > 2:
        check_rule(rotary, x, np.array([[4, 0, 9], [1, 1, 2]]))


def test_the_other_way_undoes_it(drawn: Any, assert_close: Any) -> None:
    x = drawn(2, 5, 6)
    positions = np.array([3, 1, 4, 1, 5])
    there = rotary(Tensor(x), positions=positions, base=30.0)
    back = rotary(there, positions=positions, base=30.0, inverse=True)
    assert_close(back, x, "turned and turned back")


def test_lengths_stay(drawn: Any, assert_close: Any) -> None:
    x = drawn(9, 6)
    found = rotary(Tensor(x)).numpy()
    assert_close((found**2).sum(axis=-1), (x**2).sum(axis=-1), "the squared lengths")


def test_products_depend_on_the_distance_alone(drawn: Any, assert_close: Any) -> None:
    """One query and one key, put at all pairs of positions."""
    query = np.broadcast_to(drawn(8, seed=1), (12, 8))
    key = np.broadcast_to(drawn(8, seed=2), (12, 8))
    products = rotary(Tensor(query)).numpy() @ rotary(Tensor(key)).numpy().T
    for distance in range(-11, 12):
        along = np.diagonal(products, distance)
        tried = f"products of vectors that stand {distance} apart"
        assert_close(along, np.full(along.shape, along[0]), tried)


@pytest.mark.parametrize("how", ["Fortran order", "backwards", "every second"])
def test_however_it_lies_in_memory(how: str, drawn: Any, laid_out: Any, assert_close: Any) -> None:
    x = drawn(2, 3, 4)
    assert_close(rotary(Tensor(laid_out(x, how))), by_formula(x, rows(x)), f"x lying {how}")


def test_the_input_is_left_alone_and_the_result_is_new(drawn: Any) -> None:
    x = Tensor(drawn(3, 4))
    before = x.numpy().copy()
    first = rotary(x).numpy().copy()
    rotary(x).fill_(9)
    np.testing.assert_array_equal(x.numpy(), before)
    np.testing.assert_array_equal(rotary(x).numpy(), first)


def test_far_positions_are_exact_in_float32(drawn: Any, assert_close: Any) -> None:
    x = drawn(1, 4, dtype="float32")
    expected = by_formula(x.astype(float), np.array([100_000]))
    assert_close(rotary(Tensor(x), [100_000]), expected, "position 100,000", dtype="float32")


def test_what_does_not_fit(refused: Any) -> None:
    for shape in ((3, 5), (4,), ()):
        with refused(ValueError, "rotary", str(shape)):
            rotary(Tensor(np.zeros(shape)))
    with refused(TypeError, "rotary", "int64"):
        rotary(Tensor(np.zeros((3, 4), np.int64)))
    x = Tensor(np.zeros((2, 3, 4)))
    for positions in (np.zeros(2, int), np.zeros((3, 3), int), np.zeros((1, 1, 3), int)):
        with refused(ValueError, "rotary", str(positions.shape), "(2, 3, 4)"):
            rotary(x, positions=positions)
    with refused(TypeError, "rotary", "float64"):
        rotary(x, positions=np.zeros(3))


# The module


def test_the_module_turns(drawn: Any, assert_close: Any) -> None:
    x, layer = drawn(2, 2, 3, 4), RotaryPositions(4, 50.0)
    assert_close(layer(Tensor(x)), by_formula(x, rows(x), 50.0), "RotaryPositions(4, 50.0)")
    expected = by_formula(x, rows(x, 7), 50.0)
    assert_close(layer(Tensor(x), start=7), expected, "from 7 on")
    assert_close(layer(Tensor(x), [7, 8, 9]), expected, "at 7, 8, 9")
    plain = RotaryPositions(4)(Tensor(x))
    assert_close(plain, by_formula(x, rows(x)), "RotaryPositions(4)")


def test_there_is_nothing_to_learn(refused: Any) -> None:
    layer = RotaryPositions(4)
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == []
    assert repr(layer) == "RotaryPositions(4)"
    assert repr(RotaryPositions(4, base=50.0)) == "RotaryPositions(4, base=50.0)"
    with refused(ValueError, "RotaryPositions", "3"):
        RotaryPositions(3)
    with refused(ValueError, "RotaryPositions", "(3, 6)"):
        layer(Tensor(np.zeros((3, 6))))
    with refused(ValueError, "start"):
        layer(Tensor(np.zeros((3, 4))), [0, 1, 2], start=1)
