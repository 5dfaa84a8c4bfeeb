"""Task 8.2: batch normalisation, the operation."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.normalization import batch_norm
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule

LARGE = [(4, 3), (2, 3, 5), (2, 3, 4, 5), (2, 3, 2, 2, 2), (5, 1)]
SHAPES = [*LARGE, (1, 3, 2), (2, 1, 1, 1)]


def over(x: Any) -> tuple[int, ...]:
    return tuple(i for i in range(x.ndim) if i != 1)


def on_channels(values: Any, x: Any) -> Any:
    return np.asarray(values, dtype=np.float64).reshape(1, -1, *(1,) * (x.ndim - 2))


# With the batch's own statistics


@pytest.mark.parametrize(
    ("shape", "dtype"), [(s, "float64") for s in SHAPES] + [(s, "float32") for s in LARGE]
)
def test_each_channel_by_its_own_mean_and_variance(
    shape: tuple[int, ...], dtype: str, drawn: Any, normal: Any, assert_close: Any
) -> None:
    x = drawn(*shape, dtype=dtype)
    found = batch_norm(Tensor(x), training=True)
    assert_close(found, normal(x, over(x)), f"batch_norm of x {shape}, in training", dtype=dtype)


def test_the_result_has_mean_0_and_variance_1(drawn: Any) -> None:
    y = batch_norm(Tensor(drawn(50, 3, 4, 4)), training=True, eps=0.0).numpy()
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 2, 3)), 1, atol=1e-12)


def test_by_hand(assert_close: Any) -> None:
    x = Tensor(np.array([[1.0, 10.0], [3.0, 10.0]]))
    weight, bias = Tensor(np.array([10.0, 10.0])), Tensor(np.array([0.0, 7.0]))
    found = batch_norm(x, weight, bias, training=True, eps=0.0625)
    expected = np.array([[-10 / 1.0625**0.5, 7.0], [10 / 1.0625**0.5, 7.0]])
    assert_close(found, expected, "columns 1, 3 and 10, 10; weight 10, 10; bias 0, 7; eps 1/16")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("has_weight", "has_bias"), [(1, 1), (1, 0), (0, 1)])
def test_weight_and_bias_are_one_number_a_channel(
    shape: tuple[int, ...],
    has_weight: bool,
    has_bias: bool,
    drawn: Any,
    normal: Any,
    assert_close: Any,
) -> None:
    x, weight, bias = drawn(*shape), drawn(shape[1], seed=1), drawn(shape[1], seed=2)
    expected = normal(x, over(x))
    if has_weight:
        expected = expected * on_channels(weight, x)
    if has_bias:
        expected = expected + on_channels(bias, x)
    given_weight = Tensor(weight) if has_weight else None
    given_bias = Tensor(bias) if has_bias else None
    found = batch_norm(Tensor(x), given_weight, given_bias, training=True)
    assert_close(found, expected, f"batch_norm of {shape}, weight {has_weight}, bias {has_bias}")
    check_rule(batch_norm, x, given_weight, given_bias, training=True)


@pytest.mark.parametrize("shape", [(4, 3), (3, 2, 2), (2, 2, 3, 2), (2, 1, 1, 1)])
def test_its_gradient_in_training(shape: tuple[int, ...], drawn: Any) -> None:
    check_rule(batch_norm, drawn(*shape), training=True)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.lists(st.integers(1, 3), max_size=3),
    st.floats(1e-5, 1.0),
    st.integers(0, 99),
)
def test_any_shape(n: int, c: int, places: list[int], eps: float, seed: int) -> None:
    x = np.random.default_rng(seed).standard_normal((n, c, *places)) * 3 + 1
    if x.size == c:
        return
    centred = x - x.mean(axis=over(x), keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=over(x), keepdims=True) + eps)
    found = batch_norm(Tensor(x), training=True, eps=eps).numpy()
    np.testing.assert_allclose(
        found, expected, rtol=1e-9, atol=1e-9, err_msg=f"batch_norm of {x.shape}, eps={eps}"
    )


# What is remembered


def running(c: int, seed: int = 5, dtype: str = "float64") -> tuple[Tensor, Tensor]:
    draws = np.random.default_rng(seed)
    mean, var = draws.standard_normal(c), 0.5 + draws.random(c)
    return Tensor(mean.astype(dtype)), Tensor(var.astype(dtype))


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5), (2, 3, 4, 5), (2, 3)])
@pytest.mark.parametrize("momentum", [0.1, 0.3, 1.0, 0.0])
def test_running_statistics_move_towards_the_batchs(
    shape: tuple[int, ...], momentum: float, drawn: Any, assert_close: Any
) -> None:
    x, (mean, var) = drawn(*shape), running(3)
    expected_mean, expected_var = mean.numpy().copy(), var.numpy().copy()
    for step in range(3):
        batch = x + step
        batch_norm(
            Tensor(batch), running_mean=mean, running_var=var, training=True, momentum=momentum
        )
        wide = batch.mean(axis=over(x)), batch.var(axis=over(x), ddof=1)
        expected_mean += momentum * (wide[0] - expected_mean)
        expected_var += momentum * (wide[1] - expected_var)
        tried = f"after {step + 1} batches of {shape} with momentum={momentum}"
        assert_close(mean, expected_mean, f"running_mean {tried}")
        assert_close(var, expected_var, f"running_var, which estimates by n − 1, {tried}")


def test_they_are_moved_in_place(drawn: Any) -> None:
    mean, var = running(3)
    places = mean.data_ptr(), var.data_ptr()
    before = mean.tolist()
    batch_norm(Tensor(drawn(4, 3)), running_mean=mean, running_var=var, training=True)
    assert (mean.data_ptr(), var.data_ptr()) == places, "their memory should stay where it is"
    assert mean.tolist() != before, "running_mean did not move"


def test_one_of_them_alone(drawn: Any, assert_close: Any) -> None:
    x = drawn(4, 3)
    mean, var = running(3)
    expected = 0.9 * mean.numpy() + 0.1 * x.mean(axis=0)
    expected_var = 0.9 * var.numpy() + 0.1 * x.var(axis=0, ddof=1)
    batch_norm(Tensor(x), running_mean=mean, training=True)
    assert_close(mean, expected, "running_mean alone, with the momentum of 0.1 that is the default")
    batch_norm(Tensor(x), running_var=var, training=True)
    assert_close(var, expected_var, "running_var alone")


@pytest.mark.parametrize(("of_x", "of_running"), [("float32", "float64"), ("float64", "float32")])
def test_they_keep_their_own_type(
    of_x: str, of_running: str, drawn: Any, normal: Any, assert_close: Any
) -> None:
    x, (mean, var) = drawn(6, 3, dtype=of_x), running(3, dtype=of_running)
    expected = 0.9 * mean.numpy() + 0.1 * x.mean(axis=0)
    found = batch_norm(Tensor(x), running_mean=mean, running_var=var, training=True)
    assert_close(found, normal(x, (0,)), f"x in {of_x}, running in {of_running}", dtype=of_x)
    assert_close(mean, expected, "running_mean", dtype=of_running, tolerance=1e-6)


@pytest.mark.parametrize("shape", [(0, 3), (2, 3, 0), (0, 3, 4, 4), (2, 3, 0, 5)])
@pytest.mark.parametrize("training", [True, False])
def test_where_there_is_nothing(shape: tuple[int, ...], training: bool) -> None:
    mean, var = running(3)
    before = mean.tolist(), var.tolist()
    found = batch_norm(
        Tensor(np.zeros(shape)), running_mean=mean, running_var=var, training=training
    )
    assert found.shape == shape
    assert (mean.tolist(), var.tolist()) == before, (
        f"x {shape} has no values, so that the running statistics should stay as they are"
    )


# With the running statistics


@pytest.mark.parametrize("shape", [*SHAPES[:4], (1, 3), (1, 3, 1, 1)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_evaluation_takes_the_running_ones(
    shape: tuple[int, ...], dtype: str, drawn: Any, assert_close: Any
) -> None:
    x, (mean, var) = drawn(*shape, dtype=dtype), running(3, dtype=dtype)
    weight, bias = drawn(3, seed=1, dtype=dtype), drawn(3, seed=2, dtype=dtype)
    before = mean.tolist(), var.tolist()
    centred = x.astype(np.float64) - on_channels(mean.numpy(), x)
    expected = centred / np.sqrt(on_channels(var.numpy(), x) + 1e-5)
    found = batch_norm(Tensor(x), running_mean=mean, running_var=var)
    assert_close(found, expected, f"batch_norm of {shape}, not in training", dtype=dtype)
    expected = expected * on_channels(weight, x) + on_channels(bias, x)
    found = batch_norm(
        Tensor(x), Tensor(weight), Tensor(bias), running_mean=mean, running_var=var, momentum=0.5
    )
    assert_close(found, expected, f"batch_norm of {shape}, with weight and bias", dtype=dtype)
    assert (mean.tolist(), var.tolist()) == before, "outside of training they should not move"


def test_an_example_is_alone_in_evaluation(drawn: Any, assert_close: Any) -> None:
    x, (mean, var) = drawn(5, 3), running(3)
    together = batch_norm(Tensor(x), running_mean=mean, running_var=var)
    alone = batch_norm(Tensor(x[:1]), running_mean=mean, running_var=var)
    assert_close(alone, together.numpy()[:1], "one example, and the same one among five")


@pytest.mark.parametrize("shape", [(4, 3), (3, 3, 2), (1, 3, 2, 2)])
def test_its_gradient_in_evaluation(shape: tuple[int, ...], drawn: Any) -> None:
    mean, var = running(3)
    options = {"running_mean": mean, "running_var": var, "training": False}
    check_rule(batch_norm, drawn(*shape), drawn(3, seed=1), drawn(3, seed=2), **options)
    check_rule(batch_norm, drawn(*shape), **options)


def test_epsilon_in_evaluation(drawn: Any, assert_close: Any) -> None:
    x = drawn(4, 2)
    mean, var = Tensor(np.zeros(2)), Tensor(np.array([0.0, 3.0]))
    found = batch_norm(Tensor(x), running_mean=mean, running_var=var, eps=1.0)
    assert_close(found, x * np.array([1.0, 0.5]), "running_var 0 and 3, eps=1")


@pytest.mark.parametrize(("of_x", "of_running"), [("float32", "float64"), ("float16", "float32")])
def test_the_result_has_the_type_of_x(of_x: str, of_running: str, drawn: Any) -> None:
    mean, var = running(3, dtype=of_running)
    for training in (True, False):
        found = batch_norm(
            Tensor(drawn(4, 3, dtype=of_x)), running_mean=mean, running_var=var, training=training
        )
        assert found.dtype == np.dtype(of_x), (
            f"x in {of_x}, running statistics in {of_running}, training={training}: {found.dtype}"
        )


# Digits, memory, types


@pytest.mark.parametrize("offset", [1e4, -1e4])
def test_a_large_mean_costs_no_digits(offset: float, normal: Any, assert_close: Any) -> None:
    """float32 near 10,000 goes in steps of 0.001, and the mean may be off by a few of them."""
    x = (np.random.default_rng(3).standard_normal((64, 3, 8, 8)) + offset).astype(np.float32)
    found = batch_norm(Tensor(x), training=True)
    tried = f"batch_norm of float32 numbers around {offset:g}"
    assert_close(found, normal(x, (0, 2, 3)), tried, dtype="float32", tolerance=2e-2)


def test_a_constant_channel_becomes_its_bias(assert_close: Any) -> None:
    x = np.full((4, 2, 3), 5.0)
    found = batch_norm(
        Tensor(x), Tensor(np.array([3.0, 4.0])), Tensor(np.array([1.0, 2.0])), training=True
    )
    expected = np.broadcast_to(np.array([[[1.0], [2.0]]]), x.shape)
    assert_close(found, expected, "two channels of nothing but fives, with bias 1 and 2")


@pytest.mark.parametrize("how", ["channels last", "Fortran order", "backwards", "every second"])
@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 6, 5)])
def test_however_it_lies_in_memory(
    how: str, shape: tuple[int, ...], drawn: Any, laid_out: Any, normal: Any, assert_close: Any
) -> None:
    x = drawn(*shape)
    weight, bias = drawn(3, seed=1), drawn(3, seed=2)
    found = batch_norm(Tensor(laid_out(x, how)), Tensor(weight), Tensor(bias), training=True)
    expected = normal(x, over(x)) * on_channels(weight, x) + on_channels(bias, x)
    assert_close(found, expected, f"x {shape} lying {how}")


def test_a_broadcast_input(assert_close: Any, normal: Any, drawn: Any) -> None:
    row = drawn(4, 1, 5)
    found = batch_norm(Tensor(row).broadcast_to(4, 3, 5), training=True)
    assert_close(
        found, normal(np.broadcast_to(row, (4, 3, 5)), (0, 2)), "three channels in one memory"
    )


def test_inputs_are_left_alone_and_the_result_is_new(drawn: Any) -> None:
    x, weight, bias = Tensor(drawn(4, 3)), Tensor(drawn(3, seed=1)), Tensor(drawn(3, seed=2))
    mean, var = running(3)
    for training in (True, False):
        statistics = {} if training else {"running_mean": mean, "running_var": var}
        tensors = [x, weight, bias, *statistics.values()]
        before = [t.numpy().copy() for t in tensors]
        batch_norm(x, weight, bias, training=training, **statistics).fill_(9)
        for t, values in zip(tensors, before, strict=True):
            np.testing.assert_array_equal(t.numpy(), values, err_msg=f"training={training}")


def test_float16_is_worked_on_in_float32(assert_close: Any, normal: Any) -> None:
    """300 squared, and the sum of 4,000 numbers near 100, are both beyond float16."""
    x = np.random.default_rng(3).uniform(-400, 600, (4000, 2)).astype(np.float16)
    found = batch_norm(Tensor(x), training=True)
    assert_close(found, normal(x, (0,)), "float16 numbers of some hundreds", dtype="float16")


def test_dtypes_meet_in_the_wider_one(drawn: Any) -> None:
    x, weight = Tensor(drawn(4, 3, dtype="float32")), Tensor(drawn(3, dtype="float64"))
    found = batch_norm(x, weight, training=True)
    assert found.dtype == np.float64, f"float32 and float64 gave {found.dtype}"


# What does not fit


@pytest.mark.parametrize("shape", [(), (3,)])
def test_an_input_without_channels(shape: tuple[int, ...], refused: Any) -> None:
    with refused(ValueError, "batch_norm", str(shape)):
        batch_norm(Tensor(np.zeros(shape)), training=True)


@pytest.mark.parametrize("which", ["weight", "bias", "running_mean", "running_var"])
@pytest.mark.parametrize("shape", [(4,), (1,), (3, 1), ()])
def test_other_than_one_number_a_channel(which: str, shape: tuple[int, ...], refused: Any) -> None:
    options = {name: Tensor(np.ones(3)) for name in ("running_mean", "running_var")}
    options[which] = Tensor(np.ones(shape))
    with refused(ValueError, "batch_norm", which, str(shape), "(2, 3, 5)"):
        batch_norm(Tensor(np.zeros((2, 3, 5))), training=True, **options)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1), (1, 2, 1, 1)])
def test_a_single_value_has_no_variance(shape: tuple[int, ...], refused: Any) -> None:
    with refused(ValueError, "batch_norm", str(shape)):
        batch_norm(Tensor(np.zeros(shape)), training=True)


def test_evaluation_needs_running_statistics(refused: Any) -> None:
    one = Tensor(np.ones(3))
    for options in ({}, {"running_mean": one}, {"running_var": one}):
        with refused(ValueError, "batch_norm", "running_mean", "running_var"):
            batch_norm(Tensor(np.zeros((2, 3))), **options)


def test_integers_are_refused(refused: Any) -> None:
    with refused(TypeError, "batch_norm", "int64"):
        batch_norm(Tensor(np.ones((2, 3), dtype=np.int64)), training=True)
