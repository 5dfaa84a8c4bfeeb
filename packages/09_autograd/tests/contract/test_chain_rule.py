"""Task 9.2: gradients go back along the record, and are summed where ways meet.

Only operations take part whose rules are given, and some with rules of the test's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.tensor import Tensor, operation


def leaf(values: Any) -> Any:
    return Tensor(np.array(values), requires_grad=True)


def ones(*shape: int) -> Any:
    return Tensor(np.ones(shape))


def test_one_call(drawn: Any, check_gradients: Any) -> None:
    check_gradients(tt.sin, np.sin, drawn(2, 3))


def test_a_chain(drawn: Any, check_gradients: Any) -> None:
    check_gradients(
        lambda x: tt.cos(tt.square(tt.sin(x))), lambda x: np.cos(np.sin(x) ** 2), drawn(2, 3)
    )


def test_what_is_used_twice_gets_the_sum(drawn: Any, check_gradients: Any) -> None:
    check_gradients(lambda x: tt.sin(x) + tt.square(x), lambda x: np.sin(x) + x * x, drawn(4))
    check_gradients(lambda x: x + x, lambda x: 2 * x, drawn(4))
    check_gradients(lambda x: x - x, lambda x: 0 * x, drawn(4))


def test_a_result_used_twice(drawn: Any, check_gradients: Any) -> None:
    def on_tensors(x: Any, w: Any) -> Any:
        a = tt.sin(x)
        return tt.cos(a) + w - tt.square(a) + a

    check_gradients(
        on_tensors, lambda x, w: np.cos(np.sin(x)) + w - np.sin(x) ** 2 + np.sin(x),
        drawn(3), drawn(3, seed=1),
    )  # fmt: skip


def test_a_short_way_and_a_long_one(drawn: Any, check_gradients: Any) -> None:
    """The gradient of `a` is complete only when the longer way has come back, too."""

    def on_tensors(x: Any) -> Any:
        a = tt.sin(x)
        return a + tt.cos(tt.square(tt.sin(a)))

    def on_arrays(x: Any) -> Any:
        a = np.sin(x)
        return a + np.cos(np.sin(a) ** 2)

    check_gradients(on_tensors, on_arrays, drawn(3))


@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 3), (3,)], [(3,), (2, 3)], [(2, 1), (1, 3)], [(), (2, 3)], [(1, 1), (2, 2)],
        [(4, 1, 3), (2, 1)], [(2, 1, 3), (4, 2, 1, 3)], [(1,), ()], [(0, 3), (1, 3)],
        [(0, 3), (3,)],
    ],
    ids=str,
)  # fmt: skip
def test_what_was_broadcast_is_summed(shapes: Any, drawn: Any, check_gradients: Any) -> None:
    a, b = drawn(*shapes[0]), drawn(*shapes[1], seed=1)
    check_gradients(lambda a, b: a - tt.sin(b), lambda a, b: a - np.sin(b), a, b)


def test_two_ways_of_different_shapes(drawn: Any, check_gradients: Any) -> None:
    check_gradients(
        lambda x, y: (tt.sin(x) + y) + x, lambda x, y: np.sin(x) + y + x, drawn(3), drawn(2, 3)
    )


def test_a_rule_with_one_number_for_all_is_spread(assert_gradient: Any) -> None:
    @operation
    def first_of(x: Any) -> Any:
        return x[:1].copy()

    first_of.define_rule(x=lambda g: g)
    x = leaf([1.0, 2.0, 3.0])
    first_of(x).backward(Tensor(np.array([5.0])))
    assert_gradient(x.grad, [5.0, 5.0, 5.0], "a gradient of shape (1,) for an input of (3,)")


@pytest.mark.parametrize("kinds", [("float32", "float64"), ("float16", "float32")], ids=str)
def test_a_gradient_has_the_dtype_of_its_tensor(kinds: Any, drawn: Any) -> None:
    narrow, wide = kinds
    x = leaf(drawn(3).astype(narrow))
    w = leaf(drawn(3, seed=1).astype(wide))
    middle = tt.sin(x)
    y = middle + w
    assert y.dtype == np.dtype(wide)
    on_the_way, at_w = ag.grad(y, [middle, w], Tensor(np.ones(3, wide)), retain_graph=True)
    assert on_the_way.dtype == np.dtype(narrow)
    assert at_w.dtype == np.dtype(wide)
    y.backward(Tensor(np.ones(3, wide)))
    assert x.grad.dtype == np.dtype(narrow)
    expected = np.cos(x.detach().numpy().astype(np.float64))
    np.testing.assert_allclose(x.grad.numpy().astype(np.float64), expected, atol=3e-3)


def test_the_dtype_of_a_recorded_gradient(drawn: Any, assert_gradient: Any) -> None:
    """Where the way back is recorded, the change of dtype is a part of it."""
    values = drawn(3)
    x = leaf(values.astype("float32"))
    y = tt.sin(x) + leaf(drawn(3, seed=1))
    (first,) = ag.grad(y, x, ones(3), create_graph=True)
    (second,) = ag.grad(first, x, Tensor(np.ones(3, "float32")))
    assert_gradient(first, np.cos(values), "sin", dtype="float32")
    assert_gradient(second, -np.sin(values), "the second time", dtype="float32")


def test_what_needs_no_gradient_gets_none(drawn: Any, assert_gradient: Any) -> None:
    x, plain = leaf(drawn(3)), Tensor(drawn(3, seed=1))
    y = tt.sin(x) + tt.cos(plain) + 2.0 + drawn(3, seed=2)
    y.backward(ones(3))
    assert plain.grad is None
    assert_gradient(x.grad, np.cos(x.detach().numpy()), "sin(x) beside constants")


# How often rules run, and which


def counting() -> tuple[Any, list[str]]:
    """An operation of two inputs, a + 2b, and a list of the inputs whose rules have run."""
    ran: list[str] = []

    @operation
    def add_twice(a: Any, b: Any) -> Any:
        return a + 2 * b

    def of_a(g: Any) -> Any:
        ran.append("a")
        return g

    def of_b(g: Any) -> Any:
        ran.append("b")
        return g * 2

    add_twice.define_rule(a=of_a, b=of_b)
    return add_twice, ran


def test_each_rule_runs_once_however_many_ways_there_are(assert_gradient: Any) -> None:
    add_twice, ran = counting()
    x = leaf([1.0, 2.0])
    y = x
    for _ in range(10):
        y = add_twice(y, y)
    y.backward(ones(2))
    assert len(ran) == 20, f"ten calls with two inputs each ran {len(ran)} rules"
    assert_gradient(x.grad, [3.0**10, 3.0**10], "ten times x + 2x", tolerance=1e-9)


def test_no_rule_for_an_input_without_a_gradient() -> None:
    add_twice, ran = counting()
    add_twice(leaf([1.0]), Tensor(np.ones(1))).backward()
    assert ran == ["a"]
    add_twice(Tensor(np.ones(1)), leaf([1.0])).backward()
    assert ran == ["a", "b"]


def test_no_rule_off_the_way(assert_gradient: Any) -> None:
    add_twice, ran = counting()
    x, w = leaf([1.0]), leaf([2.0])
    y = add_twice(tt.sin(x), add_twice(w, w))
    (found,) = ag.grad(y, x)
    assert ran == ["a"], "the way to x needs one function of one rule"
    assert_gradient(found, np.cos([1.0]), "sin(x) + …")


def test_no_rule_behind_what_was_asked_for(assert_gradient: Any) -> None:
    add_twice, ran = counting()
    x = leaf([1.0])
    middle = add_twice(x, x)
    y = tt.square(middle)
    (found,) = ag.grad(y, middle)
    assert ran == []
    assert_gradient(found, [6.0], "square at 3")
    middle.backward()
    assert_gradient(x.grad, [3.0], "what lies behind was not touched, and can be gone back over")


def test_a_result_that_was_asked_for_still_passes_on(assert_gradient: Any) -> None:
    x = leaf([0.5])
    middle = tt.sin(x)
    y = tt.square(middle)
    at_middle, at_x, at_y = ag.grad(y, [middle, x, y])
    assert_gradient(at_y, [1.0], "y by itself")
    assert_gradient(at_middle, 2 * np.sin([0.5]), "square at sin 0.5")
    assert_gradient(at_x, 2 * np.sin([0.5]) * np.cos([0.5]), "square of sin at 0.5")


def test_a_leaf_may_be_asked_for_itself(assert_gradient: Any) -> None:
    x = leaf([2.0, 3.0])
    (found,) = ag.grad(x, x, Tensor(np.array([5.0, 7.0])))
    assert_gradient(found, [5.0, 7.0], "x by itself")
    x.backward(Tensor(np.array([5.0, 7.0])))
    assert_gradient(x.grad, [5.0, 7.0], "x by itself")


# Rules of other forms


def test_a_rule_that_says_none(assert_gradient: Any) -> None:
    @operation
    def half_way(a: Any, b: Any) -> Any:
        return a + b

    half_way.define_rule(a=lambda g: None, b=lambda g: 3 * g)
    a, b = leaf([1.0]), leaf([1.0])
    half_way(a, b).backward()
    assert a.grad is None
    assert_gradient(b.grad, [3.0], "b")


def test_a_way_on_which_nothing_comes_is_not_gone(assert_gradient: Any) -> None:
    @operation
    def one_sided(a: Any, b: Any) -> Any:
        return a + b

    one_sided.define_rule(a=lambda g: None, b=lambda g: g)
    a, b = leaf([1.0]), leaf([1.0])
    one_sided(tt.sin(tt.cos(a)), tt.sin(b)).backward()
    assert a.grad is None
    assert_gradient(b.grad, np.cos([1.0]), "b")


def test_a_rule_that_gives_too_few() -> None:
    @operation
    def short(a: Any, b: Any) -> Any:
        return a + b

    short.define_fused_rule(lambda g: (g,))
    a, b = leaf([1.0]), leaf([1.0])
    y = short(a, b)
    with pytest.raises(ValueError):
        y.backward()
    assert a.grad is None


def test_one_function_for_all_inputs(assert_gradient: Any) -> None:
    @operation
    def weighed(a: Any, b: Any) -> Any:
        return 2 * a + 5 * b

    asked = []

    def rule(g: Any, needs: Any) -> Any:
        asked.append(tuple(needs))
        return tuple(k * g if need else None for k, need in zip((2, 5), needs, strict=True))

    weighed.define_fused_rule(rule)
    a, b = leaf([1.0]), leaf([1.0])
    weighed(a, b).backward()
    weighed(Tensor(np.ones(1)), b).backward()
    assert asked == [(True, True), (False, True)]
    assert_gradient(a.grad, [2.0], "a")
    assert_gradient(b.grad, [10.0], "b, twice")


def test_one_function_for_all_inputs_where_one_is_asked_for(assert_gradient: Any) -> None:
    @operation
    def weighed(a: Any, b: Any) -> Any:
        return 2 * a + 5 * b

    weighed.define_fused_rule(lambda g: (2 * g, 5 * g))
    a, b = leaf([1.0]), leaf([1.0])
    (of_b,) = ag.grad(weighed(a, b), b)
    assert_gradient(of_b, [5.0], "b")


def test_a_list_of_one_gradient_for_each_input(assert_gradient: Any) -> None:
    @operation
    def weighed(a: Any, b: Any) -> Any:
        return 2 * a + 5 * b

    weighed.define_rule(a=lambda g: [2 * g], b=lambda g: [5 * g])
    a, b = leaf([1.0]), leaf([1.0])
    weighed(a, b).backward()
    assert_gradient(a.grad, [2.0], "a")
    assert_gradient(b.grad, [5.0], "b")


def test_a_list_of_inputs(drawn: Any, check_gradients: Any) -> None:
    check_gradients(
        lambda a, b: tt.stack([tt.sin(a), b, a], -1),
        lambda a, b: np.stack([np.sin(a), b, a], -1),
        drawn(2, 3), drawn(2, 3, seed=1),
    )  # fmt: skip


@pytest.mark.parametrize("which", [[0], [1], [2], [0, 2], [2, 0], [0, 1, 2]], ids=str)
def test_some_of_several_results(which: list[int], drawn: Any, assert_gradient: Any) -> None:
    values = drawn(2, 5)
    x = leaf(values)
    pieces = x.split(2, 1)
    total = sum((tt.square(pieces[k]).reshape(-1)[:2] for k in which), Tensor(np.zeros(2)))
    total.backward(ones(2))
    expected = np.zeros((2, 5))
    for k in which:
        flat = [(0, 4), (1, 4)] if k == 2 else [(0, 2 * k), (0, 2 * k + 1)]
        for place in flat:
            expected[place] = 2 * values[place]
    assert_gradient(x.grad, expected, f"pieces {which} of three")


def test_a_result_of_several_used_twice(drawn: Any, assert_gradient: Any) -> None:
    values = drawn(4)
    x = leaf(values)
    left, right = x.split(2)
    y = tt.sin(left) + tt.square(left) - right
    y.backward(ones(2))
    expected = [*(np.cos(values[:2]) + 2 * values[:2]), -1.0, -1.0]
    assert_gradient(x.grad, expected, "sin(left) + left² − right")


def test_values_and_places(assert_gradient: Any) -> None:
    x = leaf([[1.0, 5.0, 2.0], [7.0, 3.0, 4.0]])
    x.max(1).values.backward(Tensor(np.array([10.0, 20.0])))
    assert_gradient(x.grad, [[0, 10.0, 0], [20.0, 0, 0]], "the largest of each row")


# Size


def test_deeper_than_pythons_stack(assert_gradient: Any) -> None:
    x = leaf([1.0])
    y = x
    for _ in range(3001):
        y = -y
    y.backward()
    assert_gradient(x.grad, [-1.0], "3001 times negated")


def test_nothing_arrives_nothing_runs() -> None:
    """Only the second result is used; what was computed from the first has no part in it."""
    add_twice, ran = counting()
    x, w = leaf([1.0]), leaf([1.0])
    add_twice(x, w)
    tt.sin(x).backward()
    assert ran == []
    assert w.grad is None
