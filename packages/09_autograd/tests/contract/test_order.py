"""Task 9.1: which calls a result was computed from, and in which order to go back over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tinytorch.tensor as tt
from tinytorch.autograd.order import leading_to, newest_first


def leaf() -> Any:
    return tt.Tensor(np.array([0.3, -0.4]), requires_grad=True)


def names(nodes: Any) -> list[str]:
    return [node.name for node in nodes]


def places(found: Any, nodes: Any) -> list[list[int]]:
    """Where each of the nodes is in what was found: one place for each, if all is well."""
    return [[k for k, each in enumerate(found) if each is node] for node in nodes]


def test_a_chain_is_gone_back_over_from_its_end() -> None:
    y = tt.cos(tt.sin(tt.square(leaf())))
    assert names(newest_first([y.grad_fn])) == ["cos", "sin", "square"]


def test_only_what_the_result_was_computed_from() -> None:
    x = leaf()
    a = tt.sin(x)
    tt.cos(a)
    b = tt.square(a)
    assert names(newest_first([b.grad_fn])) == ["square", "sin"]


def test_a_result_used_twice_comes_once_and_after_both_uses() -> None:
    a = tt.sin(leaf())
    b, c = tt.cos(a), tt.square(a)
    d = b + c
    found = newest_first([d.grad_fn])
    assert len(found) == 4, f"four calls, but {names(found)}"
    (d_at,), (c_at,), (b_at,), (a_at,) = places(found, [t.grad_fn for t in (d, c, b, a)])
    assert d_at < b_at < a_at, f"{names(found)}: no call before all that used its result"
    assert d_at < c_at < a_at, f"{names(found)}: no call before all that used its result"


def test_a_long_way_round_beside_a_short_one() -> None:
    """`a` is one step from the end by one way, four by the other: it must wait for both."""
    a = tt.sin(leaf())
    b = tt.cos(tt.square(tt.abs(a)))
    for y in (a + b, b + a):
        assert names(newest_first([y.grad_fn])) == ["add", "cos", "square", "abs", "sin"]


def test_a_result_used_twice_by_one_call() -> None:
    a = tt.sin(leaf())
    assert names(newest_first([(a * a).grad_fn])) == ["mul", "sin"]


def test_leaves_and_what_needs_no_gradient_are_left_out() -> None:
    x, plain = leaf(), tt.Tensor(np.ones(2))
    y = tt.sin(x) + tt.cos(plain) + x
    assert names(newest_first([y.grad_fn])) == ["add", "add", "sin"]
    assert newest_first([x]) == []
    assert newest_first([]) == []


def test_several_roots() -> None:
    a = tt.sin(leaf())
    b, c = tt.cos(a), tt.square(a)
    found = newest_first([b.grad_fn, c.grad_fn])
    assert sorted(names(found)) == ["cos", "sin", "square"]
    assert found[-1] is a.grad_fn
    found = newest_first([a.grad_fn, b.grad_fn, a.grad_fn])
    assert names(found) == ["cos", "sin"], "a root may lie behind another, and be named twice"


def test_several_results_of_one_call() -> None:
    x = tt.Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    left, middle, right = x.split(1, 1)
    y = tt.sin(right) + tt.cos(left)
    found = newest_first([y.grad_fn])
    calls = [node.name for node in found]
    assert len(found) == 6, f"sin, cos, add, two results and the call that gave them: {calls}"
    assert calls[-1] == "split"
    assert not [node for node in found if node is middle.grad_fn]


def test_deeper_than_pythons_stack() -> None:
    y = leaf()
    for _ in range(5000):
        y = -y
    assert len(newest_first([y.grad_fn])) == 5000


def test_doubling_has_no_more_calls_than_steps() -> None:
    """There are 2⁶⁰ ways through 60 additions of a result to itself."""
    y = leaf()
    for _ in range(60):
        y = y + y
    assert names(newest_first([y.grad_fn])) == ["add"] * 60


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=12))
def test_any_graph(picks: list[tuple[int, int]]) -> None:
    """Every call adds two of the results before it."""
    results, used = [leaf()], [set()]
    for a, b in picks:
        a, b = a % len(results), b % len(results)
        results.append(results[a] + results[b])
        used.append({a, b})
    behind, waiting = set(), [len(results) - 1]
    while waiting:
        here = waiting.pop()
        if here not in behind and here:
            behind.add(here)
            waiting += used[here]
    found = newest_first([results[-1].grad_fn])
    assert len(found) == len(behind)
    at = {k: places(found, [results[k].grad_fn])[0] for k in behind}
    assert all(len(each) == 1 for each in at.values()), "each of them once"
    for k in behind:
        for before in used[k] - {0}:
            assert at[k][0] < at[before][0], "a call before one that used its result"


# The way to what is asked for


def same(found: Any, expected: list[Any]) -> bool:
    listed = list(found)
    return len(listed) == len(expected) and all(len(at) == 1 for at in places(listed, expected))


def test_what_leads_to_a_leaf() -> None:
    x, w = leaf(), leaf()
    a, b = tt.sin(x), tt.cos(w)
    c = a + b
    nodes = newest_first([c.grad_fn])
    assert same(leading_to(nodes, [x]), [c.grad_fn, a.grad_fn, x])
    assert same(leading_to(nodes, [w]), [c.grad_fn, b.grad_fn, w])
    assert same(leading_to(nodes, [x, w]), [c.grad_fn, a.grad_fn, b.grad_fn, x, w])
    assert same(leading_to(nodes, []), [])


def test_what_leads_to_a_result_on_the_way() -> None:
    a = tt.sin(leaf())
    b = tt.cos(a)
    c = tt.square(b)
    nodes = newest_first([c.grad_fn])
    assert same(leading_to(nodes, [b.grad_fn]), [c.grad_fn, b.grad_fn])
    assert same(leading_to(nodes, [c.grad_fn]), [c.grad_fn])


def test_several_ways_lead_there() -> None:
    x, w = leaf(), leaf()
    a = tt.sin(x)
    b, c = tt.cos(a), tt.square(a)
    d, e = b * w, c + b
    f = d + e
    nodes = newest_first([f.grad_fn])
    every = [t.grad_fn for t in (f, e, d, c, b, a)]
    assert same(leading_to(nodes, [x]), [*every, x])
    assert same(leading_to(nodes, [w]), [f.grad_fn, d.grad_fn, w])


def test_nothing_leads_to_a_stranger() -> None:
    y, stranger = tt.sin(leaf()), leaf()
    assert same(leading_to(newest_first([y.grad_fn]), [stranger]), [stranger])
