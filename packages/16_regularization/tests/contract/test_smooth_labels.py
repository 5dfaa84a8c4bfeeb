"""Task 16.4: targets that are not quite certain."""

from typing import Any

import numpy as np
import pytest

from tinytorch.regularization import smooth_labels
from tinytorch.tensor import Tensor


def by_numpy(target: Any, classes: int, eps: float) -> Any:
    """The classes in the last place, put into place 1 at the end."""
    rows = np.full((*target.shape, classes), eps / classes)
    for place in np.ndindex(*target.shape):
        rows[(*place, target[place])] += 1 - eps
    return np.moveaxis(rows, -1, 1) if target.ndim else rows


@pytest.mark.parametrize("shape", [(6,), (), (4, 3), (2, 3, 2), (0,), (1,)])
@pytest.mark.parametrize("eps", [0.0, 0.1, 0.5, 1.0])
def test_a_share_of_each_class_is_spread_over_all(
    shape: tuple[int, ...], eps: float, assert_close: Any
) -> None:
    target = np.asarray(np.random.default_rng(0).integers(5, size=shape))
    found = smooth_labels(Tensor(target), 5, eps)
    expected = by_numpy(target, 5, eps)
    assert_close(found, expected, f"smooth_labels of {shape}, eps={eps}", dtype="float32")


def test_by_hand(assert_close: Any) -> None:
    found = smooth_labels(Tensor(np.array([0, 3])), 4, 0.2)
    expected = [[0.85, 0.05, 0.05, 0.05], [0.05, 0.05, 0.05, 0.85]]
    assert_close(found, expected, "classes 0 and 3 of 4, eps=0.2", dtype="float32")
    found = smooth_labels(Tensor(np.array([1])), 2)
    assert_close(found, [[0.05, 0.95]], "class 1 of 2, eps not given: 0.1", dtype="float32")


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_any_integers(dtype: str, assert_close: Any) -> None:
    target = np.array([2, 0, 1], dtype)
    found = smooth_labels(Tensor(target), 3, 0.3)
    assert_close(found, by_numpy(target, 3, 0.3), f"classes as {dtype}", dtype="float32")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(6, 4), (4,), (3, 4, 2)])
def test_distributions_are_smoothed_likewise(
    dtype: str, shape: tuple[int, ...], assert_close: Any
) -> None:
    draws = np.random.default_rng(0).random(shape)
    axis = 1 if len(shape) > 1 else 0
    given = (draws / draws.sum(axis=axis, keepdims=True)).astype(dtype)
    found = smooth_labels(Tensor(given), 4, 0.2)
    expected = 0.8 * given.astype(np.float64) + 0.05
    assert_close(found, expected, f"distributions {shape} in {dtype}, eps=0.2", dtype=dtype)


def test_the_target_is_left_alone() -> None:
    given = Tensor(np.array([[1.0, 0.0]]))
    for eps in (0.0, 0.5):
        smooth_labels(given, 2, eps).fill_(9)
        assert given.tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("eps", [-0.1, 1.1, float("nan")])
def test_shares_that_are_none(eps: float, refused: Any) -> None:
    with refused(ValueError, "smooth_labels", str(eps)):
        smooth_labels(Tensor(np.array([0])), 2, eps)


def test_classes_that_there_are_not(refused: Any) -> None:
    for unknown in (3, -1):
        with refused(IndexError, "smooth_labels", str(unknown), "3 classes"):
            smooth_labels(Tensor(np.array([0, unknown])), 3, 0.1)


def test_what_does_not_fit(refused: Any) -> None:
    with refused(ValueError, "smooth_labels", "(2, 3)", "4"):
        smooth_labels(Tensor(np.ones((2, 3))), 4, 0.1)
    with refused(ValueError, "smooth_labels", "0"):
        smooth_labels(Tensor(np.array([], np.int64)), 0, 0.1)
    with refused(ValueError, "smooth_labels"):
        smooth_labels(Tensor(np.array(1.0)), 3, 0.1)
    with refused(TypeError, "smooth_labels", "bool"):
        smooth_labels(Tensor(np.array([True])), 2, 0.1)
    with refused(TypeError, "smooth_labels", "ndarray"):
        smooth_labels(np.array([1]), 2, 0.1)
