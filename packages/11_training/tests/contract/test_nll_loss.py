"""The negative log-likelihood: the second half of cross-entropy."""

from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule
from tinytorch.training import cross_entropy, nll_loss

SHAPES: list[tuple[int, ...]] = [(4,), (3, 4), (2, 3, 4), (2, 3, 2, 2)]
REDUCTIONS = ["mean", "sum", "none"]


def drawn_classes(shape: tuple[int, ...]) -> Any:
    axis = 1 if len(shape) > 1 else 0
    places = shape[:axis] + shape[axis + 1 :]
    return np.asarray(np.random.default_rng(7).integers(0, shape[axis], places))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("weighted", [False, True])
def test_minus_the_input_at_the_class(
    shape: tuple[int, ...], reduction: str, weighted: bool, drawn: Any, assert_close: Any
) -> None:
    x, y = drawn(*shape), drawn_classes(shape)
    axis = 1 if len(shape) > 1 else 0
    weight = np.random.default_rng(3).uniform(0.5, 2, shape[axis])
    u = weight[y] if weighted else np.ones(y.shape)
    losses = -np.take_along_axis(x, np.expand_dims(y, axis), axis).reshape(y.shape) * u
    expected = {"none": losses, "sum": losses.sum(), "mean": losses.sum() / u.sum()}[reduction]
    options: dict[str, Any] = {"weight": weight} if weighted else {}
    found = nll_loss(Tensor(x), Tensor(y), reduction=reduction, **options)
    assert_close(found, np.asarray(expected), f"nll_loss of {shape}, {reduction}")
    check_rule(nll_loss, x, y, reduction=reduction, **options)


def test_of_log_softmax_it_is_the_cross_entropy(
    drawn: Any, log_softmax: Any, assert_close: Any
) -> None:
    x, y = drawn(5, 3), drawn_classes((5, 3))
    two = nll_loss(Tensor(log_softmax(x, 1)), Tensor(y))
    assert_close(cross_entropy(Tensor(x), Tensor(y)), two.numpy(), "in one step and in two")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("ignored", [-100, 0, 2, 9])
def test_ignored_targets_do_not_count(
    ignored: int, reduction: str, drawn: Any, assert_close: Any
) -> None:
    x, y = drawn(5, 3), np.array([0, ignored, 1, ignored, 2])
    counts = y != ignored
    losses = np.where(counts, -x[np.arange(5), np.where(counts, y, 0)], 0)
    expected = {"none": losses, "sum": losses.sum(), "mean": losses.sum() / counts.sum()}[reduction]
    x[1] = np.nan
    found = nll_loss(Tensor(x), Tensor(y), ignore_index=ignored, reduction=reduction)
    assert_close(found, np.asarray(expected), f"ignore_index={ignored}, {reduction}")
    x[1] = 0
    check_rule(nll_loss, x, y, ignore_index=ignored, reduction=reduction)


def test_of_nothing_and_all_ignored(drawn: Any) -> None:
    for x, y in ((np.zeros((0, 3)), np.zeros(0, np.int64)), (drawn(2, 3), np.full(2, -100))):
        assert np.isnan(nll_loss(Tensor(x), Tensor(y)).item()), "the mean of nothing is nan"
        assert nll_loss(Tensor(x), Tensor(y), reduction="sum").item() == 0
        assert nll_loss(Tensor(x), Tensor(y), reduction="none").shape == y.shape


def test_what_is_refused(refused: Any) -> None:
    x, y = Tensor(np.zeros((4, 3))), Tensor(np.zeros(4, np.int64))
    with refused(IndexError, "nll_loss", "class 3", "3 classes"):
        nll_loss(x, Tensor(np.array([0, 1, 2, 3])))
    with refused(ValueError, "nll_loss", "(4, 3)", "(3,)"):
        nll_loss(x, Tensor(np.zeros(3, np.int64)))
    with refused(ValueError, "nll_loss", "(4, 3)", "(4,)"):
        nll_loss(x, Tensor(np.zeros((4, 3))))
    with refused(TypeError, "nll_loss", "float64", ".long()"):
        nll_loss(x, Tensor(np.zeros(4)))
    with refused(ValueError, "nll_loss", "'average'"):
        nll_loss(x, y, reduction="average")
    with refused(ValueError, "nll_loss", "weight", "(4,)"):
        nll_loss(x, y, weight=Tensor(np.ones(4)))
