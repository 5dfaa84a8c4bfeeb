"""Task 6.6: filters that are learnt, and the way from images to rows."""

from collections.abc import Callable
from math import prod, sqrt
from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Parameter
from tinytorch.spatial import Conv2d, Flatten
from tinytorch.tensor import Tensor, manual_seed, zeros

Array = np.ndarray[Any, Any]

LAYERS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "plain": ((2, 3, 6, 7), {}),
    "one image alone": ((3, 6, 7), {}),
    "no image": ((0, 3, 6, 7), {}),
    "strides": ((2, 3, 6, 7), {"stride": (2, 3)}),
    "padding": ((2, 3, 6, 7), {"padding": (0, 2)}),
    "same": ((2, 3, 6, 7), {"padding": "same"}),
    "dilation": ((2, 3, 6, 7), {"dilation": (2, 1)}),
    "groups": ((2, 3, 6, 7), {"groups": 3}),
    "all": ((2, 3, 8, 9), {"stride": 2, "padding": 1, "dilation": 2, "groups": 3}),
}


@pytest.mark.parametrize("name", list(LAYERS))
@pytest.mark.parametrize("bias", [True, False])
def test_the_layer_computes_it(
    name: str,
    bias: bool,
    drawn: Callable[..., Array],
    convolved: Callable[..., Array],
    assert_tensor: Callable[..., None],
) -> None:
    shape, options = LAYERS[name]
    layer = Conv2d(3, 6, (3, 2), bias=bias, **options)
    x = drawn(*shape, dtype="float32")
    weight = layer.weight.detach().numpy()
    expected = convolved(x, weight, layer.bias.detach().numpy() if bias else None, **options)
    for found in (layer(Tensor(x)), layer.forward(Tensor(x))):
        assert_tensor(found, expected, f"Conv2d(3, 6, (3, 2), {options}) of {shape}")


def test_the_layer_uses_the_weights_that_it_has_now() -> None:
    layer = Conv2d(1, 1, 1)
    layer.weight.detach().fill_(2)
    layer.bias.detach().fill_(10)
    x = Tensor(np.array([[[1.0, 3.0]]], np.float32))
    assert layer(x).tolist() == [[[12, 16]]], "after writing to weight and bias"
    layer.weight = Parameter(Tensor(np.full((1, 1, 1, 1), 5, np.float32)))
    layer.bias = None
    assert layer(x).tolist() == [[[5, 15]]], "after replacing the weight and removing the bias"


def test_the_dtype_of_the_layer(
    drawn: Callable[..., Array],
    convolved: Callable[..., Array],
    assert_tensor: Callable[..., None],
) -> None:
    layer = Conv2d(2, 3, 2, dtype="float64")
    assert layer.weight.dtype == layer.bias.dtype == np.float64
    x = drawn(2, 2, 4, 4)
    expected = convolved(x, layer.weight.detach().numpy(), layer.bias.detach().numpy())
    assert_tensor(layer(Tensor(x)), expected, "Conv2d of float64")


# First values


def assert_even_within(values: Array, bound: float, what: str) -> None:
    """The allowances grow as the number of values shrinks: right code fails once in a million draws
    or less.
    """
    largest = np.abs(values).max()
    assert largest <= bound * 1.0001, f"{what}: expected all within ±{bound:.5f}, got {largest:.5f}"
    for sign in (1, -1):
        reach = (sign * values).max()
        assert reach > (1 - 32 / values.size) * bound, (
            f"{what}: expected values up to {sign * bound:.5f}, but they end at {sign * reach:.5f}"
        )
    assert values.std() == pytest.approx(bound / sqrt(3), rel=2.5 / sqrt(values.size)), (
        f"{what}: expected a standard deviation of {bound / sqrt(3):.5f}, got {values.std():.5f}"
    )


@pytest.mark.parametrize(
    ("into", "out", "window", "groups"),
    [(3, 2000, (3, 3), 1), (8, 2000, (5, 2), 1), (64, 2048, (3, 1), 4), (1000, 1000, (4, 4), 1000)],
    ids=["3×3", "5×2", "four groups", "depthwise"],
)
def test_weight_and_bias_start_even_within_one_over_root_of_their_inputs(
    into: int, out: int, window: tuple[int, int], groups: int
) -> None:
    layer = Conv2d(into, out, window, groups=groups, generator=np.random.default_rng(1))
    inputs = into // groups * prod(window)
    for name in ("weight", "bias"):
        values = getattr(layer, name).detach().numpy()
        what = f"{name} of Conv2d({into}, {out}, {window}, groups={groups})"
        assert_even_within(values, 1 / sqrt(inputs), what)


def test_weights_are_drawn_again_in_place() -> None:
    layer = Conv2d(3, 1000, 3, generator=np.random.default_rng(1))
    weight, bias = layer.weight, layer.bias
    memory = weight.data_ptr(), bias.data_ptr()
    weight.detach().fill_(100)
    bias.detach().fill_(100)
    layer.reset_parameters(np.random.default_rng(2))
    assert layer.weight is weight, "the weight should stay the same Parameter: optimizers hold it"
    assert layer.bias is bias, "the bias should stay the same Parameter: optimizers hold it"
    assert (weight.data_ptr(), bias.data_ptr()) == memory, (
        "the values should be written into the memory that was there"
    )
    assert weight.requires_grad
    assert weight.is_leaf
    for name in ("weight", "bias"):
        values = getattr(layer, name).detach().numpy()
        assert_even_within(values, 1 / sqrt(27), f"{name} after reset_parameters")


def values_of(layer: Conv2d) -> list[Any]:
    return [layer.weight.tolist(), layer.bias.tolist()]


def test_same_seed_same_layer() -> None:
    first, again, other = (
        values_of(Conv2d(2, 3, 2, generator=np.random.default_rng(seed))) for seed in (5, 5, 6)
    )
    assert first == again, "two layers made with the same seed differ"
    assert first != other, "layers made with different seeds are the same"
    assert first[0] != other[0], "the weights of layers made with different seeds are the same"
    assert first[1] != other[1], "the biases of layers made with different seeds are the same"
    manual_seed(5)
    first, second = values_of(Conv2d(2, 3, 2)), values_of(Conv2d(2, 3, 2))
    manual_seed(5)
    assert values_of(Conv2d(2, 3, 2)) == first, "after manual_seed again, it should be the same"
    assert first != second, "two layers made one after the other have the same weights"


def test_without_bias_only_the_weight_is_drawn() -> None:
    layer = Conv2d(2, 3, 2, bias=False)
    layer.weight.detach().fill_(100)
    layer.reset_parameters()
    assert np.abs(layer.weight.detach().numpy()).max() <= 1
    assert layer.bias is None


# From images to rows


@pytest.mark.parametrize(
    ("shape", "dims", "expected"),
    [
        ((2, 3, 4, 5), (), (2, 60)),
        ((2, 3), (), (2, 3)),
        ((0, 3, 4), (), (0, 12)),
        ((2, 3, 4, 5), (0,), (120,)),
        ((2, 3, 4, 5), (2,), (2, 3, 20)),
        ((2, 3, 4, 5), (0, 1), (6, 4, 5)),
        ((2, 3, 4, 5), (1, 2), (2, 12, 5)),
        ((2, 3, 4, 5), (-3, -2), (2, 12, 5)),
        ((2, 3, 4, 5), (2, 2), (2, 3, 4, 5)),
    ],
    ids=str,
)
def test_flatten(
    shape: tuple[int, ...],
    dims: tuple[int, ...],
    expected: tuple[int, ...],
    drawn: Callable[..., Array],
    assert_tensor: Callable[..., None],
) -> None:
    x = drawn(*shape)
    tried = f"Flatten{dims} of {shape}"
    assert_tensor(Flatten(*dims)(Tensor(x)), x.reshape(expected), tried)


def test_flatten_goes_by_the_shape_not_by_the_memory(
    drawn: Callable[..., Array], assert_tensor: Callable[..., None]
) -> None:
    x = drawn(2, 4, 5, 3).transpose(0, 3, 1, 2)
    expected = np.ascontiguousarray(x).reshape(2, 60)
    found = Flatten()(Tensor(drawn(2, 4, 5, 3)).permute(0, 3, 1, 2))
    assert_tensor(found, expected, "Flatten of images that are channels last in memory")


def test_flatten_is_refused(refused: Callable[..., Any]) -> None:
    with refused(ValueError, "flatten", "2", "1"):
        Flatten(2, 1)(zeros(2, 3, 4))
    for dims in ((1, 4), (-5, -1), (4,)):
        with refused(IndexError, "flatten", str(max(dims, key=abs))):
            Flatten(*dims)(zeros(2, 3, 4))
