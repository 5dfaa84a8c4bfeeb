"""Task 14.1: the feed-forward network."""

from typing import Any

import numpy as np
import pytest

from tinytorch.activations import ReLU
from tinytorch.tensor import Tensor
from tinytorch.transformers import FeedForward


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (0, 4), (2, 1, 3, 4)])
def test_two_layers_and_a_bend(
    shape: tuple[int, ...], drawn: Any, stirred: Any, by_numpy: Any, assert_close: Any
) -> None:
    network = stirred(FeedForward(4, dtype="float64"))
    x = drawn(*shape)
    expected = by_numpy.feed_forward(x, by_numpy.parameters(network))
    assert_close(network(Tensor(x)), expected, f"FeedForward(4) of x {shape}")


def test_sizes() -> None:
    shapes = {name: p.shape for name, p in FeedForward(4).named_parameters()}
    assert shapes == {
        "c_fc.weight": (16, 4),
        "c_fc.bias": (16,),
        "c_proj.weight": (4, 16),
        "c_proj.bias": (4,),
    }, "four times as wide inside, where nothing else is asked for"
    narrow = {name: p.shape for name, p in FeedForward(4, 6, bias=False).named_parameters()}
    assert narrow == {"c_fc.weight": (6, 4), "c_proj.weight": (4, 6)}, "hidden=6, bias=False"


def test_another_activation(drawn: Any, stirred: Any, assert_close: Any) -> None:
    network = stirred(FeedForward(3, 5, activation=ReLU(), bias=False, dtype="float64"))
    x = drawn(2, 3)
    wide, narrow = (p.detach().numpy() for p in network.parameters())
    expected = np.maximum(x @ wide.T, 0) @ narrow.T
    assert_close(network(Tensor(x)), expected, "FeedForward(3, 5, activation=ReLU(), bias=False)")


def test_each_place_by_itself(drawn: Any, stirred: Any, assert_close: Any) -> None:
    network, x = stirred(FeedForward(4, dtype="float64")), drawn(2, 3, 4)
    expected = network(Tensor(x)).detach().numpy()
    for i in range(3):
        alone = network(Tensor(x[:, i]))
        assert_close(alone, expected[:, i], f"place {i} alone, and among three")
