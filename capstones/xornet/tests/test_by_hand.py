"""The gradients that were derived by hand, against central differences and against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.tensor import tensor
from tinytorch_xornet import loss_and_gradients, loss_of, make_network, worst_error, xor_problem


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), hidden=st.integers(1, 12))
def test_gradients_agree_with_central_differences(seed, hidden):
    x, y = xor_problem()
    network = make_network(hidden, seed).double()
    assert worst_error(network, x.double(), y.double()) < 1e-7


def test_worst_error_notices_a_wrong_gradient(monkeypatch):
    from tinytorch_xornet import by_hand

    right = by_hand.loss_and_gradients

    def wrong(network, x, y):
        loss, gradients = right(network, x, y)
        return loss, [gradients[0] * 1.001, *gradients[1:]]

    monkeypatch.setattr(by_hand, "loss_and_gradients", wrong)
    x, y = xor_problem()
    assert worst_error(make_network().double(), x.double(), y.double()) > 1e-5


def test_worst_error_leaves_the_network_as_it_was():
    x, y = xor_problem()
    network = make_network().double()
    before = [p.detach().clone().numpy() for p in network.parameters()]
    worst_error(network, x.double(), y.double())
    for was, parameter in zip(before, network.parameters(), strict=True):
        np.testing.assert_array_equal(parameter.detach().numpy(), was)


def test_gradients_have_the_parameters_order_and_shapes():
    x, y = xor_problem()
    network = make_network(hidden=5)
    _, gradients = loss_and_gradients(network, x, y)
    assert [g.shape for g in gradients] == [p.shape for p in network.parameters()]


def test_the_loss_is_the_mean_cross_entropy():
    logits = np.array([[-2.0], [0.5], [3.0], [0.0]])
    targets = np.array([[0.0], [1.0], [0.0], [1.0]])
    p = 1 / (1 + np.exp(-logits))
    expected = -np.mean(targets * np.log(p) + (1 - targets) * np.log(1 - p))
    assert loss_of(tensor(logits), tensor(targets)).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("z", [1e4, -1e4])
def test_the_loss_of_a_confident_mistake_is_finite_and_large(z):
    wrong = tensor([[0.0 if z > 0 else 1.0]])
    assert loss_of(tensor([[z]]), wrong).item() == pytest.approx(1e4)
    assert loss_of(tensor([[z]]), 1 - wrong).item() == 0
