"""Task 5.2: the multilayer perceptron."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.activations import ReLU, Tanh, relu
from tinytorch.layers import Identity, Linear, Module, Parameter
from tinytorch.networks import MLP, Sequential, layer_sizes
from tinytorch.tensor import Tensor, manual_seed, tensor, zeros


def linear_layers(network: Any) -> list[Linear]:
    return [layer for layer in network if isinstance(layer, Linear)]


def filled(network: Module, seed: int) -> list[np.ndarray]:
    """Give the network parameters of the check's own; returns them. What a parameter says that it
    holds is for the code to say.
    """
    rng = np.random.default_rng(seed)
    values = []
    for parameter in network.parameters():
        drawn = rng.standard_normal(parameter.shape).astype(np.float32) / 2
        parameter.detach().copy_(tensor(drawn))
        values.append(drawn)
    return values


def weights(network: Module) -> list[Any]:
    return [parameter.detach().numpy() for parameter in network.parameters()]


# The sizes


@pytest.mark.parametrize(
    ("given_sizes", "expected"),
    [
        ((2, [8], 1), [(2, 8), (8, 1)]),
        ((784, [128, 64], 10), [(784, 128), (128, 64), (64, 10)]),
        ((3, [], 5), [(3, 5)]),
        ((1, [1, 1, 1], 1), [(1, 1)] * 4),
        ((4, (7, 6), 5), [(4, 7), (7, 6), (6, 5)]),
    ],
)
def test_layer_sizes_by_hand(given_sizes: Any, expected: list[tuple[int, int]]) -> None:
    found = [tuple(pair) for pair in layer_sizes(*given_sizes)]
    assert found == expected, f"layer_sizes{given_sizes} gave {found}, expected {expected}"


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, 99), st.lists(st.integers(1, 99), max_size=6), st.integers(1, 99))
def test_what_one_layer_gives_the_next_one_takes(n: int, hidden: list[int], m: int) -> None:
    before = list(hidden)
    pairs = list(layer_sizes(n, hidden, m))
    tried = f"layer_sizes({n}, {before}, {m}) gave {pairs}"
    assert len(pairs) == len(before) + 1, f"{tried}: expected {len(before) + 1} layers"
    assert pairs[0][0] == n, f"{tried}: the first should take {n}"
    assert pairs[-1][1] == m, f"{tried}: the last should give {m}"
    assert [out for _, out in pairs[:-1]] == before, f"{tried}: the hidden sizes should be {before}"
    assert all(a[1] == b[0] for a, b in pairwise(pairs)), tried
    assert hidden == before, f"layer_sizes changed the list it was given: {hidden}"


def test_the_sizes_can_be_counted_and_read_twice() -> None:
    pairs = layer_sizes(2, [8, 4], 1)
    assert len(pairs) == 3
    assert list(pairs) == list(pairs), "the pairs are used up once they have been read"


def test_a_single_number_of_hidden_features_is_refused() -> None:
    with pytest.raises(TypeError):
        layer_sizes(2, 8, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        MLP(2, 8, 1)  # type: ignore[arg-type]


# The layers


def test_there_is_an_activation_between_two_layers_and_none_at_the_end() -> None:
    network = MLP(4, [8, 6], 3)
    found = [type(layer).__name__ for layer in network]
    expected = ["Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert found == expected, f"MLP(4, [8, 6], 3) has the layers {found}, expected {expected}"
    sizes = [(layer.in_features, layer.out_features) for layer in linear_layers(network)]
    assert sizes == [(4, 8), (8, 6), (6, 3)], f"its linear layers have the sizes {sizes}"


def test_without_hidden_layers_it_is_one_linear_layer() -> None:
    network = MLP(4, [], 3)
    assert len(network) == 1, f"MLP(4, [], 3) has {len(network)} layers, expected one"
    assert isinstance(network[0], Linear), f"its only layer is {network[0]!r}, expected a Linear"


def test_an_output_can_be_negative() -> None:
    # With an activation after the last layer it could not.
    found = MLP(3, [50], 40, generator=np.random.default_rng(0))(
        tensor(np.eye(3, dtype=np.float32))
    )
    assert found.min().item() < 0, "no output of a random MLP is negative: is its end a ReLU?"


def test_it_is_a_sequential() -> None:
    network = MLP(2, [8], 1)
    assert isinstance(network, Sequential)
    found = list(network.state_dict())
    expected = ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert found == expected, f"MLP(2, [8], 1) has the state {found}, expected {expected}"
    assert isinstance(network[:2], Sequential)
    assert len(network[:2]) == 2


def test_it_computes_what_numpy_computes() -> None:
    network = MLP(3, [5, 4], 2)
    x = np.random.default_rng(2).standard_normal((7, 3)).astype(np.float32)
    w1, b1, w2, b2, w3, b3 = filled(network, seed=1)
    hidden = np.maximum(np.maximum(x @ w1.T + b1, 0) @ w2.T + b2, 0)
    np.testing.assert_allclose(
        network(tensor(x)).detach().numpy(),
        hidden @ w3.T + b3,
        rtol=1e-4,
        atol=1e-5,
        err_msg="MLP(3, [5, 4], 2) is not linear, ReLU, linear, ReLU, linear",
    )


@pytest.mark.parametrize("shape", [(3,), (0, 3), (6, 3), (2, 5, 3)])
@pytest.mark.parametrize("hidden", [[], [4], [4, 4, 4]], ids=str)
def test_shapes(shape: tuple[int, ...], hidden: list[int]) -> None:
    found = MLP(3, hidden, 2)(zeros(shape)).shape
    expected = (*shape[:-1], 2)
    assert found == expected, f"MLP(3, {hidden}, 2) on {shape} gave {found}, expected {expected}"


def test_layers_with_and_without_bias() -> None:
    assert [layer.bias is None for layer in linear_layers(MLP(2, [3, 4], 1, bias=False))] == [
        True,
        True,
        True,
    ], "with bias=False no layer should have a bias"
    assert all(layer.bias is not None for layer in linear_layers(MLP(2, [3, 4], 1)))
    keys = list(MLP(2, [3], 1, bias=False).state_dict())
    assert keys == ["0.weight", "2.weight"], f"without bias the state is {keys}"


def test_without_bias_nothing_in_is_nothing_out() -> None:
    found = MLP(3, [5], 2, bias=False)(zeros(1, 3)).tolist()
    assert found == [[0.0, 0.0]], f"an MLP without bias made {found} of zeros"


@pytest.mark.parametrize(
    "activation",
    [Tanh(), relu, lambda x: x * x, Identity()],
    ids=["Tanh", "relu", "square", "Identity"],
)
def test_any_callable_is_an_activation(activation: Any) -> None:
    network = MLP(2, [3, 3], 1, activation, generator=np.random.default_rng(0))
    found = [network[i] is activation for i in (1, 3)]
    assert found == [True, True], f"at positions 1 and 3 of {network!r} is not the one given"
    x = tensor([[1.0, -2.0]])
    a, _, b, _, c = network
    expected = c(activation(b(activation(a(x)))))
    assert network(x).tolist() == expected.tolist()


def test_a_falsy_activation_is_still_the_one_given() -> None:
    # An empty Sequential has the length 0, which `activation or ReLU()` takes for nothing.
    nothing = Sequential()
    network = MLP(2, [3], 1, activation=nothing)
    assert network[1] is nothing, f"MLP(…, activation=Sequential()) has {network[1]!r} in its place"


def test_an_activation_class_is_refused_with_the_fix() -> None:
    with pytest.raises(TypeError, match=r"Tanh\(\)"):
        MLP(2, [4], 1, Tanh)


def test_an_activation_with_parameters_is_shared() -> None:
    class Steep(Module):
        def __init__(self) -> None:
            super().__init__()
            self.slope = Parameter(tensor([2.0]))

        def forward(self, x: Tensor) -> Tensor:
            return x * self.slope

    network = MLP(1, [1, 1], 1, Steep(), bias=False)
    assert network[1] is network[3], "the activation should be one object at all places"
    assert len(list(network.parameters())) == 4


def test_with_the_identity_between_them_two_layers_are_one() -> None:
    network = MLP(4, [9], 3, Identity())
    w1, b1, w2, b2 = filled(network, seed=3)
    x = np.random.default_rng(4).standard_normal((5, 4)).astype(np.float32)
    np.testing.assert_allclose(
        network(tensor(x)).detach().numpy(),
        x @ (w2 @ w1).T + (w2 @ b1 + b2),
        rtol=1e-4,
        atol=1e-5,
        err_msg="W2 (W1 x + b1) + b2 should be (W2 W1) x + (W2 b1 + b2)",
    )


# First values


def test_the_same_generator_gives_the_same_weights() -> None:
    one = weights(MLP(3, [4, 5], 2, generator=np.random.default_rng(7)))
    same = weights(MLP(3, [4, 5], 2, generator=np.random.default_rng(7)))
    other = weights(MLP(3, [4, 5], 2, generator=np.random.default_rng(8)))
    for i, (a, b, c) in enumerate(zip(one, same, other, strict=True)):
        assert np.array_equal(a, b), f"parameter {i} differs between two MLPs of one seed"
        assert not np.array_equal(a, c), f"parameter {i} is the same for seeds 7 and 8"


def test_layers_draw_from_one_generator_in_turn() -> None:
    generator = np.random.default_rng(5)
    expected = [Linear(3, 3, generator=generator) for _ in range(3)]
    network = MLP(3, [3, 3], 3, generator=np.random.default_rng(5))
    for i, (ours, theirs) in enumerate(zip(linear_layers(network), expected, strict=True)):
        assert np.array_equal(ours.weight.detach().numpy(), theirs.weight.detach().numpy()), (
            f"linear layer {i} should draw where the one before it stopped"
        )


def test_without_a_generator_the_default_one_draws() -> None:
    manual_seed(11)
    one = weights(MLP(2, [3], 1))
    manual_seed(11)
    same = weights(MLP(2, [3], 1))
    next_ones = weights(MLP(2, [3], 1))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0], next_ones[0])


def test_two_networks_share_nothing() -> None:
    a, b = MLP(2, [3], 1, ReLU()), MLP(2, [3], 1, ReLU())
    before = b[0].weight.tolist()
    a[0].weight.detach().fill_(0.0)
    assert b[0].weight.tolist() == before, "writing to one MLP changed another"


def test_an_mlp_without_keyword_arguments_has_biases_and_relus() -> None:
    network = MLP(2, [3], 1)
    assert isinstance(network[1], ReLU), f"by default the activation is {network[1]!r}, not ReLU()"
    assert network[0].bias is not None
