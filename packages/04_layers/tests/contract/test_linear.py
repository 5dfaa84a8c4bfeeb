"""Task 4.3: the linear layer."""

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.layers import Linear, Parameter, linear
from tinytorch.tensor import Operation, Tensor, manual_seed, ones, tensor, zeros
from tinytorch.tensor.testing import check_rule


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def by_numpy(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """From the check's own arrays: what a tensor says that it holds is for the code to say."""
    out = np.matmul(x, weight.T)
    return out if bias is None else out + bias


def assert_linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> None:
    """The function, of these."""
    what = f"linear of x {x.shape} with a weight {weight.shape}"
    what += " and no bias" if bias is None else f" and a bias {bias.shape}"
    expected = by_numpy(x, weight, bias)
    found = linear(Tensor(x), Tensor(weight), None if bias is None else Tensor(bias))
    assert_equal(found, expected, what)


def assert_layer(call: Callable[[Tensor], Tensor], layer: Linear, x: np.ndarray) -> None:
    """A call of the layer, with values of the check's own in its parameters."""
    dtype = str(layer.weight.dtype)
    weight = drawn(layer.out_features, layer.in_features, seed=11, dtype=dtype)
    bias = None if layer.bias is None else drawn(layer.out_features, seed=12, dtype=dtype)
    expected = by_numpy(x, weight, bias)
    layer.weight.detach().copy_(Tensor(weight))
    if layer.bias is not None:
        layer.bias.detach().copy_(Tensor(bias))
    assert_equal(call(Tensor(x)), expected, f"{layer!r} of x {x.shape}")


def assert_equal(found: Tensor, expected: np.ndarray, what: str) -> None:
    assert isinstance(found, Tensor), f"{what} should be a Tensor, not a {type(found).__name__}"
    assert found.shape == expected.shape, f"{what} should have the shape {expected.shape}"
    rtol = {"float16": 2e-2, "float32": 1e-4}.get(str(found.dtype), 1e-10)
    np.testing.assert_allclose(
        found.detach().array, expected, rtol=rtol, atol=rtol, err_msg=f"{what} has wrong values"
    )


def check_gradient(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> None:
    """Where linear is one operation with a gradient rule, the rule must be right too."""
    if isinstance(linear, Operation) and linear.rule is not None:
        check_rule(linear, x, weight, bias)


# The function


def test_by_hand() -> None:
    x = tensor([[1.0, 2.0], [3.0, 4.0]])
    weight = tensor([[1.0, 0.0], [0.0, 10.0], [1.0, 1.0]])
    bias = tensor([0.5, 0.0, -1.0])
    result = linear(x, weight, bias)
    assert result.tolist() == [[1.5, 20.0, 2.0], [3.5, 40.0, 6.0]], (
        f"row [1, 2] should give [1·1 + 0.5, 2·10, 1 + 2 − 1]; got {result.tolist()}"
    )


@pytest.mark.parametrize(
    "shape", [(4,), (1, 4), (3, 4), (2, 3, 4), (2, 1, 3, 4), (0, 4), (2, 0, 4)]
)
@pytest.mark.parametrize("with_bias", [True, False])
def test_leading_dimensions_are_rows(shape: tuple[int, ...], with_bias: bool) -> None:
    x, weight = drawn(*shape, seed=1), drawn(5, 4, seed=2)
    bias = drawn(5, seed=3) if with_bias else None
    assert_linear(x, weight, bias)
    check_gradient(x, weight, bias)


@pytest.mark.parametrize(
    ("rows", "into", "out"), [(3, 0, 2), (0, 0, 2), (3, 2, 0), (1, 1, 1), (0, 0, 0)]
)
def test_sizes_of_zero_and_one(rows: int, into: int, out: int) -> None:
    x, weight, bias = drawn(rows, into), drawn(out, into), drawn(out, seed=1)
    assert_linear(x, weight, bias)
    assert_linear(x, weight)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 4), max_size=3),
    st.integers(0, 5),
    st.integers(0, 5),
    st.booleans(),
    st.integers(0, 99),
)
def test_any_shape(leading: list[int], into: int, out: int, with_bias: bool, seed: int) -> None:
    x, weight = drawn(*leading, into, seed=seed), drawn(out, into, seed=seed + 1)
    bias = drawn(out, seed=seed + 2) if with_bias else None
    assert_linear(x, weight, bias)


def test_it_is_linear() -> None:
    weight, x, y = map(Tensor, (drawn(5, 4), drawn(3, 4, seed=1), drawn(3, 4, seed=2)))
    together = linear(2 * x - 3 * y, weight).array
    apart = (2 * linear(x, weight) - 3 * linear(y, weight)).array
    np.testing.assert_allclose(together, apart, atol=1e-12)


def non_contiguous() -> dict[str, np.ndarray]:
    return {
        "transposed": drawn(4, 3).T,
        "every second column": drawn(3, 8)[:, ::2],
        "every second row": drawn(6, 4)[::2],
        "backwards": drawn(3, 4)[::-1, ::-1],
        "permuted": drawn(4, 2, 3).transpose(1, 2, 0),
        "broadcast": np.broadcast_to(drawn(1, 4), (3, 4)),
    }


@pytest.mark.parametrize("how", list(non_contiguous()))
def test_non_contiguous_input(how: str) -> None:
    x, weight, bias = non_contiguous()[how], drawn(5, 4), drawn(5, seed=1)
    before = x.copy()
    assert_linear(x, weight, bias)
    np.testing.assert_array_equal(x, before, err_msg="the input was written to")
    check_gradient(x, weight, bias)


def test_non_contiguous_weight() -> None:
    x, weight = drawn(3, 4), drawn(4, 5).T
    assert_linear(x, weight)


def test_the_result_has_memory_of_its_own() -> None:
    x, weight, bias = map(Tensor, (drawn(3, 4), drawn(5, 4), drawn(5)))
    copies = [t.array.copy() for t in (x, weight, bias)]
    linear(x, weight, bias).fill_(7)
    for name, t, copied in zip(["x", "weight", "bias"], (x, weight, bias), copies, strict=True):
        np.testing.assert_array_equal(t.array, copied, err_msg=f"{name} was written to")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64"])
def test_dtypes_stay(dtype: str) -> None:
    x, weight = np.arange(12).reshape(3, 4), np.arange(20).reshape(5, 4)
    expected = x @ weight.T + np.arange(1, 6)
    given = (Tensor(each.astype(dtype)) for each in (x, weight))
    result = linear(*given, tensor([1, 2, 3, 4, 5], dtype=dtype))
    assert result.dtype == dtype, f"inputs in {dtype} should give {dtype}, not {result.dtype}"
    np.testing.assert_allclose(result.array, expected)


def test_dtypes_meet_in_the_wider_one() -> None:
    narrow = {"dtype": "float32"}
    x, weight, bias = map(Tensor, (drawn(3, 4, **narrow), drawn(5, 4), drawn(5, **narrow)))
    other = linear(Tensor(drawn(3, 4)), Tensor(drawn(5, 4, **narrow)))
    for result in (linear(x, weight, bias), other):
        assert result.dtype == np.float64, (
            f"float32 and float64 should meet in float64, not in {result.dtype}"
        )
    whole = linear(tensor([[1, 2]]), tensor([[0.5, 0.25]]))
    assert whole.dtype == np.float32
    assert whole.tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("x", "weight"),
    [
        ((3, 5), (2, 4)),
        ((4,), (4, 2)),
        ((2, 3, 4), (3, 5)),
        ((1, 1), (2, 4)),
        ((4, 2), (3, 4)),
        ((0, 5), (2, 4)),
        ((0, 3), (2, 4)),
    ],
)
def test_sizes_that_do_not_fit(x: tuple[int, ...], weight: tuple[int, ...]) -> None:
    with pytest.raises(ValueError) as caught:
        linear(zeros(x), zeros(weight))
    for shape in (x, weight):
        assert str(shape) in str(caught.value), (
            f"the message should name both shapes, {x} and {weight}; it is {str(caught.value)!r}"
        )


def test_sizes_that_do_not_fit_where_nothing_is_multiplied() -> None:
    """Rows laid together, there are none, whatever their size."""
    with pytest.raises(ValueError):
        linear(zeros(2, 0, 5), zeros(3, 4))


@pytest.mark.parametrize(
    ("x", "weight"), [((), (2, 4)), ((3, 4), (4,)), ((3, 4), ()), ((3, 4), (1, 2, 4))]
)
def test_inputs_of_other_dimensions(x: tuple[int, ...], weight: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="linear"):
        linear(zeros(x), zeros(weight))


@pytest.mark.parametrize("bias", [(3,), (4,), (3, 2), (1,), (1, 2), ()])
def test_a_bias_of_another_shape(bias: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="linear"):
        linear(zeros(3, 4), zeros(2, 4), zeros(bias))


# The layer


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (0, 4)])
def test_the_layer_computes_it(shape: tuple[int, ...], bias: bool) -> None:
    layer = Linear(4, 5, bias=bias)
    x = drawn(*shape, dtype="float32")
    assert_layer(layer, layer, x)
    assert_layer(layer.forward, layer, x)


def test_the_layer_uses_the_weights_that_it_has_now() -> None:
    layer, x = Linear(2, 2), tensor([[1.0, 2.0]])
    layer.weight.detach().copy_(tensor([[1.0, 0.0], [0.0, 1.0]]))
    layer.bias.detach().fill_(10)
    assert layer(x).tolist() == [[11.0, 12.0]], "after writing to weight and bias"
    layer.weight = Parameter(tensor([[0.0, 2.0], [2.0, 0.0]]))
    layer.bias = None
    assert layer(x).tolist() == [[4.0, 2.0]], "after replacing the weight and removing the bias"


def test_shapes_and_names_of_the_layer() -> None:
    layer = Linear(3, 2)
    assert (layer.in_features, layer.out_features) == (3, 2)
    for name, shape in (("weight", (2, 3)), ("bias", (2,))):
        parameter = getattr(layer, name)
        assert isinstance(parameter, Parameter), f"{name} should be a Parameter"
        assert parameter.shape == shape, f"{name} should be {shape}, not {parameter.shape}"
        assert parameter.requires_grad
        assert parameter.dtype == np.float32
    assert Linear(3, 2, bias=False).bias is None


def test_an_input_that_does_not_fit_the_layer() -> None:
    with pytest.raises(ValueError) as caught:
        Linear(4, 2)(zeros(3, 5))
    assert "(3, 5)" in str(caught.value)
    assert "(2, 4)" in str(caught.value)


def test_the_dtype_of_the_layer() -> None:
    layer = Linear(3, 2, dtype="float64")
    assert layer.weight.dtype == layer.bias.dtype == np.float64
    x = drawn(5, 3)
    assert_layer(layer, layer, x)


def test_negative_sizes_are_refused() -> None:
    assert Linear(3, 2)(zeros(3)).shape == (2,)
    with pytest.raises(ValueError, match="-3"):
        Linear(-3, 2)
    with pytest.raises(ValueError, match="-2"):
        Linear(3, -2)


# First values


def assert_even_within(values: np.ndarray, bound: float, what: str) -> None:
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


@pytest.mark.parametrize(("into", "out"), [(400, 900), (25, 4000)])
def test_weight_and_bias_start_even_within_one_over_root_in(into: int, out: int) -> None:
    layer = Linear(into, out, generator=np.random.default_rng(1))
    for name in ("weight", "bias"):
        values = getattr(layer, name).detach().array
        assert_even_within(values, 1 / sqrt(into), f"{name} of Linear({into}, {out})")


def test_weights_are_drawn_again_in_place() -> None:
    layer = Linear(30, 2000, generator=np.random.default_rng(1))
    weight, bias = layer.weight, layer.bias
    memory, versions = weight.data_ptr(), (weight.version[0], bias.version[0])
    weight.detach().fill_(100)
    bias.detach().fill_(100)
    layer.reset_parameters(np.random.default_rng(2))
    assert layer.weight is weight, "the weight should stay the same Parameter: optimizers hold it"
    assert layer.bias is bias, "the bias should stay the same Parameter: optimizers hold it"
    assert weight.data_ptr() == memory, (
        "the values should be written into the memory that was there"
    )
    assert weight.version[0] > versions[0] + 1, "the write to the weight was not counted"
    assert bias.version[0] > versions[1] + 1, "the write to the bias was not counted"
    assert weight.requires_grad
    assert weight.is_leaf
    for name in ("weight", "bias"):
        values = getattr(layer, name).detach().array
        assert_even_within(values, 1 / sqrt(30), f"{name} after reset_parameters")


def values_of(layer: Linear) -> list[list[Any]]:
    return [layer.weight.tolist(), layer.bias.tolist()]


def test_same_seed_same_layer() -> None:
    first, again, other = (
        values_of(Linear(4, 3, generator=np.random.default_rng(seed))) for seed in (5, 5, 6)
    )
    assert first == again, "two layers made with the same seed differ"
    assert first != other, "layers made with different seeds are the same"
    manual_seed(5)
    first, second = values_of(Linear(4, 3)), values_of(Linear(4, 3))
    manual_seed(5)
    assert values_of(Linear(4, 3)) == first, "after manual_seed again, the layer should be the same"
    assert first != second, "two layers made one after the other have the same weights"


def test_drawing_again_from_the_same_seed_gives_the_same_layer() -> None:
    layer = Linear(4, 3, generator=np.random.default_rng(5))
    before = values_of(layer)
    layer.reset_parameters(np.random.default_rng(5))
    assert values_of(layer) == before, "the same seed should give the same values again"


def test_without_bias_only_the_weight_is_drawn() -> None:
    layer = Linear(4, 3, bias=False, generator=np.random.default_rng(5))
    layer.reset_parameters(np.random.default_rng(5))
    assert layer.bias is None
    assert (layer.weight.detach().array != 0).all()


def test_layers_without_inputs_or_outputs() -> None:
    for into, out in ((0, 3), (3, 0)):
        layer = Linear(into, out)
        x = np.zeros((2, into), np.float32)
        assert_layer(layer, layer, x)
    assert np.isfinite(Linear(0, 3)(ones(2, 0)).detach().array).all()
