"""Task 12.5: learned positions."""

from typing import Any

import numpy as np
import pytest

from tinytorch.embeddings import LearnedPositions
from tinytorch.tensor import Tensor, tensor


def layer_with(weight: Any) -> Any:
    layer = LearnedPositions(*weight.shape, dtype="float64")
    layer.weight.detach().copy_(weight)
    return layer


@pytest.mark.parametrize("shape", [(5, 3), (2, 5, 3), (2, 4, 5, 3), (8, 3), (1, 3), (0, 3)])
def test_each_vector_gets_that_of_its_position(
    shape: tuple[int, ...], drawn: Any, assert_close: Any
) -> None:
    weight, x = drawn(8, 3), drawn(*shape, seed=1)
    expected = x + weight[: shape[-2]]
    assert_close(layer_with(weight)(Tensor(x)), expected, f"LearnedPositions(8, 3) of {shape}")


@pytest.mark.parametrize("start", [1, 4, 5])
def test_from_another_start_on(start: int, drawn: Any, assert_close: Any) -> None:
    weight, x = drawn(8, 3), drawn(2, 3, 3, seed=1)
    found = layer_with(weight)(Tensor(x), start=start)
    assert_close(found, x + weight[start : start + 3], f"three vectors from {start} on")


def test_given_positions(drawn: Any, assert_close: Any) -> None:
    weight, x = drawn(8, 3), drawn(2, 4, 5, 3, seed=1)
    layer = layer_with(weight)
    row, each = np.array([7, 0, 0, 3, 2]), np.random.default_rng(2).integers(0, 8, (2, 5))
    assert_close(layer(Tensor(x), row), x + weight[row], "positions (T,)")
    expected = x + weight[each][:, np.newaxis]
    assert_close(layer(Tensor(x), positions=tensor(each)), expected, "positions (B, T)")
    assert_close(layer(Tensor(x), [0, 1, 2, 3, 4]), x + weight[:5], "positions in a list")


def test_it_keeps_its_type(drawn: Any) -> None:
    layer = LearnedPositions(4, 3)
    assert layer(Tensor(drawn(4, 3, dtype="float32"))).dtype == np.float32
    assert layer.half()(Tensor(drawn(4, 3, dtype="float16"))).dtype == np.float16


def test_the_inputs_are_left_alone(drawn: Any) -> None:
    weight, x = drawn(8, 3), drawn(4, 3, seed=1)
    layer, given = layer_with(weight), Tensor(x.copy())
    for found in (layer(given), layer(given, [0, 1, 2, 3])):
        found.detach().fill_(9)
    np.testing.assert_array_equal(given.numpy(), x)
    np.testing.assert_array_equal(layer.weight.detach().numpy(), weight)


@pytest.mark.parametrize(("length", "start"), [(9, 0), (1, 8), (4, 5), (3, -1), (100, 0)])
def test_a_sequence_that_does_not_fit(length: int, start: int, refused: Any) -> None:
    layer = LearnedPositions(8, 3)
    with refused(ValueError, "LearnedPositions", str(length), str(start), "8 positions"):
        layer(Tensor(np.zeros((2, length, 3), np.float32)), start=start)


def test_a_position_that_there_is_not(refused: Any) -> None:
    layer = LearnedPositions(8, 3)
    for wrong in (8, -1):
        with refused(IndexError, str(wrong), "8 rows"):
            layer(Tensor(np.zeros((2, 3), np.float32)), [0, wrong])


def test_what_does_not_fit(refused: Any) -> None:
    layer = LearnedPositions(8, 3)
    for shape in ((3, 4), (3,), ()):
        with refused(ValueError, "LearnedPositions", str(shape)):
            layer(Tensor(np.zeros(shape)))
    x = Tensor(np.zeros((2, 5, 3)))
    for positions in (np.zeros(4, int), np.zeros((3, 5), int)):
        with refused(ValueError, "LearnedPositions", str(positions.shape), "(2, 5, 3)"):
            layer(x, positions)
    with refused(TypeError, "LearnedPositions", "float64"):
        layer(x, np.zeros(5))
    with refused(ValueError, "start"):
        layer(x, np.arange(5), start=2)
    with refused(ValueError, "LearnedPositions", "-1"):
        LearnedPositions(-1, 3)
    with refused(ValueError, "LearnedPositions", "-3"):
        LearnedPositions(1, -3)


def test_parameters_and_first_values() -> None:
    """120,000 values: their mean lies within 0.003 · 5, but for one of a million draws."""
    layer = LearnedPositions(400, 300, generator=np.random.default_rng(1))
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    values = layer.weight.detach().numpy().copy()
    assert values.shape == (400, 300)
    assert values.dtype == np.float32
    assert abs(values.mean()) < 0.015
    assert abs(values.std() - 1) < 0.015
    again = LearnedPositions(400, 300, generator=np.random.default_rng(1)).weight.detach().numpy()
    np.testing.assert_array_equal(values, again)
    layer.reset_parameters()
    assert (layer.weight.detach().numpy() != values).any(), "after a reset"
    assert repr(LearnedPositions(8, 3)) == "LearnedPositions(8, 3)"
