"""Task 11.3: how often the right class has the largest score, or one of the k largest."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.tensor import Tensor
from tinytorch.training import Accuracy, TopKAccuracy, accuracy

SCORES = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.4, 0.35, 0.25]])


@pytest.mark.parametrize("kind", ["tensors", "arrays", "float32 and int32"])
def test_by_hand(kind: str) -> None:
    target = np.array([1, 1, 2, 2])
    x: Any = SCORES
    y: Any = target
    if kind == "tensors":
        x, y = Tensor(SCORES), Tensor(target)
    if kind == "float32 and int32":
        x, y = Tensor(SCORES.astype(np.float32)), Tensor(target.astype(np.int32))
    assert accuracy(x, y) == 0.5
    assert accuracy(x, y, topk=2) == 0.75
    assert accuracy(x, y, topk=3) == 1.0
    assert accuracy(x, y, topk=4) == 1.0, "more than there are classes"
    assert isinstance(accuracy(x, y), float)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 5), st.booleans(), st.integers(0, 99))
def test_the_first_k_in_sorted_order(
    rows: int, classes: int, topk: int, ties: bool, seed: int
) -> None:
    draws = np.random.default_rng(seed)
    x, y = draws.standard_normal((rows, classes)), draws.integers(0, classes, rows)
    if ties:
        x = np.round(x)
    # A stable sort leaves equal scores in their order, so that the first comes first.
    order = np.argsort(-x, axis=1, kind="stable")[:, :topk]
    expected = float((order == y[:, None]).any(axis=1).mean())
    found = accuracy(Tensor(x), Tensor(y), topk=topk)
    assert found == pytest.approx(expected), f"top {topk} of {x.tolist()} for {y.tolist()}"


def test_equal_scores_are_no_way_to_be_right() -> None:
    x = np.zeros((3, 3))
    assert accuracy(x, np.array([0, 1, 2])) == pytest.approx(1 / 3), "the first counts as larger"
    assert accuracy(x, np.array([0, 1, 2]), topk=2) == pytest.approx(2 / 3)


def test_nan_is_never_right() -> None:
    nan = np.nan
    x = np.array([[nan, nan], [nan, 1.0], [1.0, nan], [nan, 1.0], [2.0, 1.0]])
    assert accuracy(x, np.array([0, 0, 1, 1, 0])) == pytest.approx(1 / 5)
    assert accuracy(x, np.array([0, 0, 1, 1, 0]), topk=2) == pytest.approx(2 / 5)


def test_infinite_scores() -> None:
    x = np.array([[np.inf, 0.0, -np.inf], [-np.inf, -np.inf, 0.0]])
    assert accuracy(x, np.array([0, 2])) == 1.0
    assert accuracy(x, np.array([2, 1])) == 0.0


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (2, 3, 2, 2)])
def test_a_class_at_each_place(shape: tuple[int, ...], drawn: Any) -> None:
    x = drawn(*shape)
    axis = 1 if len(shape) > 1 else 0
    best = x.argmax(axis=axis)
    assert accuracy(Tensor(x), Tensor(np.asarray(best))) == 1.0
    wrong = (best + 1) % 3
    assert accuracy(Tensor(x), Tensor(np.asarray(wrong))) == 0.0


def test_ignored_targets_do_not_count() -> None:
    y = np.array([1, -100, 0, -100])
    assert accuracy(SCORES, y, ignore_index=-100) == 0.5
    y = np.array([1, 0, 0, 0])
    assert accuracy(SCORES, y, ignore_index=0) == 1.0
    metric = Accuracy(ignore_index=0)
    metric.update(SCORES, y)
    assert metric.compute() == 1.0


def test_of_nothing() -> None:
    assert math.isnan(accuracy(np.zeros((0, 3)), np.zeros(0, np.int64)))
    assert math.isnan(accuracy(SCORES, np.full(4, 9), ignore_index=9))
    assert math.isnan(Accuracy().compute())


def test_batch_after_batch(drawn: Any) -> None:
    x, y = drawn(10, 4), np.random.default_rng(1).integers(0, 4, 10)
    for topk in (1, 2):
        metric = Accuracy() if topk == 1 else TopKAccuracy(topk)
        for part in (slice(0, 6), slice(6, 9), slice(9, 9), slice(9, 10)):
            metric.update(Tensor(x[part]), Tensor(y[part]))
        expected = accuracy(x, y, topk=topk)
        assert metric.compute() == pytest.approx(expected), "batches of 6, 3, 0 and 1"
        assert metric.compute() == pytest.approx(expected), "asked a second time"
        metric.reset()
        assert math.isnan(metric.compute()), "after a reset"
        metric.update(SCORES, np.array([1, 0, 2, 0]))
        assert metric.compute() == 1.0, "after a reset and a batch"


def test_five_is_the_usual_k() -> None:
    metric = TopKAccuracy()
    metric.update(np.arange(6.0)[None].repeat(2, 0), np.array([0, 1]))
    assert metric.compute() == 0.5


def test_repr() -> None:
    assert repr(Accuracy()) == "Accuracy()"
    assert repr(TopKAccuracy(3)) == "TopKAccuracy(topk=3)"


def test_inputs_are_left_alone() -> None:
    x, y = SCORES.copy(), np.array([1, 1, 9, 2])
    accuracy(x, y, topk=2, ignore_index=9)
    assert x.tolist() == SCORES.tolist()
    assert y.tolist() == [1, 1, 9, 2]


def test_what_is_refused(refused: Any) -> None:
    y = np.array([0, 1, 2, 0])
    with refused(ValueError, "accuracy", "(4, 3)", "(3,)"):
        accuracy(SCORES, y[:3])
    with refused(TypeError, "accuracy", "float64", ".long()"):
        accuracy(SCORES, y.astype(float))
    for unknown in (3, -1):
        with refused(IndexError, "accuracy", f"class {unknown}", "3 classes"):
            accuracy(SCORES, np.array([0, 1, unknown, 0]))
    with refused(ValueError, "accuracy", "topk", "0"):
        accuracy(SCORES, y, topk=0)
    with refused(ValueError, "TopKAccuracy", "topk", "0"):
        TopKAccuracy(0)
    with refused(ValueError, "Accuracy", "(4, 3)", "(3,)"):
        Accuracy().update(SCORES, y[:3])
