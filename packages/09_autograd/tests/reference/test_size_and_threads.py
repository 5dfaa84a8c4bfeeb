"""Deep records, wide ones, and several threads at them."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import tinytorch.activations as act
import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.layers import Linear
from tinytorch.networks import MLP
from tinytorch.tensor import Tensor


def leaf(values: Any) -> Any:
    return Tensor(np.array(values, dtype=np.float64), requires_grad=True)


def test_a_chain_of_100_000_operations() -> None:
    x = leaf([1.0])
    y = x
    for _ in range(50_000):
        y = (y + 1.0) * 0.5
    y.backward(retain_graph=True)
    assert x.grad.tolist() == [0.5**50_000]
    (found,) = ag.grad(y, x)
    assert found.tolist() == [0.5**50_000]


def test_a_second_order_as_deep() -> None:
    x = leaf([0.5])
    y = x
    for _ in range(10_000):
        y = y * 1.0
    (first,) = ag.grad(y * y, x, create_graph=True)
    (second,) = ag.grad(first, x)
    assert second.tolist() == [2.0]


def test_a_deep_record_can_be_dropped() -> None:
    """Without recursion, also where no way back was gone."""
    for last in (lambda y: y, lambda y: y.split(1)[0], lambda y: tt.stack([y, y])):
        y = leaf([1.0, 2.0])
        for _ in range(100_000):
            y = -y
        y = last(y)
        del y
    assert gc.isenabled()


def test_dropped_by_counting_references_alone() -> None:
    gc.collect()
    gc.disable()
    try:
        x = leaf([1.0])
        y = tt.exp(x * 2)
        node = weakref_to_array(y)
        z = (y * y).sum()
        z.backward()
        del y, z
        assert node() is None, "a record holds itself in a circle"
    finally:
        gc.enable()


def weakref_to_array(tensor: Any) -> Any:
    return weakref.ref(tensor)


def test_what_no_rule_needs_is_not_kept() -> None:
    """The result of an addition goes when the program has no use for it."""
    x = leaf(np.ones(4))
    a = x + 1
    gone = weakref.ref(a)
    b = (a + 1).sum()
    del a
    assert gone() is None
    b.backward()


@pytest.mark.parametrize("layers", [60])
def test_residual_layers_take_as_many_rules_as_calls(layers: int) -> None:
    """There are 2⁶⁰ ways through them."""
    ran = []

    @tt.operation
    def layer(x: Any) -> Any:
        return 0.1 * np.tanh(x)

    def rule(g: Any, x: Any) -> Any:
        ran.append(1)
        return g * 0.1 * (1 - tt.square(act.tanh(x)))

    layer.define_rule(x=rule)
    x = leaf([0.3, -0.2])
    y = x
    for _ in range(layers):
        y = y + layer(y)
    (first,) = ag.grad(y.sum(), x, create_graph=True)
    assert len(ran) == layers
    ag.grad(first.sum(), x)
    expected, value = np.ones(2), x.detach().numpy().copy()
    for _ in range(layers):
        expected *= 1 + 0.1 * (1 - np.tanh(value) ** 2)
        value = value + 0.1 * np.tanh(value)
    np.testing.assert_allclose(first.detach().numpy(), expected)


def test_ten_thousand_uses_of_one_leaf() -> None:
    x = leaf([1.0])
    total = x * 0.0
    for _ in range(10_000):
        total = total + x
    total.backward()
    assert x.grad.tolist() == [10_000.0]


# Threads


def test_each_thread_has_its_record_over_shared_leaves() -> None:
    network = MLP(3, [8], 2)
    inputs = np.random.default_rng(0).standard_normal((8, 5, 3)).astype(np.float32)

    def work(k: int) -> None:
        network(Tensor(inputs[k])).sum().backward()

    for k in range(8):
        work(k)
    alone = [p.grad.numpy().copy() for p in network.parameters()]
    for _ in range(5):
        network.zero_grad()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(8)))
        for p, expected in zip(network.parameters(), alone, strict=True):
            np.testing.assert_allclose(p.grad.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_no_sum_is_lost_when_threads_add_to_one_leaf() -> None:
    x = leaf(np.zeros(1000))
    begin = threading.Barrier(8)

    def work() -> None:
        begin.wait(30)
        for _ in range(200):
            (x * 1.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.grad.tolist() == [1600.0] * 1000


def test_a_way_back_in_another_thread_than_the_way_forward() -> None:
    x = leaf([2.0])
    y = x * x
    with ThreadPoolExecutor(1) as pool:
        pool.submit(y.backward).result()
    assert x.grad.tolist() == [4.0]


def test_gradients_of_a_thread_in_no_grad_do_not_concern_another() -> None:
    x = leaf([2.0])

    def work(_: int) -> bool:
        with ag.no_grad():
            quiet = (x * x).requires_grad
        return quiet is False and (x * x).requires_grad

    with ag.no_grad(), ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(100)))


def test_layers_made_before_and_after_train_alike() -> None:
    layer = Linear(3, 2)
    x = Tensor(np.ones((4, 3), np.float32))
    layer(x).sum().backward()
    assert layer.bias is not None
    assert layer.bias.grad.tolist() == [4.0, 4.0]
    np.testing.assert_array_equal(layer.weight.grad.numpy(), np.full((2, 3), 4.0))
