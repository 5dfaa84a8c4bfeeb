"""The same metrics in scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as theirs

from tinytorch.training import (
    accuracy,
    confusion_matrix,
    mean_absolute_error,
    precision_recall_f1,
    r2_score,
)


@pytest.mark.parametrize("classes", [2, 5])
def test_classes(classes: int) -> None:
    draws = np.random.default_rng(0)
    scores, target = draws.standard_normal((200, classes)), draws.integers(0, classes, 200)
    predicted, labels = scores.argmax(axis=1), np.arange(classes)
    assert accuracy(scores, target) == theirs.accuracy_score(target, predicted)
    matrix = confusion_matrix(scores, target, classes)
    np.testing.assert_array_equal(matrix, theirs.confusion_matrix(target, predicted, labels=labels))
    for average in ("macro", "micro", "weighted", None):
        found = precision_recall_f1(matrix, average)
        expected = theirs.precision_recall_fscore_support(
            target, predicted, labels=labels, average=average, zero_division=0
        )
        for one, wanted in zip(found, expected[:3], strict=True):
            np.testing.assert_allclose(one, wanted, rtol=1e-12)


@pytest.mark.parametrize("topk", [1, 2, 4])
def test_top_k(topk: int) -> None:
    draws = np.random.default_rng(0)
    scores, target = draws.standard_normal((200, 5)), draws.integers(0, 5, 200)
    expected = theirs.top_k_accuracy_score(target, scores, k=topk, labels=np.arange(5))
    assert accuracy(scores, target, topk=topk) == pytest.approx(expected)


def test_a_class_that_never_comes() -> None:
    target, predicted = np.array([0, 0, 1, 1]), np.array([0, 3, 1, 0])
    for average in ("macro", "micro", "weighted"):
        found = precision_recall_f1(confusion_matrix(predicted, target, 4), average)
        expected = theirs.precision_recall_fscore_support(
            target, predicted, labels=np.arange(4), average=average, zero_division=0
        )
        np.testing.assert_allclose(found, expected[:3])


@pytest.mark.parametrize("shape", [(50,), (50, 3)])
def test_regression(shape: tuple[int, ...]) -> None:
    x, y = np.random.default_rng(0).standard_normal((2, *shape))
    assert mean_absolute_error(x, y) == pytest.approx(theirs.mean_absolute_error(y, x))
    assert r2_score(x, y) == pytest.approx(theirs.r2_score(y, x))


def test_a_constant_target() -> None:
    ones = np.ones(4)
    assert r2_score(ones, ones) == theirs.r2_score(ones, ones)
    assert r2_score(ones + 1, ones) == theirs.r2_score(ones, ones + 1)
