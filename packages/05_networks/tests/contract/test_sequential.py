"""Task 5.1: one layer after another."""

import copy
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.activations import LeakyReLU, ReLU, Softmax, Tanh, relu
from tinytorch.layers import Identity, Linear, Module, Parameter
from tinytorch.networks import Function, Sequential
from tinytorch.tensor import Tensor, tensor

X = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.0]], np.float32)


W1 = np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -3.0]], np.float32)
B1 = np.array([0.5, 0.0, -1.0], np.float32)
W2 = np.array([[2.0, -1.0, 1.0]], np.float32)
B2 = np.array([0.25], np.float32)


def linear(weight: list[list[float]], bias: list[float]) -> Linear:
    """A linear layer with these values."""
    layer = Linear(len(weight[0]), len(weight))
    layer.load_state_dict({"weight": tensor(weight), "bias": tensor(bias)})
    return layer


def first() -> Linear:
    return linear(W1.tolist(), B1.tolist())


def second() -> Linear:
    return linear(W2.tolist(), B2.tolist())


def double(x: Any) -> Any:
    return x * 2


def add_three(x: Any) -> Any:
    return x + 3


def expect(found: Any, expected: Any, tried: str) -> None:
    """Compare a tensor with an array: shape, dtype, values."""
    assert isinstance(found, Tensor), f"{tried} gave a {type(found).__name__}, not a Tensor"
    values = found.detach().numpy()
    assert values.shape == expected.shape, (
        f"{tried} gave the shape {values.shape}, expected {expected.shape}"
    )
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-6, err_msg=tried)


# What a network computes


def test_two_linear_layers_and_a_relu_compute_what_numpy_computes() -> None:
    a, b = first(), second()
    expected = np.maximum(X @ W1.T + B1, 0) @ W2.T + B2
    expect(Sequential(a, ReLU(), b)(tensor(X)), expected, "Sequential(Linear, ReLU(), Linear)(x)")


def test_layers_run_in_the_order_in_which_they_were_given() -> None:
    there = Sequential(double, add_three)(5)
    back = Sequential(add_three, double)(5)
    assert there == 13, f"Sequential(double, add_three)(5) gave {there}, expected 2 * 5 + 3 = 13"
    assert back == 16, f"Sequential(add_three, double)(5) gave {back}, expected 2 * (5 + 3) = 16"


def test_every_layer_runs_once_a_call() -> None:
    calls: list[str] = []

    def noting(name: str) -> Any:
        def layer(x: Any) -> Any:
            calls.append(name)
            return x

        return layer

    Sequential(noting("a"), noting("b"), noting("c"))(1)
    assert calls == ["a", "b", "c"], f"the layers ran as {calls}, expected a, b, c, each once"


def test_a_layer_that_stands_twice_runs_twice() -> None:
    found = Sequential(double, double)(3)
    assert found == 12, f"Sequential(double, double)(3) gave {found}, expected 12"
    shared = linear([[1.0, 1.0], [0.0, 2.0]], [0.0, 1.0])
    w, b = np.array([[1.0, 1.0], [0.0, 2.0]]), np.array([0.0, 1.0])
    expect(Sequential(shared, shared)(tensor(X)), (X @ w.T + b) @ w.T + b, "a layer used twice")


def test_an_empty_network_returns_its_input() -> None:
    x = tensor(X)
    assert Sequential()(x) is x, "Sequential()(x) should be x itself: there is nothing to do"


def test_a_single_layer_is_a_network() -> None:
    layer = first()
    expect(Sequential(layer)(tensor(X)), layer(tensor(X)).detach().numpy(), "Sequential(layer)(x)")


def test_networks_can_be_nested() -> None:
    inner = Sequential(double, Sequential(add_three))
    found = Sequential(inner, double, Sequential())(1)
    assert found == 10, f"((1 * 2) + 3) * 2 through nested networks gave {found}, expected 10"


def test_modules_operations_callables_functions_and_lambdas_mix() -> None:
    found = Sequential(Identity(), relu, LeakyReLU(0.5), lambda x: x + 1)(tensor(X))
    expect(found, np.maximum(X, 0) + 1, "Sequential(Identity(), relu, LeakyReLU(0.5), lambda)(x)")


def test_what_passes_between_layers_need_not_be_one_tensor() -> None:
    found = Sequential(lambda x: (x, x + 1), lambda pair: pair[0] * pair[1])(3)
    assert found == 12, f"a pair between two layers gave {found}, expected 3 * 4 = 12"


@pytest.mark.parametrize("shape", [(2,), (1, 2), (0, 2), (4, 3, 2), (2, 1, 5, 2)])
def test_leading_dimensions_pass_through(shape: tuple[int, ...]) -> None:
    found = Sequential(first(), Tanh(), second())(tensor(np.ones(shape, np.float32)))
    assert found.shape == (*shape[:-1], 1), (
        f"an input of {shape} through 2 -> 3 -> 1 gave the shape {found.shape}, "
        f"expected {(*shape[:-1], 1)}"
    )


def test_a_linear_network_is_one_linear_layer() -> None:
    # Without something in between, W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2).
    expected = X @ (W2 @ W1).T + (W2 @ B1 + B2)
    expect(Sequential(first(), second())(tensor(X)), expected, "two linear layers")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.integers(-9, 9), max_size=8), st.integers(-5, 5))
def test_a_network_is_the_composition_of_its_layers(numbers: list[int], x: int) -> None:
    def layer(n: int) -> Any:
        return lambda value: 3 * value + n

    expected = x
    for n in numbers:
        expected = 3 * expected + n
    found = Sequential(*map(layer, numbers))(x)
    assert found == expected, f"layers 3x + n for n = {numbers} on {x}: {found}, not {expected}"


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 6), st.data())
def test_two_slices_one_after_the_other_are_the_network(size: int, data: Any) -> None:
    layers = [lambda x, n=n: 2 * x + n for n in range(size)]
    network = Sequential(*layers)
    cut = data.draw(st.integers(0, size))
    found = network[cut:](network[:cut](1))
    assert found == network(1), f"cut at {cut} of {size}: {found}, uncut: {network(1)}"


# Looking inside


def test_positions_count_from_both_ends() -> None:
    a, b, c = first(), Tanh(), second()
    network = Sequential(a, b, c)
    for index, expected in [(0, a), (1, b), (2, c), (-1, c), (-2, b), (-3, a)]:
        found = network[index]
        assert found is expected, f"network[{index}] is {found!r}, expected {expected!r}"


def test_a_plain_callable_comes_back_as_it_was_given() -> None:
    activation = Softmax(dim=-1)
    network = Sequential(double, activation, relu)
    assert network[0] is double, f"network[0] is {network[0]!r}, expected the function given"
    assert network[1] is activation, f"network[1] is {network[1]!r}, expected {activation!r}"
    assert network[-1] is relu, f"network[-1] is {network[-1]!r}, expected {relu!r}"


@pytest.mark.parametrize("index", [3, -4, 100])
def test_a_position_outside_is_refused(index: int) -> None:
    network = Sequential(double, double, double)
    with pytest.raises(IndexError):
        network[index]


def test_an_empty_network_has_no_first_layer() -> None:
    with pytest.raises(IndexError):
        Sequential()[0]


SLICES = [
    slice(None),
    slice(1, None),
    slice(None, -1),
    slice(1, 3),
    slice(None, None, 2),
    slice(None, None, -1),
    slice(2, 2),
    slice(3, 99),
]


@pytest.mark.parametrize("part", SLICES, ids=str)
def test_a_slice_is_a_network_of_the_same_layers(part: slice) -> None:
    layers = [Linear(2, 2) for _ in range(4)]
    cut = Sequential(*layers)[part]
    assert isinstance(cut, Sequential), f"network[{part}] is a {type(cut).__name__}"
    found, expected = list(cut), layers[part]
    assert len(found) == len(expected), f"network[{part}] has {len(found)} of {len(expected)}"
    for i, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        assert ours is theirs, f"layer {i} of network[{part}] is another one, not the same object"


def test_a_slice_keeps_functions_as_functions() -> None:
    cut = Sequential(double, add_three, relu)[:2]
    assert list(cut) == [double, add_three], f"network[:2] holds {list(cut)}"
    assert cut(5) == 13, f"network[:2](5) gave {cut(5)}, expected 13"


def test_a_slice_shares_its_parameters_with_the_network() -> None:
    network = Sequential(first(), ReLU(), second())
    network[2:][0].weight.detach().fill_(7.0)
    found = network[2].weight.tolist()
    assert found == [[7.0, 7.0, 7.0]], f"written through a slice, the network still has {found}"


def test_a_slice_keeps_the_names() -> None:
    network = Sequential(first(), ReLU(), second())
    keys = list(network[1:].state_dict())
    assert keys == ["2.weight", "2.bias"], f"network[1:] has the state {keys}, expected 2.…"


def test_taking_a_slice_leaves_the_network_as_it_was() -> None:
    network = Sequential(double, add_three)
    network[:1].append(add_three)
    assert len(network) == 2, f"after network[:1].append the network has {len(network)} layers"


def test_length_and_iteration() -> None:
    a, b = first(), second()
    network = Sequential(a, double, b)
    assert len(network) == 3
    found = list(network)
    assert found[0] is a, f"the first of {found} should be the first layer given"
    assert found[1] is double, f"a function should come back as it was given, not as {found[1]!r}"
    assert found[2] is b, f"the third of {found} should be the third layer given"
    assert list(Sequential()) == []


# Names


def test_layers_can_have_names() -> None:
    layers = OrderedDict([("hidden", first()), ("squash", Tanh()), ("out", second())])
    network = Sequential(layers)
    expect(network(tensor(X)), Sequential(*layers.values())(tensor(X)).detach().numpy(), "by names")
    assert network.hidden is layers["hidden"], "network.hidden should be the layer of that name"
    keys = list(network.state_dict())
    assert keys == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"], keys
    assert network[0] is layers["hidden"]
    assert network[-1] is layers["out"]


def test_a_plain_dictionary_names_layers_too() -> None:
    assert Sequential({"twice": double, "more": add_three})(1) == 5


def test_state_dict_keys_are_numbers_and_names() -> None:
    inner = Sequential(Linear(3, 3, bias=False))
    keys = list(Sequential(first(), ReLU(), inner, second()).state_dict())
    expected = ["0.weight", "0.bias", "2.0.weight", "3.weight", "3.bias"]
    assert keys == expected, f"the state has the keys {keys}, expected {expected}"


def test_a_state_goes_from_one_network_into_another() -> None:
    ours, theirs = Sequential(first(), Tanh(), second()), Sequential(first(), Tanh(), second())
    theirs[0].weight.detach().fill_(0.125)
    ours.load_state_dict(theirs.state_dict())
    expect(ours(tensor(X)), theirs(tensor(X)).detach().numpy(), "after load_state_dict")


# Changing a network


def test_append_puts_a_layer_at_the_end_and_returns_the_network() -> None:
    network = Sequential(first())
    same = network.append(relu).append(second())
    assert same is network, "append should return the network, so that calls can be chained"
    expected = Sequential(first(), relu, second())
    expect(network(tensor(X)), expected(tensor(X)).detach().numpy(), "a network built by append")
    keys = list(network.state_dict())
    assert keys == ["0.weight", "0.bias", "2.weight", "2.bias"], keys


def test_append_to_a_slice_replaces_nothing() -> None:
    # In network[1:] the names "1" and "2" are taken, and 2 is also its length.
    network = Sequential(double, double, double)[1:].append(add_three)
    assert len(network) == 3, f"two layers and an appended one are {len(network)}, expected 3"
    assert network(1) == 7, f"1 * 2 * 2 + 3 gave {network(1)}, expected 7"


def test_extend_puts_several_layers_at_the_end() -> None:
    network = Sequential(double).extend([add_three, double])
    assert network(1) == 10, f"(1 * 2 + 3) * 2 gave {network(1)}, expected 10"
    network.extend(network)
    assert len(network) == 6, f"extended by itself it has {len(network)} layers, expected 6"


def test_a_layer_can_be_replaced() -> None:
    network = Sequential({"body": double, "head": double})
    network[-1] = add_three
    assert network(1) == 5, f"with the head replaced: {network(1)}, expected 1 * 2 + 3 = 5"
    assert [name for name, _ in network.named_children()] == ["body", "head"]
    with pytest.raises(IndexError):
        network[2] = double
    with pytest.raises(TypeError):
        network[0] = ReLU


@pytest.mark.parametrize(
    ("part", "expected"), [(0, 9), (-1, 8), (1, 7), (slice(1), 9), (slice(None, None, 2), 4)]
)
def test_layers_can_be_deleted(part: Any, expected: int) -> None:
    network = Sequential(lambda x: x + 1, lambda x: x * 4, lambda x: x + 5)
    del network[part]
    found = network(1)
    assert found == expected, f"del network[{part}], then network(1): {found}, not {expected}"
    names = [name for name, _ in network.named_children()]
    assert names == [str(i) for i in range(len(network))], f"the names left are {names}"


@pytest.mark.parametrize(("index", "expected"), [(0, 11), (1, 8), (2, 8), (-1, 8), (-2, 11)])
def test_a_layer_can_be_inserted(index: int, expected: int) -> None:
    network = Sequential(lambda x: 4 * x, lambda x: x + 3)
    found = network.insert(index, lambda x: x + 1)(1)
    assert found == expected, f"insert({index}, x + 1) into 4x, x + 3: {found}, not {expected}"


@pytest.mark.parametrize("index", [3, -3])
def test_inserting_outside_is_refused(index: int) -> None:
    with pytest.raises(IndexError):
        Sequential(double, double).insert(index, double)


# What is no layer


def test_a_class_in_place_of_an_instance_is_refused_with_the_fix() -> None:
    with pytest.raises(TypeError, match=r"ReLU\(\)"):
        Sequential(Linear(2, 2), ReLU)
    with pytest.raises(TypeError, match=r"Identity\(\)"):
        Sequential().append(Identity)


def test_a_list_of_layers_is_refused_with_the_fix() -> None:
    with pytest.raises(TypeError, match=r"\*"):
        Sequential([Linear(2, 2), ReLU()])


@pytest.mark.parametrize("thing", [None, 3, "relu", np.ones(2)], ids=["None", "3", "text", "array"])
def test_what_cannot_be_called_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError):
        Sequential(double, thing)
    with pytest.raises(TypeError):
        Sequential().append(thing)


# A network is a module


class Scale(Module):
    """Multiplies by what it learns, and by ten when it trains."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = Parameter(tensor([value]))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.value * (10 if self.training else 1)


def test_train_and_eval_reach_in() -> None:
    network = Sequential(relu, Sequential(Scale(2.0)), Scale(3.0))
    assert network(tensor([1.0])).tolist() == [600.0]
    network.eval()
    found = network(tensor([1.0])).tolist()
    assert found == [6.0], f"in evaluation mode 1 * 2 * 3 gave {found}: did eval() reach in?"
    network.train()
    assert network(tensor([1.0])).tolist() == [600.0]


def test_all_parameters_are_found_in_order() -> None:
    network = Sequential(Scale(1.0), double, Sequential(Scale(2.0), Scale(3.0)))
    found = [parameter.item() for parameter in network.parameters()]
    assert found == [1.0, 2.0, 3.0], f"the parameters have the values {found}, expected 1, 2, 3"


def test_a_deep_copy_is_a_network_of_its_own() -> None:
    network = Sequential(first(), Tanh(), lambda x: x + 1)
    before = network(tensor(X)).detach().numpy().copy()
    twin = copy.deepcopy(network)
    expect(twin(tensor(X)), before, "a deep copy on the same input")
    twin[0].weight.detach().fill_(0.0)
    expect(network(tensor(X)), before, "the original after its copy was changed")


def test_hooks_see_each_layer() -> None:
    network = Sequential(double, first())
    seen = []
    with network[1].forward_hook(lambda layer, inputs, result: seen.append(inputs[0].tolist())):
        network(tensor([[1.0, 1.0]]))
    assert seen == [[[2.0, 2.0]]], f"a hook on the second layer saw {seen}, expected [[2, 2]]"


def test_a_subclass_may_define_its_layers() -> None:
    class Twice(Sequential):
        def __init__(self) -> None:
            super().__init__(double, double)

    network = Twice()
    assert network(1) == 4
    assert network[0] is double
    assert network[:1](1) == 2, "a slice of a subclass should be a network of those layers"


def test_a_function_as_a_module() -> None:
    module = Function(double)
    assert isinstance(module, Module)
    assert module(4) == 8
    assert list(module.parameters()) == []
    assert Sequential(module)[0] is double, "a function comes back as itself"
    found = Function(lambda x, *, by: x * by)(3, by=5)
    assert found == 15, f"options should reach the function: {found}, expected 15"
