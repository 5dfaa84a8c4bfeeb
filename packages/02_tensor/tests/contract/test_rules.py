"""Gradient rules: what a rule may ask for, and how `check_rule` tells right from wrong."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.tensor.testing import central_difference, check_rule

X = np.array([[0.5, -1.2, 2.0], [1.5, 0.3, -0.7]])
Y = np.array([1.5, -0.4, 0.9])


@pytest.fixture
def product():
    @tt.operation(promote="common")
    def product(a, b):
        return a * b

    return product


@pytest.fixture
def power():
    @tt.operation
    def power(x, *, n=3):
        return x**n

    return power


@pytest.fixture
def joined():
    @tt.operation
    def joined(*parts, dim=0):
        return np.concatenate(parts, axis=dim)

    return joined


@pytest.fixture
def root():
    @tt.operation(saves=("inverse",))
    def root(x):
        return np.sqrt(x), 1 / np.sqrt(x)

    return root


def test_a_right_rule_passes(product):
    product.define_rule(a=lambda g, b: g * b, b=lambda g, a: g * a)
    check_rule(product, X, X + 1)


def test_what_was_broadcast_is_summed_back(product):
    product.define_rule(a=lambda g, b: g * b, b=lambda g, a: g * a)
    check_rule(product, X, Y)
    check_rule(product, Y, X)
    check_rule(product, X[:, :1], Y)
    check_rule(product, X, np.array(2.0))


def test_tensors_float32_and_numbers_are_inputs_too(product):
    product.define_rule(a=lambda g, b: g * b, b=lambda g, a: g * a)
    check_rule(product, tt.tensor(X, dtype="float32"), tt.tensor(Y))
    check_rule(product, X, 3.0)
    check_rule(product, np.array([1, 2, 3]), Y)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda g, b: -g * b,
        lambda g, b: g * b * 1.001,
        lambda g, b: g * b + 1e-3,
        lambda g, b: b,
        lambda g, b: g,
        lambda g, b: g * b * 0,
    ],
)
def test_a_wrong_rule_is_caught(product, wrong):
    product.define_rule(a=wrong, b=lambda g, a: g * a)
    with pytest.raises(AssertionError, match="product: the gradient of a is wrong"):
        check_rule(product, X, X + 1)


def test_a_rule_that_is_wrong_in_one_element_is_caught(power):
    def almost(g, x):
        right = 3 * g * x**2
        return right * np.where(np.arange(right.size).reshape(right.shape) == 4, 1.1, 1.0)

    power.define_rule(x=almost)
    with pytest.raises(AssertionError, match=r"1 of 6 entries; at \(1, 1\)"):
        check_rule(power, X)


def test_a_rule_that_forgets_an_input_is_caught(product):
    product.define_rule(a=lambda g, b: g * b)
    with pytest.raises(AssertionError, match="product: the gradient of b"):
        check_rule(product, X, X + 1)


def test_a_gradient_of_another_shape_is_caught(product):
    product.define_rule(a=lambda g, b: (g * b)[:1, :2], b=lambda g, a: g * a)
    with pytest.raises(AssertionError, match=r"gradient of a has the shape \(1, 2\)"):
        check_rule(product, X, X + 1)


def test_a_rule_that_answers_tensors_differently_is_caught(power):
    def two_faced(g, x):
        return 3 * g * x**2 if isinstance(x, np.ndarray) else g

    power.define_rule(x=two_faced)
    with pytest.raises(AssertionError, match="power: the gradient of x"):
        check_rule(power, X)


def test_without_a_rule_there_is_nothing_to_check(power, refused):
    assert power.rule is None
    with refused(ValueError, "power"):
        check_rule(power, X)


def test_a_rule_may_ask_for_attributes(power):
    power.define_rule(x=lambda g, x, n: g * n * x ** (n - 1))
    check_rule(power, X)
    check_rule(power, X, n=2)
    check_rule(power, X, n=1)


def test_a_rule_may_ask_for_the_result_and_for_what_was_saved(root):
    root.define_rule(x=lambda g, out: g / (2 * out))
    check_rule(root, np.abs(X))
    root.define_rule(x=lambda g, inverse: g * inverse / 2)
    check_rule(root, np.abs(X))
    root.define_rule(x=lambda g, inverse: g * inverse)
    with pytest.raises(AssertionError, match="root"):
        check_rule(root, np.abs(X))


def test_an_input_may_be_left_out():
    @tt.operation(saves=("doubled",))
    def shifted(x, by=None, *, times=1):
        doubled = 2 * x
        return times * (doubled if by is None else doubled + by), doubled

    @shifted.define_fused_rule
    def _(g, needs, by, doubled, times):
        assert doubled.shape == g.shape
        return [2 * times * g, times * g if needs[1] else None]

    check_rule(shifted, X)
    check_rule(shifted, X, times=3)
    check_rule(shifted, X, X, times=3)


def test_a_rule_may_ask_for_shapes():
    @tt.operation
    def total(x):
        return x.sum()

    total.define_rule(x=lambda g, x_shape: tt.broadcast_to(g, x_shape))
    check_rule(total, X)


def test_what_was_reduced_is_spread_out():
    @tt.operation
    def total(x):
        return x.sum(axis=1, keepdims=True)

    total.define_rule(x=lambda g: g)
    check_rule(total, X)


def test_a_rule_for_a_list(joined):
    def pull(g, parts_shape, dim):
        return tt.split(g, [shape[dim] for shape in parts_shape], dim)

    joined.define_rule(parts=pull)
    check_rule(joined, [X, X + 1, X[:1]])
    check_rule(joined, [X, X[:, :2]], dim=1)
    joined.define_rule(parts=lambda g, parts_shape, dim: pull(g, parts_shape, dim)[::-1])
    with pytest.raises(AssertionError, match=r"joined: the gradient of parts\[0\]"):
        check_rule(joined, [X, X + 1])


def test_a_rule_for_several_results():
    @tt.operation
    def both(x):
        return np.sin(x), np.cos(x)

    both.define_rule(x=lambda g, x: g[0] * tt.cos(x) - g[1] * tt.sin(x))
    check_rule(both, X)


def test_integer_results_carry_no_gradient():
    @tt.operation
    def with_position(x):
        return x * 2, np.argsort(x, axis=-1)

    with_position.define_rule(x=lambda g: g[0] * 2)
    check_rule(with_position, X)


def test_a_fused_rule(product):
    asked = []

    @product.define_fused_rule
    def _(g, needs, a, b):
        asked.append(needs)
        return (g * b if needs[0] else None), (g * a if needs[1] else None)

    check_rule(product, X, Y)
    check_rule(product, X, np.array([1, 2, 3]))
    assert asked == [(True, True), (True, False)]

    @product.define_fused_rule
    def _(g, needs, a, b):
        return g * b, g * b

    with pytest.raises(AssertionError, match="product: the gradient of b"):
        check_rule(product, X, X + 1)


def test_rules_that_ask_for_what_is_not_there(product, refused):
    with refused(TypeError, "product", "c"):
        product.define_rule(c=lambda g: g)
    with refused(TypeError, "product", "root"):
        product.define_rule(a=lambda g, root: g)
    with refused(TypeError, "product", "g"):
        product.define_rule(a=lambda b, g: g)
    with refused(TypeError, "product", "needs"):
        product.define_rule(a=lambda g, needs: g)
    with refused(TypeError, "product", "root"):
        product.define_fused_rule(lambda g, needs, root: (g, g))
    assert product.rule is None


def test_unbroadcast(assert_tensor):
    g = np.arange(6.0).reshape(2, 3)
    assert tt.unbroadcast(g, (2, 3)) is g
    assert tt.unbroadcast(g, (3,)).tolist() == [3, 5, 7]
    assert tt.unbroadcast(g, (2, 1)).tolist() == [[3], [12]]
    assert tt.unbroadcast(g, (1, 1)).tolist() == [[15]]
    assert tt.unbroadcast(g, ()) == 15
    assert tt.unbroadcast(g[:, :1], (2, 3)).tolist() == [[0, 0, 0], [3, 3, 3]]
    assert_tensor(tt.unbroadcast(tt.tensor(g), (3,)), np.float64([3, 5, 7]), "unbroadcast to (3,)")


def test_central_differences():
    x = np.array([1.0, 2.0])
    found = central_difference(lambda inputs: float((inputs[0] ** 2).sum()), [x], 0)
    assert np.allclose(found, [2, 4])
    assert x.tolist() == [1, 2], "the inputs are as they were"
