"""Task 9.5, first part: the rules of sum, mean and extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

WAYS = [
    ((2, 3), None), ((2, 3), 0), ((2, 3), 1), ((2, 3), -1), ((2, 3, 4), (0, 2)),
    ((2, 3, 4), (-1, 0)), ((2, 3, 4), (1,)), ((2, 3, 4), [0, 1]), ((2, 3), ()), ((4,), 0),
    ((), None), ((), 0), ((), -1), ((1, 3), 0), ((3, 1), (0, 1)),
]  # fmt: skip
EMPTY = [((0, 3), 0), ((0, 3), 1), ((2, 0), None), ((0,), None)]


def along(dim: Any) -> Any:
    return None if dim in (None, (), []) else tuple(dim) if isinstance(dim, list) else dim


def reduction(name: str, shape: Any, dim: Any, keepdim: bool) -> Any:
    axis = None if shape == () else along(dim)
    return lambda x: getattr(np, name)(x, axis=axis, keepdims=keepdim)


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize(("shape", "dim"), WAYS + EMPTY, ids=str)
def test_sums(shape: Any, dim: Any, keepdim: bool, drawn: Any, check_rule_of: Any) -> None:
    by_numpy = reduction("sum", shape, dim, keepdim)
    check_rule_of("sum", by_numpy, drawn(*shape), dim=dim, keepdim=keepdim)


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize(("shape", "dim"), [*WAYS, ((0, 3), 1)], ids=str)
def test_means(shape: Any, dim: Any, keepdim: bool, drawn: Any, check_rule_of: Any) -> None:
    by_numpy = reduction("mean", shape, dim, keepdim)
    check_rule_of("mean", by_numpy, drawn(*shape), dim=dim, keepdim=keepdim)


def test_the_mean_of_nothing_has_an_empty_gradient(check_rule_of: Any) -> None:
    for shape, dim, g in (((0,), None, np.array(1.0)), ((0, 3), 0, np.ones(3))):
        with np.errstate(all="raise"):
            check_rule_of(
                "mean", lambda x: np.zeros(0), np.zeros(shape), dim=dim, g=g,
                expected={0: np.zeros(shape)},
            )  # fmt: skip


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize(("shape", "dim"), WAYS, ids=str)
@pytest.mark.parametrize("name", ["amax", "amin"])
def test_extremes(
    name: str, shape: Any, dim: Any, keepdim: bool, apart: Any, check_rule_of: Any
) -> None:
    by_numpy = reduction(name, shape, dim, keepdim)
    check_rule_of(name, by_numpy, apart(*shape), dim=dim, keepdim=keepdim)


@pytest.mark.parametrize("name", ["amax", "amin"])
def test_ties_share(name: str, check_rule_of: Any) -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [4.0, 1.0, 4.0]])
    x = x if name == "amax" else -x
    shares = np.array([[0, 1 / 2, 1 / 2], [1 / 3, 1 / 3, 1 / 3], [1 / 2, 0, 1 / 2]])
    g = np.array([2.0, -3.0, 5.0])
    by_numpy = reduction(name, x.shape, 1, False)
    check_rule_of(name, by_numpy, x, dim=1, g=g, expected={0: shares * g[:, None]})
    flat = reduction(name, x.shape, None, False)
    expected = np.array([[0, 0, 0], [0, 0, 0], [2.0, 0, 2.0]])
    check_rule_of(name, flat, x, dim=None, g=np.array(4.0), expected={0: expected})


@pytest.mark.parametrize("name", ["amax", "amin"])
def test_an_infinite_gradient_goes_only_to_the_extreme(name: str, check_rule_of: Any) -> None:
    x = np.array([1.0, 2.0]) if name == "amax" else np.array([2.0, 1.0])
    check_rule_of(
        name, reduction(name, (2,), 0, False), x, dim=0, g=np.array(np.inf),
        expected={0: np.array([0.0, np.inf])},
    )  # fmt: skip


def test_lying_in_memory_otherwise(drawn: Any, apart: Any, check_rule_of: Any) -> None:
    check_rule_of("sum", lambda x: x.sum(0), drawn(4, 3).T[::2], dim=0)
    check_rule_of("mean", lambda x: x.mean(0), drawn(4, 3).T[::2], dim=0)
    check_rule_of("amax", lambda x: x.max(1), apart(4, 3).T[::2], dim=1)
