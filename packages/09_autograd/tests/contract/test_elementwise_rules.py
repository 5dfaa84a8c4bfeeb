"""Task 9.4, first half: the rules of functions of each element, and of choices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

SHAPES = [(2, 3), (), (1,), (0, 2), (2, 1, 3)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_exponential(shape: Any, drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("exp", np.exp, drawn(*shape))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", ["log", "sqrt"])
def test_logarithm_and_root(name: str, shape: Any, positive: Any, check_rule_of: Any) -> None:
    check_rule_of(name, getattr(np, name), positive(*shape))
    check_rule_of(name, getattr(np, name), 1000 * positive(*shape))


def test_lying_in_memory_otherwise(positive: Any, check_rule_of: Any) -> None:
    for name in ("exp", "log", "sqrt"):
        check_rule_of(name, getattr(np, name), positive(4, 3).T[::2])


def test_edges(check_rule_of: Any) -> None:
    g = np.array([3.0, -3.0])
    with np.errstate(divide="ignore"):
        x = np.array([0.0, np.inf])
        expected = {0: np.array([np.inf, 0.0])}
        check_rule_of("sqrt", np.sqrt, x, g=np.array([3.0, 3.0]), expected=expected)
        check_rule_of("log", np.log, x, g=np.array([3.0, 3.0]), expected=expected)
    check_rule_of("exp", np.exp, np.array([-np.inf, 0.0]), g=g, expected={0: [0.0, -3.0]})


@pytest.mark.parametrize(
    "shapes",
    [[(2, 3)] * 3, [(3,), (2, 3), (2, 1)], [(2, 3), (3,), ()], [(2, 3), (), (1,)],
     [(), (2, 3), (3,)], [(0,), (0,), (1,)], [(2, 1), (1, 3), (3,)]],
    ids=str,
)  # fmt: skip
def test_where(shapes: Any, drawn: Any, check_rule_of: Any) -> None:
    condition = np.asarray(drawn(*shapes[0], seed=5) > 0)
    a, b = drawn(*shapes[1]), drawn(*shapes[2], seed=1)
    check_rule_of("where", np.where, condition, a, b)
    check_rule_of("where", np.where, condition, a, 2.5)
    check_rule_of("where", np.where, condition, -1.0, b)


def test_where_both_ways(drawn: Any, check_rule_of: Any) -> None:
    for condition in (np.array([True, False, True]), np.zeros(3, bool), np.ones(3, bool)):
        check_rule_of("where", np.where, condition, drawn(3), drawn(3, seed=1))


def test_nothing_comes_from_the_branch_not_taken(check_rule_of: Any) -> None:
    """Neither a nan there, nor a gradient that is infinite: 0 · ∞ would be nan."""
    condition = np.array([True, False])
    a, b = np.array([1.0, np.nan]), np.array([np.inf, 2.0])
    g = np.array([np.inf, -np.inf])
    check_rule_of(
        "where", np.where, condition, a, b, g=g,
        expected={1: np.array([np.inf, 0.0]), 2: np.array([0.0, -np.inf])},
    )  # fmt: skip


def away(a: Any, b: Any, seed: int) -> Any:
    """b, moved so that no entry lies within 0.1 of a's."""
    sign = np.random.default_rng(seed).choice([-1.0, 1.0], np.broadcast_shapes(a.shape, b.shape))
    return np.broadcast_to(a, sign.shape) + sign * (0.1 + np.abs(b))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@pytest.mark.parametrize("shapes", [[(2, 3), (2, 3)], [(3,), (2, 3)], [(), (2,)], [(0,), (0,)]])
def test_the_larger_and_the_smaller(name: str, shapes: Any, drawn: Any, check_rule_of: Any) -> None:
    a = drawn(*shapes[0])
    b = away(a, drawn(*shapes[1], seed=1), 2)
    check_rule_of(name, getattr(np, name), a, b)
    check_rule_of(name, getattr(np, name), b, a)


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_numbers_beside_tensors(name: str, drawn: Any, check_rule_of: Any) -> None:
    x = away(np.array(0.25), drawn(2, 3), 3)
    check_rule_of(name, getattr(np, name), x, 0.25)
    check_rule_of(name, getattr(np, name), 0.25, x)


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_a_tie_gives_half_to_each(name: str, check_rule_of: Any) -> None:
    a, b = np.array([1.0, 2.0, 0.0, 5.0]), np.array([1.0, 3.0, -0.0, 4.0])
    g = np.array([8.0, 10.0, -4.0, 6.0])
    to_a = np.array([4.0, 0.0, -2.0, 6.0]) if name == "maximum" else np.array([4.0, 10.0, -2.0, 0])
    check_rule_of(name, getattr(np, name), a, b, g=g, expected={0: to_a, 1: g - to_a})


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_an_infinite_gradient_goes_to_one(name: str, check_rule_of: Any) -> None:
    a, b, g = np.array([1.0]), np.array([2.0]), np.array([np.inf])
    all_of_it, nothing = np.array([np.inf]), np.array([0.0])
    right = {0: nothing, 1: all_of_it} if name == "maximum" else {0: all_of_it, 1: nothing}
    check_rule_of(name, getattr(np, name), a, b, g=g, expected=right)
