"""The gradients of the whole network, on the modules that are installed, hold."""

import numpy as np
import pytest
from tinytorch_cifar10 import make_network

from tinytorch.tensor import Tensor
from tinytorch.training import cross_entropy

EPS = 1e-6


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_gradients_agree_with_central_differences(mode):
    rng = np.random.default_rng(2)
    network = getattr(make_network(2, generator=rng).double(), mode)()
    x = Tensor(rng.standard_normal((6, 3, 32, 32)))
    y = Tensor(rng.integers(10, size=6))

    def loss():
        return cross_entropy(network(x), y)

    loss().backward()
    worst = 0.0
    for parameter in network.parameters():
        gradient = np.array(parameter.grad.tolist())
        for _ in range(3):
            place = tuple(int(rng.integers(n)) for n in gradient.shape)
            expected = central_difference(loss, parameter, place)
            error = abs(gradient[place] - expected) / max(1e-3, np.abs(gradient).max())
            worst = max(worst, error)
    assert worst < 1e-4, f"a gradient is off by {worst:.1e} of its largest entry"


def central_difference(function, parameter, place):
    memory = parameter.detach()
    before = memory[place].item()
    sides = []
    for step in (EPS, -EPS):
        memory[place] = before + step
        sides.append(function().item())
    memory[place] = before
    return (sides[0] - sides[1]) / (2 * EPS)
