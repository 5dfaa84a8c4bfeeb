"""Task 8.4: layer normalisation."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.normalization import LayerNorm, layer_norm
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule

CASES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((4,), (4,)),
    ((3, 4), (4,)),
    ((3, 4), (3, 4)),
    ((2, 3, 4), (4,)),
    ((2, 3, 4), (3, 4)),
    ((2, 1, 3, 4), (4,)),
    ((1, 5), (5,)),
    ((3, 1), (1,)),
    ((3, 2, 1), (2, 1)),
]


def over(x: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(x.ndim - len(shape), x.ndim))


@pytest.mark.parametrize(
    ("shape", "normalized", "dtype"),
    [(*case, "float64") for case in CASES] + [(*case, "float32") for case in CASES[:-1]],
)
def test_each_example_by_its_own_mean_and_variance(
    shape: tuple[int, ...],
    normalized: tuple[int, ...],
    dtype: str,
    drawn: Any,
    normal: Any,
    assert_close: Any,
) -> None:
    x = drawn(*shape, dtype=dtype)
    weight, bias = drawn(*normalized, seed=1, dtype=dtype), drawn(*normalized, seed=2, dtype=dtype)
    expected = normal(x, over(x, normalized))
    for given_weight in (weight, None):
        for given_bias in (bias, None):
            found = layer_norm(
                Tensor(x),
                None if given_weight is None else Tensor(given_weight),
                None if given_bias is None else Tensor(given_bias),
                normalized_shape=normalized,
            )
            here = expected if given_weight is None else expected * given_weight
            here = here if given_bias is None else here + given_bias
            tried = f"layer_norm of x {shape} over {normalized}"
            tried += f", weight {given_weight is not None}, bias {given_bias is not None}"
            assert_close(found, here, tried, dtype=dtype)


@pytest.mark.parametrize(("shape", "normalized"), [case for case in CASES if case[1] != (1,)])
def test_its_gradient(shape: tuple[int, ...], normalized: tuple[int, ...], drawn: Any) -> None:
    x, weight, bias = drawn(*shape), drawn(*normalized, seed=1), drawn(*normalized, seed=2)
    check_rule(layer_norm, x, weight, bias, normalized_shape=normalized)
    check_rule(layer_norm, x, normalized_shape=normalized)
    check_rule(layer_norm, x, None, bias, normalized_shape=normalized)
    check_rule(layer_norm, x, weight, normalized_shape=normalized)


def test_a_single_size_may_come_as_a_number(drawn: Any, assert_close: Any, normal: Any) -> None:
    x = drawn(3, 4)
    for given_shape in (4, (4,), [4]):
        found = layer_norm(Tensor(x), normalized_shape=given_shape)
        assert_close(found, normal(x, (1,)), f"normalized_shape={given_shape!r}")


def test_by_hand(assert_close: Any) -> None:
    x = Tensor(np.array([[1.0, 3.0], [10.0, 10.0]]))
    weight, bias = Tensor(np.array([10.0, 1.0])), Tensor(np.array([0.0, 7.0]))
    found = layer_norm(x, weight, bias, normalized_shape=2, eps=0.0625)
    expected = np.array([[-10 / 1.0625**0.5, 7 + 1 / 1.0625**0.5], [0.0, 7.0]])
    assert_close(found, expected, "rows 1, 3 and 10, 10; weight 10, 1; bias 0, 7; eps 1/16")


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.integers(1, 4),
    st.floats(1e-5, 1.0),
    st.integers(0, 99),
)
def test_any_shape(shape: list[int], last: int, eps: float, seed: int) -> None:
    x = np.random.default_rng(seed).standard_normal(shape) * 3 + 1
    normalized = tuple(shape[-min(last, len(shape)) :])
    axes = over(x, normalized)
    centred = x - x.mean(axis=axes, keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=axes, keepdims=True) + eps)
    found = layer_norm(Tensor(x), normalized_shape=normalized, eps=eps).numpy()
    tried = f"layer_norm of {x.shape} over {normalized}, eps={eps}"
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=tried)


@pytest.mark.parametrize(
    ("shape", "normalized"), [((0, 4), (4,)), ((3, 0), (0,)), ((2, 0, 4), (0, 4)), ((0,), (0,))]
)
def test_where_there_is_nothing(shape: tuple[int, ...], normalized: tuple[int, ...]) -> None:
    weight = Tensor(np.ones(normalized))
    assert layer_norm(Tensor(np.ones(shape)), weight, normalized_shape=normalized).shape == shape


def test_no_example_moves_another(drawn: Any, assert_close: Any) -> None:
    x = drawn(5, 4)
    together = layer_norm(Tensor(x), normalized_shape=4)
    alone = layer_norm(Tensor(x[:1]), normalized_shape=4)
    assert_close(alone, together.numpy()[:1], "one example, and the same one among five")


@pytest.mark.parametrize("offset", [1e4, -1e4])
def test_a_large_mean_costs_no_digits(offset: float, normal: Any, assert_close: Any) -> None:
    """float32 near 10,000 goes in steps of 0.001, and the mean may be off by a few of them."""
    x = (np.random.default_rng(3).standard_normal((8, 500)) + offset).astype(np.float32)
    found = layer_norm(Tensor(x), normalized_shape=500)
    tried = f"layer_norm of float32 numbers around {offset:g}"
    assert_close(found, normal(x, (1,)), tried, dtype="float32", tolerance=2e-2)


def test_a_constant_example_becomes_the_bias(assert_close: Any) -> None:
    bias = np.array([1.0, 2.0, 3.0])
    found = layer_norm(Tensor(np.full((2, 3), 5.0)), None, Tensor(bias), normalized_shape=3)
    assert_close(found, np.broadcast_to(bias, (2, 3)), "rows of nothing but fives")


@pytest.mark.parametrize("how", ["channels last", "Fortran order", "backwards", "every second"])
def test_however_it_lies_in_memory(
    how: str, drawn: Any, laid_out: Any, normal: Any, assert_close: Any
) -> None:
    x, weight = drawn(4, 3, 6, 5), drawn(6, 5, seed=1)
    found = layer_norm(
        Tensor(laid_out(x, how)), Tensor(np.asfortranarray(weight)), normalized_shape=(6, 5)
    )
    assert_close(found, normal(x, (2, 3)) * weight, f"x lying {how}")


def test_inputs_are_left_alone_and_the_result_is_new(drawn: Any) -> None:
    tensors = [Tensor(drawn(4, 3)), Tensor(drawn(3, seed=1)), Tensor(drawn(3, seed=2))]
    before = [t.numpy().copy() for t in tensors]
    layer_norm(*tensors, normalized_shape=3).fill_(9)
    for t, values in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(t.numpy(), values, err_msg="an input was written to")


def test_float16_is_worked_on_in_float32(assert_close: Any, normal: Any) -> None:
    x = np.random.default_rng(3).uniform(-400, 600, (2, 4000)).astype(np.float16)
    found = layer_norm(Tensor(x), normalized_shape=4000)
    assert_close(found, normal(x, (1,)), "float16 numbers of some hundreds", dtype="float16")


def test_dtypes_meet_in_the_wider_one(drawn: Any) -> None:
    x, weight = Tensor(drawn(4, 3, dtype="float32")), Tensor(drawn(3))
    found = layer_norm(x, weight, normalized_shape=3)
    assert found.dtype == np.float64, f"float32 and float64 gave {found.dtype}"


@pytest.mark.parametrize(
    ("shape", "normalized"),
    [((3, 4), (3,)), ((3, 4), (2, 3, 4)), ((3, 4), (4, 3)), ((4,), (1,)), ((), (1,)), ((3, 4), ())],
)
def test_shapes_that_do_not_fit(
    shape: tuple[int, ...], normalized: tuple[int, ...], refused: Any
) -> None:
    with refused(ValueError, "layer_norm", str(shape), str(normalized)):
        layer_norm(Tensor(np.zeros(shape)), normalized_shape=normalized)


@pytest.mark.parametrize("shape", [(3,), (1,), (3, 4), ()])
def test_a_weight_or_bias_of_another_shape(shape: tuple[int, ...], refused: Any) -> None:
    x, other = Tensor(np.zeros((3, 4))), Tensor(np.ones(shape))
    with refused(ValueError, "layer_norm", str(shape), "(4,)"):
        layer_norm(x, other, normalized_shape=4)
    with refused(ValueError, "layer_norm", str(shape), "(4,)"):
        layer_norm(x, None, other, normalized_shape=4)


def test_integers_are_refused(refused: Any) -> None:
    with refused(TypeError, "layer_norm", "int64"):
        layer_norm(Tensor(np.ones((2, 3), dtype=np.int64)), normalized_shape=3)


# The layer


@pytest.mark.parametrize(("shape", "normalized"), CASES)
def test_the_layer_computes_it(
    shape: tuple[int, ...],
    normalized: tuple[int, ...],
    drawn: Any,
    normal: Any,
    assert_close: Any,
) -> None:
    layer = LayerNorm(normalized, eps=0.01, dtype="float64")
    weight, bias = drawn(*normalized, seed=1), drawn(*normalized, seed=2)
    layer.weight.detach().copy_(weight)
    layer.bias.detach().copy_(bias)
    x = drawn(*shape)
    expected = normal(x, over(x, normalized), 0.01) * weight + bias
    assert_close(layer(Tensor(x)), expected, f"LayerNorm({normalized}) of {shape}")
    assert_close(layer.eval()(Tensor(x)), expected, "in evaluation, which should be the same")


@pytest.mark.parametrize(
    ("options", "names"),
    [({}, ["weight", "bias"]), ({"bias": False}, ["weight"]), ({"elementwise_affine": False}, [])],
)
def test_parameters_and_state(options: dict[str, bool], names: list[str], drawn: Any) -> None:
    layer = LayerNorm((2, 3), **options)
    assert [name for name, _ in layer.named_parameters()] == names == list(layer.state_dict())
    assert [name for name, _ in layer.named_buffers()] == []
    for name, values in layer.state_dict().items():
        assert values.numpy().tolist() == [[float(name == "weight")] * 3] * 2
        assert values.dtype == np.float32
        values.fill_(4)
    x = Tensor(drawn(5, 2, 3, dtype="float32"))
    other = LayerNorm((2, 3), **options)
    other.load_state_dict({name: values.numpy() for name, values in layer.state_dict().items()})
    assert other(x).tolist() == layer(x).tolist()
    layer.reset_parameters()
    for name, values in layer.state_dict().items():
        assert values.numpy().tolist() == [[float(name == "weight")] * 3] * 2, "after a reset"


def test_repr() -> None:
    assert repr(LayerNorm(8)) == "LayerNorm((8,), eps=1e-05, elementwise_affine=True, bias=True)"
    assert repr(LayerNorm([2, 3], 0.1, False)) == (
        "LayerNorm((2, 3), eps=0.1, elementwise_affine=False, bias=False)"
    )


def test_an_input_that_does_not_fit_the_layer(refused: Any) -> None:
    with refused(ValueError, "layer_norm", "(3, 5)", "(4,)"):
        LayerNorm(4)(Tensor(np.zeros((3, 5))))
