"""Task 9.6: Jacobians by central differences and by the way back, and the check made of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.autograd.checking import analytical_jacobian, numerical_jacobian
from tinytorch.tensor import Tensor, operation


def leaf(values: Any) -> Any:
    return Tensor(np.array(values, dtype=np.float64), requires_grad=True)


# By differences


def test_a_jacobian_has_a_row_for_each_output_and_a_column_for_each_input(drawn: Any) -> None:
    matrix, x = drawn(2, 3), drawn(3, seed=1)
    (found,) = numerical_jacobian(lambda x: [matrix @ x], x, 1e-6)
    np.testing.assert_allclose(found, matrix, rtol=1e-6, atol=1e-8)


def test_inputs_and_outputs_of_any_shape(drawn: Any) -> None:
    x = drawn(2, 3)
    found = numerical_jacobian(lambda x: [np.sin(x).T.copy(), x.sum(), x[:, :1] ** 2], x, 1e-6)
    of_sine, of_sum, of_square = found
    places = np.arange(6).reshape(2, 3)
    expected = np.zeros((6, 6))
    expected[np.arange(6), places.T.reshape(-1)] = np.cos(x).T.reshape(-1)
    np.testing.assert_allclose(of_sine, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(of_sum, np.ones((1, 6)), rtol=1e-6)
    expected = np.zeros((2, 6))
    expected[[0, 1], [0, 3]] = 2 * x[:, 0]
    np.testing.assert_allclose(of_square, expected, rtol=1e-6, atol=1e-8)


def test_a_number_as_input_and_output() -> None:
    (found,) = numerical_jacobian(lambda x: [np.exp(x)], np.array(0.5), 1e-6)
    np.testing.assert_allclose(found, [[np.exp(0.5)]], rtol=1e-6)


def test_differences_are_central() -> None:
    """Of x³ with a step h: 3x² + h², where a step to one side would give 3x² + 3xh + h²."""
    for eps in (0.5, 0.25):
        (found,) = numerical_jacobian(lambda x: [x**3], np.array([1.0, -2.0]), eps)
        np.testing.assert_allclose(found, np.diag([3 + eps**2, 12 + eps**2]), rtol=1e-12)


def test_x_is_left_alone(drawn: Any) -> None:
    x = drawn(3)
    before = x.copy()
    numerical_jacobian(lambda x: [x * 2], x, 1e-6)
    np.testing.assert_array_equal(x, before)


def test_only_one_number_moves_at_a_time() -> None:
    seen: list[Any] = []
    start = np.array([1.0, 2.0])

    def function(x: Any) -> Any:
        seen.append(np.array(x))
        assert start.tolist() == [1.0, 2.0], "it is a copy that moves"
        return [x.sum(keepdims=True)]

    numerical_jacobian(function, start, 0.5)
    moved = {tuple(float(n) for n in x - start) for x in seen}
    assert moved - {(0.0, 0.0)} == {(0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5)}


def test_an_output_or_input_of_nothing() -> None:
    (found,) = numerical_jacobian(lambda x: [x[:0].copy()], np.ones(3), 1e-6)
    assert found.shape == (0, 3)


# By the way back


def test_rows_of_a_jacobian_by_the_way_back(drawn: Any) -> None:
    values = drawn(2, 3)
    x = leaf(values)
    found = analytical_jacobian(tt.stack([tt.sin(x), x], 0), x)
    expected = np.concatenate([np.diag(np.cos(values).reshape(-1)), np.eye(6)])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_a_jacobian_that_is_not_symmetric(drawn: Any) -> None:
    values = drawn(4)
    x = leaf(values)
    left, right = x.split([1, 3])
    found = analytical_jacobian(tt.sin(left) + right, x)
    expected = np.concatenate([np.full((3, 1), np.cos(values[0])), np.eye(3)], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_of_an_output_that_does_not_depend_on_it() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0])
    np.testing.assert_array_equal(analytical_jacobian(tt.sin(w), x), np.zeros((1, 2)))


def test_no_grad_field_is_touched_and_the_record_stays() -> None:
    x = leaf([1.0, 2.0])
    y = tt.square(tt.sin(x))
    first = analytical_jacobian(y, x)
    np.testing.assert_array_equal(analytical_jacobian(y, x), first)
    assert x.grad is None


# The check


def test_right_gradients_pass(drawn: Any) -> None:
    x, w = leaf(drawn(2, 3)), leaf(drawn(3, seed=1))
    assert ag.gradcheck(lambda x, w: tt.sin(x) + tt.square(w), (x, w)) is True
    assert ag.gradcheck(tt.cos, x) is True
    assert ag.gradcheck(lambda x, w: (tt.sin(x), x - w, w), [x, w]) is True
    assert x.grad is None
    assert w.grad is None


def wrong(by: float, name: str = "x") -> Any:
    """a + 3b, whose rule gives one of the two a gradient that is wrong by this."""

    @operation
    def crooked(x: Any, w: Any) -> Any:
        return x + 3 * w

    crooked.define_rule(
        x=lambda g: g * (1 + by * (name == "x")), w=lambda g: g * (3 + by * (name == "w"))
    )
    return crooked


@pytest.mark.parametrize("name", ["x", "w"])
@pytest.mark.parametrize("by", [1.0, -1.0, 0.1, 0.01])
def test_wrong_gradients_do_not(name: str, by: float, drawn: Any, refused: Any) -> None:
    x, w = leaf(drawn(2)), leaf(drawn(2, seed=1))
    crooked = wrong(by, name)
    which = f"input {0 if name == 'x' else 1}"
    right = 1.0 if name == "x" else 3.0
    with refused(AssertionError, which, f"{right + by:.6g}", f"{right:.6g}"):
        ag.gradcheck(crooked, (x, w))
    assert ag.gradcheck(crooked, (x, w), raise_exception=False) is False
    assert ag.gradcheck(crooked, (x, w), atol=2.0) is True
    assert ag.gradcheck(crooked, (x, w), rtol=2.0) is True


def test_a_gradient_that_is_lost_is_found_out(drawn: Any, refused: Any) -> None:
    x = leaf(drawn(3))
    with refused(AssertionError, "output 0"):
        ag.gradcheck(lambda x: tt.sin(x.detach()), (x,))
    with refused(AssertionError, "output 1"):
        ag.gradcheck(lambda x: (tt.sin(x), tt.sin(x.detach())), (x,))
    assert ag.gradcheck(lambda x: (tt.sin(x), Tensor(np.ones(2))), (x,)) is True


def test_nan_agrees_with_nothing(refused: Any) -> None:
    with np.errstate(invalid="ignore"), refused(AssertionError, "nan"):
        ag.gradcheck(tt.sqrt, leaf([-1.0]))


def test_outputs_that_are_no_floats_are_not_looked_at(apart: Any) -> None:
    x = leaf(apart(2, 3))
    assert ag.gradcheck(lambda x: tt.max(x, 1), (x,)) is True
    assert ag.gradcheck(lambda x: (tt.sin(x), x > 0), (x,)) is True


def test_other_inputs_stay_as_they_are(drawn: Any) -> None:
    """An index, a number, a tensor that requires no gradient."""
    x, index = leaf(drawn(3)), Tensor(np.array([0, 2]))
    bound = Tensor(np.zeros(3, np.float32))
    assert ag.gradcheck(lambda x, i, n, b: tt.sin(x)[i] - n, (x, index, 2.0, bound)) is True
    assert ag.gradcheck(lambda x, b: tt.clip(x + 5, min=b), (x, bound)) is True


def test_inside_no_grad(drawn: Any) -> None:
    x = leaf(drawn(3))
    with ag.no_grad():
        assert ag.gradcheck(tt.sin, (x,)) is True
        assert ag.gradgradcheck(tt.sin, (x,)) is True


def test_numbers_and_nothing(drawn: Any) -> None:
    assert ag.gradcheck(tt.sin, (leaf(0.5),)) is True
    assert ag.gradcheck(tt.sin, (leaf(np.zeros((0, 2))),)) is True


def test_what_cannot_be_checked(refused: Any) -> None:
    with refused(ValueError, "gradcheck", "float32"):
        ag.gradcheck(tt.sin, (Tensor(np.ones(2, np.float32), requires_grad=True),))
    with refused(ValueError, "gradcheck", "no input"):
        ag.gradcheck(tt.sin, (Tensor(np.ones(2)),))
    with refused(ValueError, "gradgradcheck", "no input"):
        ag.gradgradcheck(tt.sin, (Tensor(np.ones(2)),))


def test_a_function_that_asks_for_gradients_itself(drawn: Any) -> None:
    def slope(x: Any) -> Any:
        (found,) = ag.grad(tt.square(tt.sin(x)), x, Tensor(np.ones(2)), create_graph=True)
        return found

    x = leaf(drawn(2))
    assert ag.gradcheck(slope, x) is True
    assert ag.gradgradcheck(slope, x) is True
    assert ag.gradgradcheck(lambda x: (tt.sin(x), Tensor(np.ones(2)), x > 0), x) is True


def test_second_order(drawn: Any, refused: Any) -> None:
    x, w = leaf(drawn(2)), leaf(drawn(2, seed=1))
    assert ag.gradgradcheck(lambda x, w: tt.sin(x) - tt.square(w), (x, w)) is True

    @operation
    def cubed(x: Any) -> Any:
        return x**3

    cubed.define_rule(x=lambda g, x: g * 3 * (tt.square(x.detach()) if hasattr(x, "detach")
                                              else x * x))  # fmt: skip
    assert ag.gradcheck(cubed, (x,)) is True
    with refused(AssertionError):
        ag.gradgradcheck(cubed, (x,))
    assert ag.gradgradcheck(cubed, (x,), raise_exception=False) is False
