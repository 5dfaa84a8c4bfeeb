"""The network's shapes and size."""

import numpy as np
import pytest
from tinytorch_cifar10 import Residual, make_network

from tinytorch.autograd import no_grad
from tinytorch.tensor import Tensor, zeros


@pytest.mark.parametrize("width", [1, 3, 32])
def test_images_become_scores(width):
    with no_grad():
        assert make_network(width, classes=7)(zeros(2, 3, 32, 32)).shape == (2, 7)


def test_the_default_has_as_many_parameters_as_the_readme_says():
    assert sum(p.numel() for p in make_network().parameters()) == 279_466


def test_the_same_generator_gives_the_same_network():
    one, two = (make_network(2, generator=np.random.default_rng(4)) for _ in range(2))
    for p, q in zip(one.parameters(), two.parameters(), strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())


def test_a_residual_adds_what_comes_in():
    body = make_network(1)[0:1]
    x = Tensor(np.random.default_rng(0).standard_normal((1, 1, 4, 4), np.float32))

    class Half(type(body)):
        def forward(self, x):
            return 0.5 * x

    np.testing.assert_allclose(Residual(Half())(x).numpy(), 1.5 * x.numpy())
