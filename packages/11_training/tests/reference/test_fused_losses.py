"""The fused losses beside the same of plain operations, and what their rules leave alone."""

from typing import Any

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.activations import log_softmax, sigmoid
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import gradients_of
from tinytorch.training import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)

Case = tuple[Any, list[Any], dict[str, Any]]


def cases() -> dict[str, Case]:
    draws = np.random.default_rng(0)
    x, y = draws.standard_normal((2, 6, 4))
    p, q = draws.uniform(0.1, 0.9, (2, 6, 4))
    classes = draws.integers(0, 4, 6)
    return {
        "mse_loss": (mse_loss, [x, y], {}),
        "l1_loss": (l1_loss, [x, y], {}),
        "huber_loss": (huber_loss, [x, y], {}),
        "smooth_l1_loss": (smooth_l1_loss, [x, y], {}),
        "cross_entropy": (cross_entropy, [x, classes], {}),
        "cross_entropy, smoothed": (cross_entropy, [x, classes], {"label_smoothing": 0.1}),
        "cross_entropy, weighted": (cross_entropy, [x, classes], {"weight": np.arange(1.0, 5)}),
        "cross_entropy, probabilities": (cross_entropy, [x, q], {}),
        "nll_loss": (nll_loss, [x, classes], {}),
        "binary_cross_entropy": (binary_cross_entropy, [p, q], {}),
        "with logits": (binary_cross_entropy_with_logits, [x, q], {}),
        "with logits, weighted": (
            binary_cross_entropy_with_logits,
            [x, q],
            {"pos_weight": np.arange(1.0, 5), "weight": np.arange(2.0, 6)},
        ),
        "kl_div": (kl_div, [x, q], {}),
        "kl_div of logarithms": (kl_div, [x, y], {"log_target": True}),
    }


def gradients(case: Case, dtype: str, saved_also: bool = False) -> Any:
    operation, inputs, options = case
    arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in inputs]
    needs = tuple(a.dtype.kind == "f" for a in arrays)
    out, *saved = operation.forward(*arrays, **options)
    g = np.asarray(0.7, dtype)

    def run() -> list[Any]:
        return gradients_of(operation, needs, arrays, options, [out], tuple(saved), g)

    return run if saved_also else run()


@pytest.mark.parametrize("name", cases())
def test_a_rule_can_be_run_twice(name: str) -> None:
    run = gradients(cases()[name], "float64", saved_also=True)
    first = [None if each is None else each.copy() for each in run()]
    for one, two in zip(first, run(), strict=True):
        assert (one is None) == (two is None)
        if one is not None:
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", cases())
def test_gradients_share_no_memory(name: str) -> None:
    found = [each for each in gradients(cases()[name], "float64") if each is not None]
    assert all(each.flags.owndata or each.base.size == each.size for each in found)
    if len(found) == 2:
        assert not np.shares_memory(*found)


@pytest.mark.parametrize("name", cases())
def test_gradients_in_float16_are_those_of_float64_rounded(name: str) -> None:
    case = cases()[name]
    operation, inputs, options = case
    rounded = [a.astype(np.float16) if a.dtype.kind == "f" else a for a in inputs]
    exact = gradients((operation, rounded, options), "float64")
    for half, wide in zip(gradients(case, "float16"), exact, strict=True):
        assert (half is None) == (wide is None)
        if half is not None:
            assert half.dtype == np.float16
            np.testing.assert_allclose(half, wide, rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize("name", cases())
def test_gradients_of_float32_are_float32(name: str) -> None:
    for each in gradients(cases()[name], "float32"):
        assert each is None or each.dtype == np.float32


def test_cross_entropy_is_log_softmax_and_gather() -> None:
    draws = np.random.default_rng(0)
    x, y = Tensor(draws.standard_normal((6, 4))), Tensor(draws.integers(0, 4, 6))
    composed = -tt.gather(log_softmax(x, dim=1), 1, y.unsqueeze(1)).mean()
    np.testing.assert_allclose(cross_entropy(x, y).numpy(), composed.numpy(), rtol=1e-12)


def test_with_logits_is_the_sigmoid_and_two_logarithms() -> None:
    draws = np.random.default_rng(0)
    x, y = Tensor(draws.standard_normal((6, 4))), Tensor(draws.uniform(0, 1, (6, 4)))
    p = sigmoid(x)
    composed = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    fused = binary_cross_entropy_with_logits(x, y)
    np.testing.assert_allclose(fused.numpy(), composed.numpy(), rtol=1e-12)
    np.testing.assert_allclose(binary_cross_entropy(p, y).numpy(), composed.numpy(), rtol=1e-12)


def test_mse_is_the_mean_of_the_squares() -> None:
    x, y = (Tensor(each) for each in np.random.default_rng(0).standard_normal((2, 6, 4)))
    composed = ((x - y) ** 2).mean()
    np.testing.assert_allclose(mse_loss(x, y).numpy(), composed.numpy(), rtol=1e-12)


def test_the_forward_keeps_one_array_of_the_inputs_size() -> None:
    x, y = np.random.default_rng(0).standard_normal((50, 8)), np.zeros(50, np.int64)
    _, *saved = cross_entropy.forward(x, y)
    sizes = sorted(each.size for each in saved if isinstance(each, np.ndarray))
    assert sizes == [50, 400], "the exponentials, and their sums"


def test_a_warning_points_to_where_the_loss_was_called() -> None:
    with pytest.warns(UserWarning, match="different shapes") as caught:
        mse_loss(Tensor(np.zeros((4, 1))), Tensor(np.zeros(4)))
    assert caught[0].filename == __file__
