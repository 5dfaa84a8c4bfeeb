"""Task 5.3: counting parameters."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.activations import ReLU, Tanh
from tinytorch.layers import Identity, Linear, Module, ModuleList, Parameter
from tinytorch.networks import MLP, Sequential, count_parameters
from tinytorch.tensor import ones, tensor, zeros


def expect(found: Any, expected: int, tried: str) -> None:
    assert found == expected, f"count_parameters of {tried} gave {found}, expected {expected}"
    assert type(found) is int, f"count_parameters of {tried} gave a {type(found).__name__}, no int"


class Bag(Module):
    """Holds what it is given, by name."""

    def __init__(self, **parts: Any) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


BY_HAND: dict[str, tuple[Callable[[], Module], int]] = {
    "linear": (lambda: Linear(3, 5), 3 * 5 + 5),
    "no-bias": (lambda: Linear(3, 5, bias=False), 15),
    "no-inputs": (lambda: Linear(0, 4), 4),
    "no-outputs": (lambda: Linear(4, 0), 0),
    "xornet": (lambda: MLP(2, [8], 1), (2 * 8 + 8) + (8 * 1 + 1)),
    "digits": (lambda: MLP(784, [128], 10), 101_770),
    "deeper": (lambda: MLP(784, [128, 64], 10, bias=False), 784 * 128 + 128 * 64 + 64 * 10),
    "empty": (lambda: Sequential(), 0),
    "activations": (lambda: Sequential(ReLU(), Tanh(), Identity(), lambda x: x), 0),
    "nested": (lambda: Sequential(Linear(2, 2), Sequential(Sequential(Linear(2, 3)))), 6 + 9),
    "list": (lambda: ModuleList([Linear(1, 1), Linear(2, 2)]), 2 + 6),
    "one-number": (lambda: Bag(scale=Parameter(tensor(1.0))), 1),
    "empty-parameter": (lambda: Bag(empty=Parameter(zeros(0, 7))), 0),
    "kernel": (lambda: Bag(kernel=Parameter(zeros(4, 3, 5, 5)), inner=Linear(2, 1)), 300 + 3),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_by_hand(case: str) -> None:
    build, expected = BY_HAND[case]
    network = build()
    expect(count_parameters(network), expected, repr(network))


def test_a_layer_used_twice_counts_once() -> None:
    shared = Linear(4, 4)
    expect(count_parameters(Sequential(shared, ReLU(), shared)), 20, "a layer used twice")


def test_a_parameter_that_two_layers_share_counts_once() -> None:
    a, b = Linear(3, 3), Linear(3, 3)
    b.weight = a.weight
    expect(count_parameters(Sequential(a, b)), 9 + 3 + 3, "two layers with one weight")


def test_equal_values_are_not_sharing() -> None:
    a = Bag(p=Parameter(ones(3)), q=Parameter(ones(3)))
    expect(count_parameters(a), 6, "two parameters with the same values")


def test_buffers_and_plain_tensors_are_not_parameters() -> None:
    module = Bag(p=Parameter(ones(3)), plain=ones(100))
    module.register_buffer("mean", ones(50))
    module.register_parameter("nothing", None)
    expect(count_parameters(module), 3, "a module with a buffer and a plain tensor")


def test_frozen_parameters_count_unless_only_trainable_ones_are_asked_for() -> None:
    network = Sequential(Linear(4, 3), ReLU(), Linear(3, 2))
    network[0].requires_grad_(False)
    expect(count_parameters(network), 15 + 8, "a network with its first layer frozen")
    found = count_parameters(network, trainable_only=True)
    assert found == 8, f"trainable only: {found}, expected the 3 * 2 + 2 = 8 of the last layer"
    assert count_parameters(network, True) == 8, "trainable_only may be given by position"


def test_one_frozen_parameter_of_a_layer() -> None:
    layer = Linear(4, 3)
    layer.weight.requires_grad_(False)
    found = count_parameters(layer, trainable_only=True)
    assert found == 3, f"with the weight frozen the bias is left: 3, not {found}"
    layer.requires_grad_(False)
    assert count_parameters(layer, trainable_only=True) == 0
    assert count_parameters(layer, trainable_only=False) == 15


def test_modes_and_dtypes_do_not_matter() -> None:
    network = MLP(3, [4], 2)
    expect(count_parameters(network.eval()), 26, "a network in evaluation mode")
    expect(count_parameters(network.double()), 26, "a float64 network")


def test_counting_changes_nothing() -> None:
    network = MLP(3, [4], 2)
    before = {name: value.numpy().copy() for name, value in network.state_dict().items()}
    count_parameters(network, trainable_only=True)
    assert all(np.array_equal(before[k], v.numpy()) for k, v in network.state_dict().items())
    assert all(parameter.requires_grad for parameter in network.parameters())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 12), min_size=2, max_size=6), st.booleans())
def test_an_mlp_has_a_matrix_and_a_vector_a_layer(sizes: list[int], bias: bool) -> None:
    n, *hidden, m = sizes
    expected = sum(a * b + (b if bias else 0) for a, b in pairwise(sizes))
    expect(count_parameters(MLP(n, hidden, m, bias=bias)), expected, f"{sizes}, bias={bias}")


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=5))
def test_parts_add_up(layers: list[tuple[int, int, bool]]) -> None:
    parts = [Linear(n, m).requires_grad_(learns) for n, m, learns in layers]
    network = Sequential(*parts)
    expect(count_parameters(network), sum(map(count_parameters, parts)), f"layers {layers}")
    trainable = sum(n * m + m for n, m, learns in layers if learns)
    found = count_parameters(network, trainable_only=True)
    assert found == trainable, f"trainable in {layers}: {found}, expected {trainable}"
