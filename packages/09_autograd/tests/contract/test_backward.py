"""`backward` and `.grad`: what is given, and must hold for whoever trains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.tensor import Tensor


def leaf(values: Any, dtype: str = "float64") -> Any:
    return Tensor(np.array(values, dtype=dtype), requires_grad=True)


def test_a_small_network_by_hand(drawn: Any, check_gradients: Any) -> None:
    x, w, v = drawn(5, 3), drawn(4, 3, seed=1), drawn(4, seed=2)

    def loss(m: Any) -> Any:
        return lambda x, w, v: (m.tanh(x @ w.T) @ v).mean()

    class Here:
        @staticmethod
        def tanh(x: Any) -> Any:
            import tinytorch.activations as act

            return act.tanh(x)

    check_gradients(loss(Here), loss(np), x, w, v)


def test_a_number_needs_no_gradient_to_begin_with() -> None:
    for shape in ((), (1,), (1, 1)):
        x = leaf(np.full(shape, 3.0))
        (x * x).backward()
        assert x.grad.numpy().tolist() == np.full(shape, 6.0).tolist()


def test_gradients_add_up_until_they_are_taken_away() -> None:
    x = leaf([1.0, 2.0])
    for k in (1, 2, 3):
        (x * 3).sum().backward()
        assert x.grad.numpy().tolist() == [3.0 * k] * 2
    x.grad = None
    (x * 3).sum().backward()
    assert x.grad.numpy().tolist() == [3.0, 3.0]
    x.grad = Tensor(np.array([10.0, 20.0]))
    (x * 3).sum().backward()
    assert x.grad.numpy().tolist() == [13.0, 23.0]


def test_whoever_holds_a_gradient_sees_it_grow() -> None:
    x = leaf([1.0])
    x.sum().backward()
    held = x.grad
    x.sum().backward()
    assert held is x.grad
    assert held.tolist() == [2.0]


def test_only_leaves_that_require_it_get_a_gradient() -> None:
    x, plain = leaf([1.0]), Tensor(np.ones(1))
    middle = x * plain
    (middle * 2).sum().backward()
    assert middle.grad is None
    assert plain.grad is None
    assert x.grad.tolist() == [2.0]


def test_a_leaf_that_is_frozen_afterwards_gets_none() -> None:
    x, w = leaf([1.0]), leaf([2.0])
    y = (x * w).sum()
    w.requires_grad_(False)
    y.backward()
    assert w.grad is None
    assert x.grad.tolist() == [2.0]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    "work",
    [
        lambda a, b: a + b,
        lambda a, b: a - b.clone() + (a - a),
        lambda a, b: tt.stack([a, b]).sum(0),
        lambda a, b: tt.cat([a, b]).reshape(2, 3).sum(0),
        lambda a, b: (a.reshape(3, 1) + b.reshape(3, 1)).T,
        lambda a, b: a.broadcast_to(2, 3).sum(0) + b,
    ],
    ids=["a + b", "clones", "stack", "cat", "reshape", "broadcast"],
)
def test_every_gradient_has_memory_of_its_own(work: Any, create_graph: bool) -> None:
    """Clipping one gradient in place must not clip another, nor what was handed to backward."""
    a, b = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0, 6.0])
    y = work(a, b)
    g = Tensor(np.full(y.shape, 2.0))
    y.backward(g, create_graph=create_graph)
    before = b.grad.detach().numpy().copy()
    with ag.no_grad():
        a.grad.mul_(100)
    assert b.grad.detach().numpy().tolist() == before.tolist(), "b's gradient changed with a's"
    assert g.numpy().tolist() == np.full(y.shape, 2.0).tolist(), "what was handed in changed"
    assert (a.detach().tolist(), b.detach().tolist()) == ([1, 2, 3], [4, 5, 6])


def test_a_gradient_of_the_leaf_itself_is_a_copy() -> None:
    x, g = leaf([1.0, 2.0]), Tensor(np.array([3.0, 4.0]))
    x.backward(g)
    x.grad.mul_(10)
    assert g.tolist() == [3.0, 4.0]
    (found,) = ag.grad(x, x, g)
    found.mul_(10)
    assert g.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_have_the_dtype_and_shape_of_their_leaf(dtype: str) -> None:
    x = leaf([[1.0, 2.0]], dtype)
    (x.double() * x).sum().backward()
    assert (str(x.grad.dtype), x.grad.shape) == (dtype, (1, 2))
    assert x.grad.tolist() == [[2.0, 4.0]]


def test_integers_and_comparisons_carry_none() -> None:
    x = leaf([1.0, -2.0])
    assert not (x > 0).requires_grad
    assert not x.argmax().requires_grad
    assert not x.long().requires_grad
    values, places = x.max(0)
    assert (values.requires_grad, places.requires_grad) == (True, False)


def test_several_tensors_at_a_time() -> None:
    x = leaf([1.0, 2.0])
    a, b = x * 2, (x * 3).sum()
    ag.backward([a, b], [Tensor(np.array([1.0, 10.0])), None])
    assert x.grad.tolist() == [5.0, 23.0]
    y = (x * 1.0).sum()
    x.grad = None
    ag.backward([y, y], retain_graph=True)
    assert x.grad.tolist() == [2.0, 2.0]


def test_parts_of_a_record_that_are_shared() -> None:
    """Two losses of one network, one after the other."""
    x = leaf([1.0, 2.0])
    shared = x * x
    (shared * 2).sum().backward(retain_graph=True)
    (shared * 3).sum().backward()
    assert x.grad.tolist() == [10.0, 20.0]


# What is freed, and what is refused


def test_a_record_can_be_gone_back_over_once(refused: Any) -> None:
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    with refused(RuntimeError, "mul", "retain_graph=True"):
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0], "the way that failed must leave no half gradients"


def test_or_as_often_as_it_is_retained(refused: Any) -> None:
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [6.0, 12.0]
    with refused(RuntimeError, "mul"):
        y.backward(retain_graph=True)


def test_what_has_kept_no_values_can_be_gone_back_over_again() -> None:
    """As in PyTorch: sums, shapes and additions keep no array."""
    x = leaf([[1.0, 2.0]])
    y = (x + x).T.sum() * 2
    y.backward()
    y.backward()
    assert x.grad.tolist() == [[8.0, 8.0]]


def test_freeing_a_shared_part_is_noticed(refused: Any) -> None:
    x = leaf([1.0, 2.0])
    shared = x * x
    (shared * 2).sum().backward()
    with refused(RuntimeError, "mul"):
        (shared * 3).sum().backward()


def test_more_than_a_number_needs_a_gradient_to_begin_with(refused: Any) -> None:
    y = leaf([1.0, 2.0]) * 2
    with refused(RuntimeError, "backward", "(2,)", "sum"):
        y.backward()
    with refused(ValueError, "backward", "(3,)", "(2,)"):
        y.backward(Tensor(np.ones(3)))
    with refused(TypeError, "backward", "2.0"):
        y.backward(2.0)
    with refused(ValueError, "2", "1"):
        ag.backward([y, y], [Tensor(np.ones(2))])
    y.backward(Tensor(np.ones(2)))


def test_what_requires_no_gradient_has_no_way_back(refused: Any) -> None:
    with refused(RuntimeError, "backward", "requires no gradient"):
        Tensor(np.ones(())).backward()
    with refused(RuntimeError, "backward", "no_grad"), ag.no_grad():
        leaf(1.0).exp().backward()
    with refused(RuntimeError, "backward"):
        leaf([1.0]).detach().sum().backward()
    with refused(TypeError, "backward", "3.0"):
        ag.backward(3.0)
    with refused(TypeError, "backward", "3.0"):
        ag.backward([3.0])


def test_an_operation_without_a_rule_is_named(refused: Any) -> None:
    @tt.operation
    def unheard_of(x: Any) -> Any:
        return x * 2

    x = leaf([1.0])
    y = unheard_of(x).sum()
    with refused(NotImplementedError, "unheard_of", "define_rule"):
        y.backward()
    assert x.grad is None
    unheard_of.define_rule(x=lambda g: g * 2)
    with refused(RuntimeError, "unheard_of"):
        y.backward()
    unheard_of(x).sum().backward()
    assert x.grad.tolist() == [2.0]


def test_it_is_no_matter_where_no_gradient_goes(assert_gradient: Any) -> None:
    @tt.operation
    def unruled(x: Any) -> Any:
        return x * 2

    x, w = leaf([1.0]), leaf([2.0])
    (found,) = ag.grad(unruled(x) + w * w, w)
    assert_gradient(found, [4.0], "by w, which unruled has no part in")
    middle = unruled(x)
    (found,) = ag.grad(middle * 3, middle)
    assert_gradient(found, [3.0], "by the result of unruled")


def test_a_rule_that_gives_another_shape_is_named(refused: Any) -> None:
    @tt.operation
    def misshapen(x: Any) -> Any:
        return x * 2

    misshapen.define_rule(x=lambda g: np.ones(5))
    with refused(RuntimeError, "misshapen", "(5,)", "(3,)"):
        misshapen(leaf([1.0, 2.0, 3.0])).sum().backward()


def test_an_input_may_be_left_out(assert_gradient: Any) -> None:
    @tt.operation
    def scaled(x: Any, weight: Any = None) -> Any:
        return x * 1 if weight is None else x * weight

    scaled.define_rule(x=lambda g, weight: g if weight is None else g * weight)
    for weight, expected in ((None, 1.0), (Tensor(np.array([4.0])), 4.0)):
        x = leaf([3.0])
        scaled(x, weight).sum().backward()
        assert_gradient(x.grad, [expected], f"by x, where weight is {weight}")


def test_writes_in_place_are_noticed(refused: Any) -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = (x * w).sum()
    with ag.no_grad():
        w.add_(1)
    with refused(RuntimeError, "mul", "in place"):
        y.backward()
    assert x.grad is None


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x.add_(1), lambda x: x[0].fill_(5), lambda x: x.__setitem__(0, 9.0),
        lambda x: x.detach().mul_(2), lambda x: x.reshape(2, 1).zero_(), lambda x: x.copy_([0, 0]),
    ],
    ids=["add_", "by a view", "setitem", "detached", "reshaped", "copy_"],
)  # fmt: skip
def test_however_they_are_done(write: Any, refused: Any) -> None:
    for needed in (tt.square, tt.log, lambda x: x * x.detach()):
        x = leaf([1.0, 2.0])
        y = needed(x).sum()
        with ag.no_grad():
            write(x)
        with refused(RuntimeError, "in place"):
            y.backward()


def test_a_write_to_a_result_that_its_rule_needs(refused: Any) -> None:
    x = leaf([1.0, 2.0])
    y = tt.exp(x)
    with ag.no_grad():
        y.add_(1)
    with refused(RuntimeError, "exp", "in place"):
        y.sum().backward()


def test_a_write_to_what_no_rule_needs() -> None:
    x = leaf([1.0, 2.0])
    y = (x + 1).sum() + tt.sin(x).sum()
    z = x * 1.0
    with ag.no_grad():
        z.add_(5)
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), 1 + np.cos([1.0, 2.0]))


def test_a_write_after_the_way_back_is_free() -> None:
    x = leaf([1.0, 2.0])
    for _ in range(3):
        x.grad = None
        (x * x).sum().backward()
        with ag.no_grad():
            x.sub_(x.grad * 0.25)
    np.testing.assert_allclose(x.detach().numpy(), [0.125, 0.25])


@pytest.mark.parametrize(
    "read",
    [
        lambda x, i: x[i], lambda x, i: x[i, :], lambda x, i: tt.take(x, i),
        lambda x, i: tt.index_select(x, 0, i),
        lambda x, i: tt.gather(x, 0, i.reshape(2, 1)), lambda x, i: x[:, i],
    ],
    ids=["x[i]", "x[i, :]", "take", "index_select", "gather", "x[:, i]"],
)  # fmt: skip
def test_an_index_that_changes_afterwards_does_no_harm(read: Any) -> None:
    gradients = []
    for change in (False, True):
        x, index = leaf(np.ones((3, 3))), Tensor(np.array([0, 2]))
        y = read(x, index).sum()
        if change:
            index.fill_(1)
        y.backward()
        gradients.append(x.grad.tolist())
    assert gradients[0] == gradients[1]


def test_a_way_that_fails_leaves_recording_as_it_was(refused: Any) -> None:
    x = leaf([1.0])
    y = (x * x).sum()
    y.backward()
    for create_graph in (False, True):
        with refused(RuntimeError, "mul"):
            y.backward(create_graph=create_graph)
        assert ag.is_grad_enabled()
