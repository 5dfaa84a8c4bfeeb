"""Task 10.5: clipping gradients."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.optimizers import clip_grad_norm_, clip_grad_value_
from tinytorch.tensor import Tensor

SHAPES = [(3, 4), (5,), (), (2, 1, 3)]
NORMS = [2.0, 1.0, 3.0, 0.5, math.inf]


def drawn_gradients(dtype: str = "float64", seed: int = 1) -> list[Any]:
    draws = np.random.default_rng(seed)
    return [np.asarray(3 * draws.standard_normal(shape), dtype) for shape in SHAPES]


def with_gradients(gradients: list[Any]) -> list[Any]:
    parameters = []
    for gradient in gradients:
        parameter = Tensor(np.zeros_like(gradient))
        parameter.grad = Tensor(gradient.copy())
        parameters.append(parameter)
    return parameters


def norm_of(gradients: list[Any], p: float) -> float:
    numbers = np.abs(np.concatenate([g.astype(np.float64).ravel() for g in gradients]))
    return float(numbers.max() if p == math.inf else (numbers**p).sum() ** (1 / p))


def test_by_hand(leaf: Any) -> None:
    a, b = leaf([0.0, 0.0], [3.0, 0.0]), leaf([0.0], [-4.0])
    norm = clip_grad_norm_([a, b], 1.0)
    assert norm.item() == 5.0, "the norm of 3, 0 and −4 together"
    np.testing.assert_allclose(a.grad.tolist(), [0.6, 0.0], rtol=1e-5)
    np.testing.assert_allclose(b.grad.tolist(), [-0.8], rtol=1e-5)


@pytest.mark.parametrize("norm_type", NORMS)
@pytest.mark.parametrize("max_norm", [0.5, 2.0, 1000.0, 0.0])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_scaled_to_the_norm(norm_type: float, max_norm: float, dtype: str) -> None:
    gradients = drawn_gradients(dtype)
    parameters = with_gradients(gradients)
    norm = norm_of(gradients, norm_type)
    found = clip_grad_norm_(parameters, max_norm, norm_type)
    tried = f"clip_grad_norm_ to {max_norm} by norm {norm_type}, {dtype}, of norm {norm:.5g}"
    assert found.shape == ()
    assert found.dtype == np.dtype(dtype)
    np.testing.assert_allclose(found.item(), norm, rtol=1e-5, err_msg=f"{tried}: what it returns")
    factor = min(1.0, max_norm / (norm + 1e-6))
    for parameter, gradient in zip(parameters, gradients, strict=True):
        np.testing.assert_allclose(
            parameter.grad.numpy(), gradient * factor, rtol=1e-5, atol=1e-12, err_msg=tried
        )
        assert parameter.grad.dtype == np.dtype(dtype)


@pytest.mark.parametrize("norm_type", NORMS)
def test_what_is_short_enough_is_left_alone(norm_type: float) -> None:
    gradients = drawn_gradients("float32")
    parameters = with_gradients(gradients)
    clip_grad_norm_(parameters, 1.001 * norm_of(gradients, norm_type), norm_type)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        np.testing.assert_array_equal(parameter.grad.numpy(), gradient)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=4),
    st.floats(0.01, 100),
    st.sampled_from(NORMS),
    st.integers(0, 99),
)
def test_any_gradients(sizes: list[int], max_norm: float, norm_type: float, seed: int) -> None:
    draws = np.random.default_rng(seed)
    gradients = [draws.standard_normal(size) for size in sizes]
    parameters = with_gradients(gradients)
    norm = norm_of(gradients, norm_type) if sum(sizes) else 0.0
    found = clip_grad_norm_(parameters, max_norm, norm_type).item()
    np.testing.assert_allclose(found, norm, rtol=1e-9, err_msg=f"norm {norm_type} of {gradients}")
    for parameter, gradient in zip(parameters, gradients, strict=True):
        expected = gradient * min(1.0, max_norm / (norm + 1e-6))
        np.testing.assert_allclose(parameter.grad.numpy(), expected, rtol=1e-9)


def test_parameters_without_a_gradient_do_not_count(leaf: Any) -> None:
    a, b = leaf([0.0], [3.0]), leaf([7.0])
    assert clip_grad_norm_([b, a, b], 1.5).item() == 3.0
    np.testing.assert_allclose(a.grad.tolist(), [1.5], rtol=1e-5)
    assert b.grad is None
    assert clip_grad_norm_([b], 1.0).item() == 0.0
    assert clip_grad_norm_([], 1.0, math.inf).item() == 0.0


def test_one_parameter_and_a_generator(leaf: Any) -> None:
    a = leaf([0.0, 0.0], [6.0, 8.0])
    assert clip_grad_norm_(a, 5.0).item() == 10.0
    np.testing.assert_allclose(a.grad.tolist(), [3.0, 4.0], rtol=1e-5)
    assert round(clip_grad_norm_((p for p in [a]), 1.0).item(), 3) == 5.0


def test_the_name_of_infinity(leaf: Any) -> None:
    a = leaf([0.0, 0.0], [6.0, -8.0])
    assert clip_grad_norm_([a], 5.0, "inf").item() == 8.0


@pytest.mark.in_process("one array that two gradients hold")
def test_an_array_that_two_share_is_scaled_once(leaf: Any) -> None:
    a, b = leaf([0.0, 0.0]), leaf([0.0, 0.0])
    shared = np.array([3.0, 4.0])
    a.grad, b.grad = Tensor(shared), Tensor(shared)
    clip_grad_norm_([a, b], math.sqrt(50) / 2)
    np.testing.assert_allclose(shared, [1.5, 2.0], rtol=1e-5)
    clip_grad_norm_([a, a], 1.25)
    np.testing.assert_allclose(shared, [0.75, 1.0], rtol=1e-5)


def test_gradients_are_scaled_in_their_memory(leaf: Any) -> None:
    a = leaf([0.0, 0.0], [3.0, 4.0])
    gradient = a.grad
    clip_grad_norm_([a], 1.0)
    np.testing.assert_allclose(gradient.tolist(), [0.6, 0.8], rtol=1e-5)
    clip_grad_value_([a], 0.7)
    np.testing.assert_allclose(gradient.tolist(), [0.6, 0.7], rtol=1e-5)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("norm_type", [2.0, 1.0, math.inf])
def test_what_is_not_finite(bad: float, norm_type: float, leaf: Any, refused: Any) -> None:
    a, b = leaf([0.0, 0.0], [1.0, bad]), leaf([0.0], [2.0])
    with refused(RuntimeError, "clip_grad_norm_"):
        clip_grad_norm_([b, a, b], 1.0, norm_type, error_if_nonfinite=True)
    np.testing.assert_equal(a.grad.tolist(), [1.0, bad], "a refused gradient should stay")
    found = clip_grad_norm_([b, a, b], 1.0, norm_type).item()
    np.testing.assert_equal(found, abs(bad))
    expected = [math.nan] * 3 if math.isnan(bad) else [0.0, 0.0, math.nan]
    np.testing.assert_equal(
        [*b.grad.tolist(), *a.grad.tolist()], expected, f"divided by a norm of {found}"
    )


def test_a_number_that_is_none_is_found_wherever_it_is(leaf: Any) -> None:
    for numbers in ([math.nan, 1.0], [1.0, math.nan]):
        parameters = [leaf([0.0], [number]) for number in numbers]
        found = clip_grad_norm_(parameters, 1.0, math.inf).item()
        assert math.isnan(found), f"the largest of {numbers} is not a number, but came {found}"


def test_no_positive_order(leaf: Any, refused: Any) -> None:
    for wrong in (0, -1, -math.inf):
        with refused(ValueError, "norm_type", str(wrong)):
            clip_grad_norm_([leaf([0.0], [1.0])], 1.0, wrong)


@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e25), ("float32", 1e-25)])
def test_squares_out_of_reach(dtype: str, size: float) -> None:
    gradients = [np.array([3, 0], dtype) * np.asarray(size, dtype), np.array([4 * size], dtype)]
    found = clip_grad_norm_(with_gradients(gradients), 1.0).item()
    np.testing.assert_allclose(found, 5 * size, rtol=1e-5, err_msg="3, 0 and 4 times that")


def test_float16_whose_squares_are_too_large() -> None:
    gradients = [np.array([300, 0], "float16"), np.array([400], "float16")]
    parameters = with_gradients(gradients)
    assert clip_grad_norm_(parameters, 50.0).item() == 500.0
    np.testing.assert_allclose(parameters[0].grad.tolist(), [30.0, 0.0], rtol=1e-3)


@pytest.mark.parametrize("limit", [0.5, 2.0, 0.0, 100.0])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_each_number_limited(limit: float, dtype: str) -> None:
    gradients = drawn_gradients(dtype)
    parameters = with_gradients(gradients)
    clip_grad_value_(parameters, limit)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        expected = np.clip(gradient, -limit, limit)
        np.testing.assert_array_equal(parameter.grad.numpy(), expected, f"limited to {limit}")
        assert parameter.grad.dtype == np.dtype(dtype)
