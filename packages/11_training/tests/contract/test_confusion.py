"""Task 11.3: which classes are taken for which; precision, recall and F1."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.tensor import Tensor
from tinytorch.training import (
    ConfusionMatrix,
    PrecisionRecallF1,
    confusion_matrix,
    precision_recall_f1,
)

# Of class 0 three, of which two were taken for 0 and one for 1; and so on.
RIGHT = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
TAKEN = np.array([0, 0, 1, 1, 2, 2, 2, 2, 0])
MATRIX = [[2, 1, 0], [0, 1, 1], [1, 0, 3]]


def counted(right: Any, taken: Any, classes: int) -> list[list[int]]:
    matrix = [[0] * classes for _ in range(classes)]
    for i, j in zip(right, taken, strict=True):
        matrix[i][j] += 1
    return matrix


def by_definition(matrix: Any, average: str | None) -> list[Any]:
    """Precision, recall and F1, class by class, and then on average."""
    classes = range(len(matrix))

    def share(part: float, whole: float) -> float:
        return part / whole if whole else 0.0

    hits = [matrix[c][c] for c in classes]
    missed = [sum(matrix[c][j] for j in classes if j != c) for c in classes]
    false = [sum(matrix[i][c] for i in classes if i != c) for c in classes]
    if average == "micro":
        tp, fn, fp = sum(hits), sum(missed), sum(false)
        return [share(tp, tp + fp), share(tp, tp + fn), share(2 * tp, 2 * tp + fp + fn)]
    scores = [
        [share(hits[c], hits[c] + false[c]) for c in classes],
        [share(hits[c], hits[c] + missed[c]) for c in classes],
        [share(2 * hits[c], 2 * hits[c] + false[c] + missed[c]) for c in classes],
    ]
    if average is None:
        return scores
    weights = [1.0] * len(matrix) if average == "macro" else [sum(row) for row in matrix]
    return [
        share(sum(w * s for w, s in zip(weights, each, strict=True)), sum(weights))
        for each in scores
    ]


def test_by_hand() -> None:
    assert confusion_matrix(TAKEN, RIGHT, 3).tolist() == MATRIX
    assert confusion_matrix(Tensor(TAKEN), Tensor(RIGHT), 3).tolist() == MATRIX
    larger = confusion_matrix(TAKEN, RIGHT, 4)
    assert larger.tolist() == [[*row, 0] for row in MATRIX] + [[0, 0, 0, 0]]
    assert larger.dtype == np.int64


def test_from_scores() -> None:
    scores = np.eye(3)[TAKEN] * 5 - 2
    assert confusion_matrix(Tensor(scores), Tensor(RIGHT), 3).tolist() == MATRIX
    images = np.moveaxis(scores.reshape(3, 3, 3), -1, 1)
    assert confusion_matrix(images, RIGHT.reshape(3, 3), 3).tolist() == MATRIX


def test_yes_and_no() -> None:
    taken, right = np.array([True, True, False]), np.array([True, False, False])
    assert confusion_matrix(taken, right, 2).tolist() == [[1, 1], [0, 1]]
    assert confusion_matrix(taken, right.astype(int), 2).tolist() == [[1, 1], [0, 1]]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=30))
def test_any_pairs(classes: int, pairs: list[tuple[int, int]]) -> None:
    right = np.array([i % classes for i, _ in pairs], np.int64)
    taken = np.array([j % classes for _, j in pairs], np.int64)
    expected = counted(right, taken, classes)
    assert confusion_matrix(taken, right, classes).tolist() == expected
    for average in ("macro", "micro", "weighted", None):
        found = precision_recall_f1(np.array(expected), average)
        for name, one, wanted in zip(
            ("precision", "recall", "f1"),
            (found.precision, found.recall, found.f1),
            by_definition(expected, average),
            strict=True,
        ):
            tried = f"{name}, average={average!r}, of {expected}"
            np.testing.assert_allclose(one, wanted, rtol=1e-12, err_msg=tried)


def test_the_scores_by_hand() -> None:
    found = precision_recall_f1(np.array(MATRIX), None)
    np.testing.assert_allclose(found.precision, [2 / 3, 1 / 2, 3 / 4])
    np.testing.assert_allclose(found.recall, [2 / 3, 1 / 2, 3 / 4])
    found = precision_recall_f1(np.array([[8, 2], [1, 1]]), None)
    np.testing.assert_allclose(found.precision, [8 / 9, 1 / 3])
    np.testing.assert_allclose(found.recall, [8 / 10, 1 / 2])
    np.testing.assert_allclose(found.f1, [16 / 19, 2 / 5])


def test_a_class_that_never_comes_has_scores_of_0() -> None:
    found = precision_recall_f1(np.array([[3, 0, 0], [0, 0, 2], [0, 0, 0]]), None)
    assert found.precision.tolist() == [1, 0, 0]
    assert found.recall.tolist() == [1, 0, 0]
    assert found.f1.tolist() == [1, 0, 0]


def test_averages_are_plain_numbers() -> None:
    for average in ("macro", "micro", "weighted"):
        found = precision_recall_f1(Tensor(np.array(MATRIX)), average)
        for score in (found.precision, found.recall, found.f1):
            assert isinstance(score, float)


def test_micro_is_the_accuracy() -> None:
    found = precision_recall_f1(np.array(MATRIX), "micro")
    assert found.precision == found.recall == found.f1 == pytest.approx(6 / 9)


def test_of_nothing() -> None:
    assert confusion_matrix(np.zeros((0, 2)), np.zeros(0, np.int64), 2).tolist() == [[0, 0]] * 2
    for average in ("macro", "micro", "weighted"):
        found = precision_recall_f1(np.zeros((2, 2), np.int64), average)
        assert found.precision == found.recall == found.f1 == 0


def test_ignored_targets_do_not_count() -> None:
    right = np.append(RIGHT, [7, 7])
    taken = np.append(TAKEN, [0, 1])
    assert confusion_matrix(taken, right, 3, ignore_index=7).tolist() == MATRIX
    scores = np.eye(3)[taken]
    assert confusion_matrix(scores, right, 3, ignore_index=7).tolist() == MATRIX
    metric = ConfusionMatrix(3, ignore_index=7)
    metric.update(taken, right)
    assert metric.compute().tolist() == MATRIX


def test_batch_after_batch() -> None:
    metric, scores = ConfusionMatrix(3), PrecisionRecallF1(3)
    for each in (metric, scores):
        for part in (slice(0, 5), slice(5, 5), slice(5, 9)):
            each.update(TAKEN[part], RIGHT[part])
    assert metric.compute().tolist() == MATRIX
    assert scores.compute().f1 == pytest.approx(by_definition(MATRIX, "macro")[2])
    metric.compute().fill(0)
    assert metric.compute().tolist() == MATRIX, "what was told is nobody's but the caller's"
    for each in (metric, scores):
        each.reset()
    assert metric.compute().tolist() == [[0, 0, 0]] * 3
    assert scores.compute().f1 == 0


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_the_metric_takes_an_average(average: str) -> None:
    metric = PrecisionRecallF1(3, average)
    metric.update(Tensor(np.eye(3)[TAKEN]), Tensor(RIGHT))
    found = metric.compute()
    expected = by_definition(MATRIX, average)
    assert [found.precision, found.recall, found.f1] == pytest.approx(expected)


def test_repr() -> None:
    assert repr(ConfusionMatrix(3)) == "ConfusionMatrix(classes=3)"
    assert repr(PrecisionRecallF1(3)) == "PrecisionRecallF1(classes=3, average='macro')"


def test_what_is_refused(refused: Any) -> None:
    with refused(ValueError, "confusion_matrix", "(9, 2)", "2 classes", "3"):
        confusion_matrix(np.zeros((9, 2)), np.zeros(9, np.int64), 3)
    with refused(ValueError, "confusion_matrix", "(9, 3)", "(8,)"):
        confusion_matrix(np.zeros((9, 3)), RIGHT[:8], 3)
    with refused(IndexError, "confusion_matrix", "target", "class 2", "2 classes"):
        confusion_matrix(np.minimum(TAKEN, 1), RIGHT, 2)
    with refused(IndexError, "confusion_matrix", "output", "class 2", "2 classes"):
        confusion_matrix(TAKEN, np.minimum(RIGHT, 1), 2)
    with refused(IndexError, "confusion_matrix", "output", "class -1", "3 classes"):
        confusion_matrix(TAKEN - 1, RIGHT, 3)
    with refused(TypeError, "confusion_matrix", "float64", ".long()"):
        confusion_matrix(np.zeros((9, 3)), RIGHT.astype(float), 3)
    with refused(ValueError, "precision_recall_f1", "'mean'", "'macro'"):
        precision_recall_f1(np.array(MATRIX), "mean")
    with refused(ValueError, "precision_recall_f1", "(2, 3)"):
        precision_recall_f1(np.zeros((2, 3)))
    with refused(ValueError, "PrecisionRecallF1", "'mean'", "'macro'"):
        PrecisionRecallF1(3, "mean")
    with refused(ValueError, "ConfusionMatrix", "0"):
        ConfusionMatrix(0)
