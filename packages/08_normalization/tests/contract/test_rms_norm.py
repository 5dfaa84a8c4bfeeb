"""Task 8.4: root-mean-square normalisation."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.normalization import RMSNorm, rms_norm
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule

CASES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((4,), (4,)),
    ((3, 4), (4,)),
    ((3, 4), (3, 4)),
    ((2, 3, 4), (4,)),
    ((2, 3, 4), (3, 4)),
    ((3, 1), (1,)),
]


def by_numpy(x: Any, shape: tuple[int, ...], eps: float) -> Any:
    wide = x.astype(np.float64)
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    return wide / np.sqrt((wide**2).mean(axis=axes, keepdims=True) + eps)


@pytest.mark.parametrize(("shape", "normalized"), CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_example_by_its_root_mean_square(
    shape: tuple[int, ...], normalized: tuple[int, ...], dtype: str, drawn: Any, assert_close: Any
) -> None:
    x, weight = drawn(*shape, dtype=dtype), drawn(*normalized, seed=1, dtype=dtype)
    expected = by_numpy(x, normalized, 0.25)
    tried = f"rms_norm of x {shape} over {normalized}, eps=0.25"
    found = rms_norm(Tensor(x), normalized_shape=normalized, eps=0.25)
    assert_close(found, expected, tried, dtype=dtype)
    found = rms_norm(Tensor(x), Tensor(weight), normalized_shape=normalized, eps=0.25)
    assert_close(found, expected * weight, f"{tried}, with a weight", dtype=dtype)


@pytest.mark.parametrize(("shape", "normalized"), CASES)
def test_its_gradient(shape: tuple[int, ...], normalized: tuple[int, ...], drawn: Any) -> None:
    """normalized_shape and eps by their places, since check_rule has an eps of its own."""
    x, weight = drawn(*shape), drawn(*normalized, seed=1)
    check_rule(rms_norm, x, weight, normalized, 0.1)
    check_rule(rms_norm, x, None, normalized, 0.1)


def test_by_hand(assert_close: Any) -> None:
    x = Tensor(np.array([[1.0, 7.0], [0.0, 0.0]]))
    found = rms_norm(x, Tensor(np.array([1.0, 10.0])), normalized_shape=2, eps=11.0)
    expected = np.array([[1 / 6, 70 / 6], [0.0, 0.0]])
    assert_close(found, expected, "rows 1, 7 (mean square 25) and 0, 0; weight 1, 10; eps 11")


def test_the_mean_is_left_alone(assert_close: Any) -> None:
    found = rms_norm(Tensor(np.full((2, 3), -5.0)), normalized_shape=3, eps=0.0)
    assert_close(found, np.full((2, 3), -1.0), "rows of nothing but −5, eps=0")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_epsilon_that_is_not_given(dtype: str, assert_close: Any) -> None:
    """Seen where x is so small that epsilon counts."""
    step = float(np.finfo(dtype).eps)
    x = np.full((1, 4), step**0.5, dtype=dtype)
    for options in ({}, {"eps": None}):
        found = rms_norm(Tensor(x), normalized_shape=4, **options)
        tried = f"rms_norm in {dtype}, of numbers whose square is the type's epsilon, {options}"
        assert_close(found, np.full((1, 4), 0.5**0.5), tried, dtype=dtype)


def test_epsilon_that_is_not_given_in_float16(assert_close: Any) -> None:
    x = np.full((1, 4), float(np.finfo(np.float32).eps) ** 0.5, dtype=np.float16)
    expected = by_numpy(x, (4,), float(np.finfo(np.float32).eps))
    found = rms_norm(Tensor(x), normalized_shape=4)
    assert_close(found, expected, "rms_norm in float16: epsilon is float32's", dtype="float16")


def test_a_single_size_may_come_as_a_number(drawn: Any, assert_close: Any) -> None:
    x = drawn(3, 4)
    for given_shape in (4, (4,), [4]):
        found = rms_norm(Tensor(x), normalized_shape=given_shape, eps=1.0)
        assert_close(found, by_numpy(x, (4,), 1.0), f"normalized_shape={given_shape!r}")


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
    found = rms_norm(Tensor(x), normalized_shape=normalized, eps=eps).numpy()
    tried = f"rms_norm of {x.shape} over {normalized}, eps={eps}"
    expected = by_numpy(x, normalized, eps)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=tried)


@pytest.mark.parametrize(("shape", "normalized"), [((0, 4), (4,)), ((3, 0), (0,)), ((0,), (0,))])
def test_where_there_is_nothing(shape: tuple[int, ...], normalized: tuple[int, ...]) -> None:
    weight = Tensor(np.ones(normalized))
    assert rms_norm(Tensor(np.ones(shape)), weight, normalized_shape=normalized).shape == shape


@pytest.mark.parametrize("how", ["channels last", "Fortran order", "backwards", "every second"])
def test_however_it_lies_in_memory(how: str, drawn: Any, laid_out: Any, assert_close: Any) -> None:
    x, weight = drawn(4, 3, 6, 5), drawn(6, 5, seed=1)
    found = rms_norm(Tensor(laid_out(x, how)), Tensor(weight), normalized_shape=(6, 5), eps=1e-5)
    assert_close(found, by_numpy(x, (6, 5), 1e-5) * weight, f"x lying {how}")


def test_inputs_are_left_alone_and_the_result_is_new(drawn: Any) -> None:
    tensors = [Tensor(drawn(4, 3)), Tensor(drawn(3, seed=1))]
    before = [t.numpy().copy() for t in tensors]
    rms_norm(*tensors, normalized_shape=3).fill_(9)
    for t, values in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(t.numpy(), values, err_msg="an input was written to")


def test_float16_is_worked_on_in_float32(assert_close: Any) -> None:
    x = np.random.default_rng(3).uniform(-400, 600, (2, 4000)).astype(np.float16)
    found = rms_norm(Tensor(x), normalized_shape=4000)
    tried = "float16 numbers of some hundreds"
    assert_close(found, by_numpy(x, (4000,), 0.0), tried, dtype="float16")


@pytest.mark.parametrize(
    ("shape", "normalized"), [((3, 4), (3,)), ((3, 4), (2, 3, 4)), ((4,), (1,)), ((3, 4), ())]
)
def test_shapes_that_do_not_fit(
    shape: tuple[int, ...], normalized: tuple[int, ...], refused: Any
) -> None:
    with refused(ValueError, "rms_norm", str(shape), str(normalized)):
        rms_norm(Tensor(np.zeros(shape)), normalized_shape=normalized)


@pytest.mark.parametrize("shape", [(3,), (1,), (3, 4), ()])
def test_a_weight_of_another_shape(shape: tuple[int, ...], refused: Any) -> None:
    with refused(ValueError, "rms_norm", str(shape), "(4,)"):
        rms_norm(Tensor(np.zeros((3, 4))), Tensor(np.ones(shape)), normalized_shape=4)


def test_integers_are_refused(refused: Any) -> None:
    with refused(TypeError, "rms_norm", "int64"):
        rms_norm(Tensor(np.ones((2, 3), dtype=np.int64)), normalized_shape=3)


# The layer


@pytest.mark.parametrize(("shape", "normalized"), CASES)
def test_the_layer_computes_it(
    shape: tuple[int, ...], normalized: tuple[int, ...], drawn: Any, assert_close: Any
) -> None:
    layer = RMSNorm(normalized, eps=0.01, dtype="float64")
    x, weight = drawn(*shape), drawn(*normalized, seed=1)
    layer.weight.detach().copy_(weight)
    expected = by_numpy(x, normalized, 0.01) * weight
    assert_close(layer(Tensor(x)), expected, f"RMSNorm({normalized}) of {shape}")
    assert_close(layer.eval()(Tensor(x)), expected, "in evaluation, which should be the same")


@pytest.mark.parametrize(
    ("options", "names"), [({}, ["weight"]), ({"elementwise_affine": False}, [])]
)
def test_parameters_and_state(options: dict[str, bool], names: list[str], drawn: Any) -> None:
    layer = RMSNorm((2, 3), **options)
    assert [name for name, _ in layer.named_parameters()] == names == list(layer.state_dict())
    for values in layer.state_dict().values():
        assert values.numpy().tolist() == [[1.0] * 3] * 2
        values.fill_(4)
    x = Tensor(drawn(5, 2, 3, dtype="float32"))
    other = RMSNorm((2, 3), **options)
    other.load_state_dict({name: values.numpy() for name, values in layer.state_dict().items()})
    assert other(x).tolist() == layer(x).tolist()
    layer.reset_parameters()
    for values in layer.state_dict().values():
        assert values.numpy().tolist() == [[1.0] * 3] * 2, "after a reset"


def test_repr() -> None:
    assert repr(RMSNorm(8)) == "RMSNorm((8,), eps=None, elementwise_affine=True)"
    assert repr(RMSNorm((2, 3), 0.1, False)) == (
        "RMSNorm((2, 3), eps=0.1, elementwise_affine=False)"
    )
