"""A loss as a metric, and perplexity."""

import math
from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.training import CrossEntropyLoss, MeanLoss, MSELoss, Perplexity, mse_loss


def test_the_mean_is_over_all_examples(drawn: Any) -> None:
    x, y = drawn(7, 2), drawn(7, 2, seed=1)
    expected = ((x - y) ** 2).mean()
    for metric in (MeanLoss(mse_loss), MeanLoss(MSELoss())):
        for part in (slice(0, 4), slice(4, 6), slice(6, 7)):
            metric.update(Tensor(x[part]), Tensor(y[part]))
        assert metric.compute() == pytest.approx(expected), "batches of 4, 2 and 1"
        metric.reset()
        assert math.isnan(metric.compute()), "after a reset"


def test_arrays_will_do(drawn: Any) -> None:
    x, y = drawn(7, 2), drawn(7, 2, seed=1)
    metric = MeanLoss(mse_loss)
    metric.update(x, y)
    assert metric.compute() == pytest.approx(((x - y) ** 2).mean())


def test_ignored_targets_do_not_count(drawn: Any, log_softmax: Any) -> None:
    x, y = drawn(6, 3), np.array([0, 9, 9, 1, 2, 9])
    metrics = [MeanLoss(CrossEntropyLoss(ignore_index=9), ignore_index=9)]
    metrics.append(Perplexity(ignore_index=9))
    counts = y != 9
    expected = -log_softmax(x, 1)[counts, y[counts]].mean()
    for metric in metrics:
        for part in (slice(0, 1), slice(1, 3), slice(3, 6)):
            metric.update(Tensor(x[part]), Tensor(y[part]))
    assert metrics[0].compute() == pytest.approx(expected)
    assert metrics[1].compute() == pytest.approx(math.exp(expected))


def test_perplexity_of_knowing_nothing_is_the_number_of_classes() -> None:
    metric = Perplexity()
    metric.update(Tensor(np.zeros((5, 65))), Tensor(np.arange(5)))
    metric.update(Tensor(np.zeros((2, 65, 3))), Tensor(np.full((2, 3), -100)))
    assert metric.compute() == pytest.approx(65)
    metric.reset()
    metric.update(Tensor(np.array([[1000.0, 0.0]])), Tensor(np.array([0])))
    assert metric.compute() == 1.0


def test_perplexity_of_the_impossible() -> None:
    metric = Perplexity()
    assert math.isnan(metric.compute()), "of nothing"
    metric.update(Tensor(np.array([[1000.0, 0.0]])), Tensor(np.array([1])))
    assert metric.compute() == math.inf


def test_a_gradient_is_not_wanted(drawn: Any) -> None:
    x = Tensor(drawn(3, 2), requires_grad=True)
    metric = MeanLoss(mse_loss)
    metric.update(x, Tensor(np.zeros((3, 2))))
    assert metric.compute() == pytest.approx((drawn(3, 2) ** 2).mean())
