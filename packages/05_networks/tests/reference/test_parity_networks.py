"""The same networks here and in PyTorch: state, outputs, how they show, and what they cost."""

from collections import OrderedDict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import tinytorch.activations as activations
from tinytorch import layers
from tinytorch.networks import MLP, Sequential, count_parameters, linear_flops, summary
from tinytorch.tensor import tensor


def pair(*sizes: int, bias: bool = True, activation: str = "ReLU") -> tuple[Any, Any]:
    """An MLP of ours and the same network of PyTorch's, with ours' weights."""
    ours = MLP(sizes[0], sizes[1:-1], sizes[-1], getattr(activations, activation)(), bias=bias)
    parts: list[Any] = []
    for n, m in pairwise(sizes):
        parts += [torch.nn.Linear(n, m, bias=bias), getattr(torch.nn, activation)()]
    theirs = torch.nn.Sequential(*parts[:-1])
    state = {name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()}
    assert theirs.load_state_dict(state).missing_keys == []
    return ours, theirs


def equal(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-5, atol=1e-6)


SIZES = [(2, 8, 1), (5, 3), (7, 6, 5, 4), (3, 1, 3)]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("bias", [True, False])
def test_state_keys(sizes: tuple[int, ...], bias: bool) -> None:
    ours, theirs = pair(*sizes, bias=bias)
    found = [(name, value.shape) for name, value in ours.state_dict().items()]
    assert found == [(name, tuple(value.shape)) for name, value in theirs.state_dict().items()]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("activation", ["ReLU", "Tanh", "GELU", "SiLU", "Sigmoid", "LeakyReLU"])
@pytest.mark.parametrize("lead", [(), (1,), (9,), (0,), (2, 3)])
def test_outputs(sizes: tuple[int, ...], activation: str, lead: tuple[int, ...]) -> None:
    ours, theirs = pair(*sizes, activation=activation)
    x = np.random.default_rng(0).standard_normal((*lead, sizes[0])).astype(np.float32)
    equal(ours(tensor(x)), theirs(torch.tensor(x)))


def test_a_state_of_pytorch_loads_into_a_sequential() -> None:
    theirs = torch.nn.Sequential(
        OrderedDict(
            body=torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Tanh()),
            head=torch.nn.Linear(6, 2),
        )
    )
    ours = Sequential(
        OrderedDict(
            body=Sequential(layers.Linear(4, 6), activations.Tanh()), head=layers.Linear(6, 2)
        )
    )
    ours.load_state_dict({name: tensor(v.numpy()) for name, v in theirs.state_dict().items()})
    x = np.random.default_rng(1).standard_normal((3, 4)).astype(np.float32)
    equal(ours(tensor(x)), theirs(torch.tensor(x)))


def build(linear: Any, sequential: Any, activation: Any) -> list[Any]:
    return [
        sequential(),
        sequential(linear(2, 8), activation.ReLU(), linear(8, 1, bias=False)),
        sequential(sequential(linear(2, 2)), activation.LeakyReLU(0.2), activation.Tanh()),
        sequential(OrderedDict(first=linear(1, 2), act=activation.Softmax(dim=1))),
        sequential(activation.GELU(), activation.ELU(), activation.Sigmoid(), activation.SiLU()),
        sequential(linear(1, 1), linear(2, 2), linear(3, 3), linear(4, 4))[1:3],
        sequential(linear(1, 1)).append(linear(2, 2)),
    ]


def test_they_show_as_pytorch_s_do() -> None:
    ours = build(layers.Linear, Sequential, activations)
    theirs = build(torch.nn.Linear, torch.nn.Sequential, torch.nn)
    assert [repr(network) for network in ours] == [repr(network) for network in theirs]


CHANGES: list[Any] = [
    lambda net, layer: net.append(layer),
    lambda net, layer: net.extend([layer, layer]),
    lambda net, layer: net.insert(0, layer),
    lambda net, layer: net.insert(2, layer),
    lambda net, layer: net.insert(-1, layer),
    lambda net, layer: net.insert(3, layer),
    lambda net, layer: net.__setitem__(1, layer),
    lambda net, layer: net.__setitem__(-1, layer),
    lambda net, layer: net.__delitem__(0),
    lambda net, layer: net.__delitem__(-1),
    lambda net, layer: net.__delitem__(slice(0, 2)),
]


@pytest.mark.parametrize("change", CHANGES)
def test_changing_a_network_leaves_the_same_state(change: Any) -> None:
    ours = Sequential(*(layers.Linear(n, n) for n in (1, 2, 3)))
    theirs = torch.nn.Sequential(*(torch.nn.Linear(n, n) for n in (1, 2, 3)))
    change(ours, layers.Linear(9, 9))
    change(theirs, torch.nn.Linear(9, 9))
    found = [(name, value.shape) for name, value in ours.state_dict().items()]
    assert found == [(name, tuple(value.shape)) for name, value in theirs.state_dict().items()]


@pytest.mark.parametrize("index", [0, 2, -1, -3, 3, -4])
def test_positions(index: int) -> None:
    ours = Sequential(*(layers.Linear(n, n) for n in (1, 2, 3)))
    theirs = torch.nn.Sequential(*(torch.nn.Linear(n, n) for n in (1, 2, 3)))
    if not -3 <= index < 3:
        for network in (ours, theirs):
            with pytest.raises(IndexError):
                network[index]
        return
    assert ours[index].in_features == theirs[index].in_features


def test_appending_to_a_slice_is_where_we_differ() -> None:
    # PyTorch calls the new layer by the length, a name that the slice has already: it is replaced.
    theirs = torch.nn.Sequential(*(torch.nn.Linear(n, n) for n in (1, 2, 3)))[1:]
    assert len(theirs.append(torch.nn.Linear(9, 9))) == 2
    ours = Sequential(*(layers.Linear(n, n) for n in (1, 2, 3)))[1:]
    assert len(ours.append(layers.Linear(9, 9))) == 3


def counted_by_pytorch(network: Any, shape: tuple[int, ...]) -> int:
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(shape))
    return counter.get_total_flops()


@pytest.mark.parametrize(("rows", "n", "m"), [(1, 1, 1), (4, 2, 8), (32, 784, 128), (3, 5, 7)])
def test_flops_of_one_layer(rows: int, n: int, m: int) -> None:
    # PyTorch counts a matrix product as 2·rows·n·m, as if each sum of n products took n additions,
    # and a bias as nothing. We count the n − 1 additions that a sum takes, and one for the bias:
    # with a bias the two agree, without one ours is lower by one for each result.
    with_bias = counted_by_pytorch(torch.nn.Linear(n, m), (rows, n))
    without = counted_by_pytorch(torch.nn.Linear(n, m, bias=False), (rows, n))
    assert linear_flops(rows, n, m, bias=True) == with_bias
    assert linear_flops(rows, n, m, bias=False) == without - rows * m


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("lead", [(1,), (9,), (2, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_flops_of_networks(sizes: tuple[int, ...], lead: tuple[int, ...], bias: bool) -> None:
    # PyTorch counts products alone; we also count one for each result of an activation.
    ours, theirs = pair(*sizes, bias=bias)
    rows = int(np.prod(lead))
    activated = rows * sum(sizes[1:-1])
    not_added = 0 if bias else rows * sum(sizes[1:])
    expected = counted_by_pytorch(theirs, (*lead, sizes[0])) + activated - not_added
    assert summary(ours, (*lead, sizes[0])).flops == expected


@pytest.mark.parametrize("sizes", SIZES)
def test_parameters_and_their_bytes(sizes: tuple[int, ...]) -> None:
    ours, theirs = pair(*sizes)
    theirs[0].weight.requires_grad_(False)
    ours[0].weight.requires_grad_(False)
    parameters = list(theirs.parameters())
    assert count_parameters(ours) == sum(p.numel() for p in parameters)
    assert count_parameters(ours, trainable_only=True) == sum(
        p.numel() for p in parameters if p.requires_grad
    )
    report = summary(ours, (4, sizes[0]))
    assert report.parameter_bytes == sum(p.numel() * p.element_size() for p in parameters)


def test_results_have_the_bytes_that_pytorch_s_have() -> None:
    ours, theirs = pair(5, 7, 3)
    seen: list[int] = []
    for part in theirs:
        part.register_forward_hook(lambda _m, _i, out: seen.append(out.numel() * out.itemsize))
    theirs(torch.zeros(6, 5))
    report = summary(ours, (6, 5))
    assert [layer.activation_bytes for layer in report.layers] == seen
