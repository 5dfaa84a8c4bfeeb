"""`grad` and `value_and_grad`: gradients as values."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.tensor import Tensor


def leaf(values: Any) -> Any:
    return Tensor(np.array(values, dtype=np.float64), requires_grad=True)


def plain(values: Any) -> Any:
    return Tensor(np.array(values, dtype=np.float64))


def test_one_input_or_several(assert_gradient: Any) -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    found = ag.grad((x * w).sum(), [x, w])
    assert len(found) == 2
    assert_gradient(found[0], [3.0, 4.0], "x·w by x")
    assert_gradient(found[1], [1.0, 2.0], "x·w by w")
    (found,) = ag.grad((x * w).sum(), w)
    assert_gradient(found, [1.0, 2.0], "x·w by w alone")
    assert x.grad is None
    assert w.grad is None


def test_the_same_input_twice_and_in_any_order(assert_gradient: Any) -> None:
    x, w = leaf([1.0]), leaf([3.0])
    found = ag.grad(x * w, (w, x, w))
    for gradient, expected in zip(found, ([1.0], [3.0], [1.0]), strict=True):
        assert_gradient(gradient, expected, "w, x, w")


def test_results_on_the_way(assert_gradient: Any) -> None:
    x = leaf([1.0, 2.0])
    a = x * 3
    b = a * a
    at_a, at_b, at_x = ag.grad(b.sum(), (a, b, x))
    assert_gradient(at_a, [6.0, 12.0], "by a")
    assert_gradient(at_b, [1.0, 1.0], "by b")
    assert_gradient(at_x, [18.0, 36.0], "by x")


def test_one_of_several_results(assert_gradient: Any) -> None:
    x = leaf([1.0, 2.0, 3.0, 4.0])
    left, right = x.split(2)
    found = ag.grad((left * right).sum(), [left, right], retain_graph=True)
    assert_gradient(found[0], [3.0, 4.0], "by the left")
    assert_gradient(found[1], [1.0, 2.0], "by the right")


def test_several_outputs_with_gradients_of_their_own(assert_gradient: Any) -> None:
    x = leaf([1.0, 2.0])
    (found,) = ag.grad([x * 2, (x * x).sum()], x, [plain([1.0, 10.0]), None])
    assert_gradient(found, [2.0 + 2.0, 20.0 + 4.0], "two outputs")
    (found,) = ag.grad(x * 2, x, plain([1.0, 10.0]))
    assert_gradient(found, [2.0, 20.0], "one output")


def test_what_has_no_part_in_the_outputs(refused: Any) -> None:
    x, w = leaf([1.0]), leaf([1.0, 2.0])
    with refused(RuntimeError, "grad", "input 1", "(2,)", "allow_unused"):
        ag.grad((x * x).sum(), [x, w])
    found = ag.grad((x * x).sum(), [x, w], allow_unused=True)
    assert found[1] is None
    assert found[0].tolist() == [2.0]


def test_what_is_refused(refused: Any) -> None:
    x, fixed = leaf([1.0, 2.0]), plain([1.0, 2.0])
    with refused(RuntimeError, "grad", "input 1", "require"):
        ag.grad((x * fixed).sum(), [x, fixed])
    with refused(RuntimeError, "grad", "(2,)"):
        ag.grad(x * 2, x)
    with refused(RuntimeError, "grad", "no gradient"):
        ag.grad(fixed.sum(), x)
    with refused(ValueError, "grad", "(3,)", "(2,)"):
        ag.grad(x * 2, x, plain([1.0, 2.0, 3.0]))
    with refused(TypeError, "grad", "5"):
        ag.grad((x * 2).sum(), 5)
    with refused(TypeError, "grad", "5"):
        ag.grad((x * 2).sum(), [x, 5])


def test_the_record_is_freed_unless_it_is_retained(refused: Any) -> None:
    x = leaf([1.0])
    y = x * x
    ag.grad(y, x, retain_graph=True)
    ag.grad(y, x)
    with refused(RuntimeError, "mul", "retain_graph"):
        ag.grad(y, x)


def test_only_the_part_that_was_gone_back_over_is_freed(assert_gradient: Any) -> None:
    x, w = leaf([2.0]), leaf([5.0])
    a, b = x * x, w * w
    y = a + b
    ag.grad(y, x)
    (found,) = ag.grad(y, w)
    assert_gradient(found, [10.0], "the other branch, afterwards")


# Gradients of gradients


def test_a_second_derivative(assert_gradient: Any) -> None:
    x = leaf([1.0, 2.0, -3.0])
    (first,) = ag.grad((x**3).sum(), x, create_graph=True)
    assert_gradient(first, 3 * np.array([1.0, 4.0, 9.0]), "3x²")
    (second,) = ag.grad(first.sum(), x, create_graph=True)
    assert_gradient(second, 6 * np.array([1.0, 2.0, -3.0]), "6x")
    (third,) = ag.grad(second.sum(), x)
    assert_gradient(third, [6.0, 6.0, 6.0], "6")
    assert not third.requires_grad


def test_without_create_graph_a_gradient_is_a_constant() -> None:
    x = leaf([1.0])
    (first,) = ag.grad(x * x, x)
    assert not first.requires_grad


def test_a_penalty_on_the_gradient(drawn: Any, assert_gradient: Any) -> None:
    """Of f = Σ sin(x)·w, the gradient of Σ (∂f/∂x)² = Σ cos²(x)·w² by both."""
    values, weights = drawn(4), drawn(4, seed=1)
    x, w = leaf(values), leaf(weights)
    (first,) = ag.grad((tt.sin(x) * w).sum(), x, create_graph=True)
    (first * first).sum().backward()
    assert_gradient(x.grad, -2 * np.cos(values) * np.sin(values) * weights**2, "by x")
    assert_gradient(w.grad, 2 * np.cos(values) ** 2 * weights, "by w")


def test_backward_with_create_graph(assert_gradient: Any) -> None:
    x = leaf([2.0])
    (x**3).backward(create_graph=True)
    assert x.grad.requires_grad
    (second,) = ag.grad(x.grad, x, retain_graph=True)
    assert_gradient(second, [12.0], "6x")
    (x**3).backward(create_graph=True)
    assert_gradient(x.grad, [24.0], "twice 3x²")
    (second,) = ag.grad(x.grad, x)
    assert_gradient(second, [24.0], "twice 6x")


def test_through_the_gradient_that_was_handed_in(assert_gradient: Any) -> None:
    x, g = leaf([2.0, 3.0]), leaf([5.0, 7.0])
    (first,) = ag.grad(x * x, x, g, create_graph=True)
    at_g, at_x = ag.grad(first.sum(), (g, x))
    assert_gradient(at_g, [4.0, 6.0], "2x")
    assert_gradient(at_x, [10.0, 14.0], "2g")


def test_a_kept_value_that_promotion_has_copied(assert_gradient: Any) -> None:
    """float32 times float64 keeps a copy in float64, which a write to the leaf does not reach."""
    x = Tensor(np.array([3.0], np.float32), requires_grad=True)
    w = leaf([5.0])
    y = x * w * w
    with ag.no_grad():
        x.fill_(100.0)
    (first,) = ag.grad(y, w, create_graph=True)
    assert_gradient(first, [30.0], "x·w² by w, at x = 3 and w = 5")
    at_x, at_w = ag.grad(first, (x, w))
    assert_gradient(at_x, [10.0], "2xw by x", dtype="float32")
    assert_gradient(at_w, [6.0], "2xw by w")


def test_a_rule_on_arrays_has_no_second_order(refused: Any, assert_gradient: Any) -> None:
    @tt.operation
    def fused(x: Any) -> Any:
        return x * x

    fused.define_fused_rule(lambda g, x: (2 * g * x,))
    x = leaf([3.0])
    (first,) = ag.grad(fused(x), x, create_graph=True)
    assert_gradient(first, [6.0], "the first order")
    with refused(NotImplementedError, "fused"):
        ag.grad(first, x)
    (first,) = ag.grad(fused(x * 1.0), x, create_graph=True)
    with refused(NotImplementedError, "fused"):
        first.sum().backward()


# value_and_grad


def test_a_value_and_its_gradient(drawn: Any, assert_gradient: Any) -> None:
    w, x = plain(drawn(3)), plain(drawn(3, seed=1))
    both = ag.value_and_grad(lambda w, x: (w * w * x).sum())
    value, gradient = both(w, x)
    expected = float((w.numpy() ** 2 * x.numpy()).sum())
    np.testing.assert_allclose(value.item(), expected)
    assert not value.requires_grad
    assert_gradient(gradient, 2 * w.numpy() * x.numpy(), "w²x by w")
    assert (w.requires_grad, w.grad, x.grad) == (False, None, None)


def test_leaves_are_left_alone(assert_gradient: Any) -> None:
    w, hidden = leaf([2.0]), leaf([3.0])
    _, gradient = ag.value_and_grad(lambda w: (w * w * hidden).sum())(w)
    assert_gradient(gradient, [12.0], "w²·3")
    assert (w.grad, hidden.grad) == (None, None)
    assert w.requires_grad


def test_structures_of_tensors(assert_gradient: Any) -> None:
    weights = {"a": plain([1.0, 2.0]), "b": [plain([3.0, 4.0]), (plain(5.0),)]}

    def loss(p: Any) -> Any:
        return (p["a"] * p["b"][0]).sum() * p["b"][1][0]

    value, gradient = ag.value_and_grad(loss)(weights)
    assert value.item() == 55.0
    assert list(gradient) == ["a", "b"]
    assert_gradient(gradient["a"], [15.0, 20.0], "a")
    assert_gradient(gradient["b"][0], [5.0, 10.0], "b, 0")
    assert_gradient(gradient["b"][1][0], 11.0, "b, 1")


Pair = namedtuple("Pair", "weight bias")


@pytest.mark.in_process("a class of the test's own cannot be made in another process")
def test_a_named_tuple() -> None:
    _, gradient = ag.value_and_grad(lambda p: (p.weight * p.bias).sum())(
        Pair(plain([2.0]), plain([3.0]))
    )
    assert isinstance(gradient, Pair)
    assert (gradient.weight.tolist(), gradient.bias.tolist()) == ([3.0], [2.0])


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [(0, [6.0]), (1, [3.0]), (-1, [3.0]), (-2, [6.0])],
)
def test_which_argument(argnums: int, expected: list[float], assert_gradient: Any) -> None:
    value, gradient = ag.value_and_grad(lambda a, b: (a * b).sum(), argnums)(
        plain([3.0]), plain([6.0])
    )
    assert value.item() == 18.0
    assert_gradient(gradient, expected, f"argnums={argnums}")


def test_several_arguments(assert_gradient: Any) -> None:
    for argnums in ((1, 0), [-1, -2]):
        _, gradients = ag.value_and_grad(lambda a, b: (a * b).sum(), argnums)(
            plain([3.0]), plain([6.0])
        )
        assert len(gradients) == 2
        assert_gradient(gradients[0], [3.0], "b first")
        assert_gradient(gradients[1], [6.0], "then a")


def test_what_the_value_does_not_depend_on_has_the_gradient_0(assert_gradient: Any) -> None:
    _, gradient = ag.value_and_grad(lambda p: (p[0] * 2).sum())([plain([1.0]), plain([1.0, 2.0])])
    assert_gradient(gradient[1], [0.0, 0.0], "unused")


def test_something_beside_the_value() -> None:
    (value, aux), gradient = ag.value_and_grad(
        lambda w: ((w * w).sum(), {"seen": 7}), has_aux=True
    )(plain([3.0]))
    assert (value.item(), aux, gradient.tolist()) == (9.0, {"seen": 7}, [6.0])


def test_keyword_arguments_go_through() -> None:
    value, gradient = ag.value_and_grad(lambda w, *, scale: (w * scale).sum())(
        plain([3.0]), scale=4
    )
    assert (value.item(), gradient.tolist()) == (12.0, [4.0])


def test_inside_no_grad() -> None:
    with ag.no_grad():
        value, gradient = ag.value_and_grad(lambda w: (w * w).sum())(plain([3.0]))
    assert (value.item(), gradient.tolist()) == (9.0, [6.0])


def test_what_value_and_grad_refuses(refused: Any) -> None:
    w = plain([1.0, 2.0])
    with refused(RuntimeError, "(2,)"):
        ag.value_and_grad(lambda w: w * 2)(w)
    with refused(RuntimeError, "no gradient"):
        ag.value_and_grad(lambda w: w.detach().sum())(w)
    with refused(ValueError, "value_and_grad", "1"):
        ag.value_and_grad(lambda w: w.sum(), 1)(w)
    with refused(ValueError, "value_and_grad"):
        ag.value_and_grad(lambda w: w.sum())(w=w)
    with refused(TypeError, "value_and_grad", "3.0"):
        ag.value_and_grad(lambda w: w)(3.0)
    with refused(TypeError, "3.0"):
        ag.value_and_grad(lambda w: 3.0)(w)
