"""Task 4.5: saving and loading the state."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.layers import IncompatibleKeys, Linear, Module, Parameter
from tinytorch.tensor import Tensor, full, ones, zeros


class Norm(Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", zeros(2))
        self.register_buffer("scratch", zeros(3), persistent=False)
        self.scale = Parameter(ones(2))
        self.register_buffer("count", Tensor(np.array(0)))
        self.register_buffer("absent", None)


class Net(Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Linear(3, 2)
        self.norm = Norm()
        self.second = Linear(2, 2, bias=False)
        self.temperature = Parameter(ones(1))


NAMES = [
    "temperature",
    "first.weight",
    "first.bias",
    "norm.scale",
    "norm.mean",
    "norm.count",
    "second.weight",
]


def snapshot(module: Module) -> dict[str, Any]:
    """Copies of all values, to see whether something changed."""
    return {name: tensor.array.copy() for name, tensor in module.state_dict().items()}


def assert_values(module: Module, expected: dict[str, Any], when: str) -> None:
    for name, tensor in module.state_dict().items():
        np.testing.assert_array_equal(tensor.array, expected[name], err_msg=f"{name} {when}")


def shifted(module: Module, by: float = 1.0) -> dict[str, Tensor]:
    """A state that fits the module, with other values."""
    return {
        name: Tensor((tensor.array + by).astype(tensor.dtype))
        for name, tensor in module.state_dict().items()
    }


# What it holds


def test_names_and_order() -> None:
    found = list(Net().state_dict())
    assert found == NAMES, (
        f"a module's parameters, its saved buffers, then its parts: expected {NAMES}, got {found}"
    )


def test_a_module_without_state() -> None:
    assert dict(Module().state_dict()) == {}


def test_prefix() -> None:
    found = list(Net().state_dict(prefix="model."))
    assert found == [f"model.{name}" for name in NAMES], f"with prefix='model.', got {found}"


def test_values_are_detached_tensors() -> None:
    net = Net()
    for name, tensor in net.state_dict().items():
        assert type(tensor) is Tensor, f"{name} should be a Tensor, not a {type(tensor).__name__}"
        assert not tensor.requires_grad, f"{name} should be detached"
        owner, _, last = name.rpartition(".")
        original = getattr(net.get_submodule(owner), last)
        assert tensor.dtype == original.dtype
        assert tensor.shape == original.shape


def test_it_shares_the_memory_of_the_module() -> None:
    net = Net()
    state = net.state_dict()
    net.first.weight.detach().fill_(7)
    assert (state["first.weight"].array == 7).all(), (
        "a write to the parameter should show in the state: it looks at the same memory"
    )
    state["norm.mean"].fill_(3)
    assert net.norm.mean.tolist() == [3, 3], "a write to the state should show in the module"
    before = net.first.bias.version[0]
    state["first.bias"].fill_(1)
    assert net.first.bias.version[0] > before, "a write through the state should be counted"


def test_tied_parameters_appear_under_each_name() -> None:
    net = Module()
    net.encoder, net.decoder = Linear(2, 2), Linear(2, 2, bias=False)
    net.decoder.weight = net.encoder.weight
    net.again = net.encoder
    expected = ["encoder.weight", "encoder.bias", "decoder.weight", "again.weight", "again.bias"]
    found = list(net.state_dict())
    assert found == expected, f"expected {expected}, got {found}"


def test_whether_a_buffer_is_saved_can_change() -> None:
    module = Module()
    module.register_buffer("mean", zeros(1), persistent=False)
    assert list(module.state_dict()) == []
    module.mean = ones(1)
    assert list(module.state_dict()) == [], "a new value does not make the buffer persistent"
    module.register_buffer("mean", zeros(1))
    assert list(module.state_dict()) == ["mean"], "registered anew as persistent"
    module.register_buffer("mean", zeros(1), persistent=False)
    assert list(module.state_dict()) == []
    del module.mean
    module.register_buffer("mean", zeros(1))
    assert list(module.state_dict()) == ["mean"], "deleted and registered anew as persistent"


def test_a_parameter_in_the_place_of_an_unsaved_buffer_is_saved() -> None:
    module = Module()
    module.register_buffer("scale", zeros(1), persistent=False)
    module.scale = Parameter(zeros(1))
    assert list(module.state_dict()) == ["scale"]


def test_a_part_that_was_taken_away_has_no_state() -> None:
    net = Module()
    net.first, net.second = Linear(2, 2), Linear(2, 1)
    net.first = None
    assert list(net.state_dict()) == ["second.weight", "second.bias"]


def test_two_parts_may_use_the_same_names() -> None:
    module = Module()
    module.register_buffer("mean", zeros(1), persistent=False)
    module.inner = Module()
    module.inner.register_buffer("mean", zeros(1))
    found = list(module.state_dict())
    assert found == ["inner.mean"], f"only the outer mean is not saved, got {found}"


# Loading


def test_loading_copies_all_values() -> None:
    net = Net()
    state = shifted(net)
    expected = {name: tensor.array.copy() for name, tensor in state.items()}
    result = net.load_state_dict(state)
    assert_values(net, expected, "after loading")
    assert result == IncompatibleKeys([], [])
    assert result.missing_keys == []
    assert result.unexpected_keys == []
    assert repr(result) == "<All keys matched successfully>"


def test_a_state_goes_from_one_module_to_another() -> None:
    net, other = Net(), Net()
    other.load_state_dict(shifted(net))
    net.load_state_dict(other.state_dict())
    assert_values(net, snapshot(other), "after loading")
    other.first.weight.detach().fill_(9)
    assert (net.first.weight.detach().array != 9).all(), "the two modules share memory now"


def test_loading_its_own_state_changes_nothing() -> None:
    net = Net()
    before = snapshot(net)
    net.load_state_dict(net.state_dict())
    assert_values(net, before, "after loading its own state")


def test_loading_is_in_place() -> None:
    net = Net()
    parameters = dict(net.named_parameters())
    memories = {name: p.data_ptr() for name, p in parameters.items()}
    versions = {name: p.version[0] for name, p in parameters.items()}
    mean = net.norm.mean
    net.load_state_dict(shifted(net))
    for name, p in net.named_parameters():
        assert p is parameters[name], f"{name} is another Parameter now: optimizers hold the old"
        assert p.data_ptr() == memories[name], f"{name} has other memory now"
        assert p.version[0] > versions[name], f"the write to {name} was not counted"
        assert p.requires_grad, f"{name} does not want a gradient any more"
        assert p.is_leaf, f"{name} became the result of an operation"
    assert net.norm.mean is mean


def test_the_state_is_left_as_it_was() -> None:
    net = Net()
    state = shifted(net)
    before = {name: tensor.array.copy() for name, tensor in state.items()}
    net.load_state_dict(state)
    net.first.weight.detach().fill_(9)
    for name, values in before.items():
        np.testing.assert_array_equal(state[name].array, values, err_msg=f"state[{name!r}]")


def test_the_dtype_of_the_module_stays() -> None:
    layer = Linear(2, 1)
    layer.load_state_dict({"weight": full((1, 2), 0.1, dtype="float64"), "bias": ones(1).half()})
    assert layer.weight.dtype == layer.bias.dtype == np.float32
    np.testing.assert_array_equal(layer.weight.detach().array, np.float32([[0.1, 0.1]]))
    whole = Module()
    whole.register_buffer("count", Tensor(np.array(0)))
    whole.load_state_dict({"count": Tensor(np.array(5.0))})
    assert whole.count.dtype == np.int64
    assert whole.count.item() == 5


def test_parameters_and_arrays_can_be_loaded() -> None:
    source, layer = Linear(3, 2), Linear(3, 2)
    layer.load_state_dict(dict(source.named_parameters()))
    assert layer.weight.tolist() == source.weight.tolist()
    layer.load_state_dict({"weight": np.ones((2, 3)), "bias": np.zeros(2)})
    assert layer.weight.tolist() == [[1.0] * 3] * 2


def test_a_non_contiguous_state() -> None:
    layer = Linear(3, 2, bias=False)
    values = np.arange(6.0).reshape(3, 2)
    layer.load_state_dict({"weight": Tensor(values).T})
    assert layer.weight.tolist() == values.T.tolist()


def test_a_tied_parameter_stays_tied() -> None:
    net = Module()
    net.encoder, net.decoder = Linear(2, 2, bias=False), Linear(2, 2, bias=False)
    net.decoder.weight = net.encoder.weight
    net.load_state_dict({"encoder.weight": ones(2, 2), "decoder.weight": ones(2, 2)})
    assert net.decoder.weight is net.encoder.weight
    assert net.encoder.weight.tolist() == [[1, 1], [1, 1]]
    with pytest.raises(RuntimeError, match=r"decoder\.weight"):
        net.load_state_dict({"encoder.weight": ones(2, 2)})


def test_a_frozen_parameter_is_loaded_too() -> None:
    layer = Linear(2, 1)
    layer.weight.requires_grad_(False)
    layer.load_state_dict(shifted(layer))
    assert not layer.weight.requires_grad


# What does not fit


def refused(net: Module, state: Any, *mentioned: str, strict: bool = True) -> str:
    """Loading is refused, nothing changes, and the message names all of `mentioned`."""
    before = snapshot(net)
    versions = [p.version[0] for p in net.parameters()]
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state, strict=strict)
    message = str(caught.value)
    for text in mentioned:
        assert text in message, f"the message should name {text}; it is {message!r}"
    assert_values(net, before, "changed although loading was refused")
    assert versions == [p.version[0] for p in net.parameters()], "something was written"
    return message


def test_missing_names_are_all_listed() -> None:
    net = Net()
    state = shifted(net)
    del state["first.bias"], state["norm.mean"]
    message = refused(net, state, "first.bias", "norm.mean")
    assert "first.weight" not in message


def test_unexpected_names_are_all_listed() -> None:
    net = Net()
    state = shifted(net) | {"third.weight": ones(1), "norm.scratch": zeros(3)}
    refused(net, state, "third.weight", "norm.scratch")


def test_shapes_are_all_listed() -> None:
    net = Net()
    state = shifted(net) | {"first.weight": ones(2, 4), "norm.scale": ones(5)}
    refused(net, state, "first.weight", "(2, 4)", "(2, 3)", "norm.scale", "(5,)", "(2,)")


def test_a_shape_that_would_broadcast_is_refused() -> None:
    net = Net()
    refused(net, shifted(net) | {"first.weight": ones(1, 3)}, "first.weight", "(1, 3)")
    refused(net, shifted(net) | {"norm.scale": np.ones(())}, "norm.scale", "()")


def test_all_complaints_at_once() -> None:
    net = Net()
    state = shifted(net) | {"extra": ones(1), "second.weight": ones(3, 3)}
    del state["temperature"]
    refused(net, state, "extra", "second.weight", "(3, 3)", "temperature", "Net")


@pytest.mark.parametrize("wrong", [3.0, [1.0, 2.0], "text", None])
def test_what_is_no_tensor_is_refused(wrong: Any) -> None:
    net = Net()
    state: dict[str, Any] = shifted(net) | {"norm.scale": wrong}
    refused(net, state, "norm.scale", type(wrong).__name__)
    refused(net, state, "norm.scale", strict=False)


def test_nothing_is_written_if_a_value_cannot_be() -> None:
    net = Linear(2, 1)
    net.weight.detach().fill_(7.0)
    with pytest.raises((RuntimeError, TypeError)):
        net.load_state_dict({"weight": zeros(1, 2), "bias": np.array(["zero"])})
    assert (net.weight.detach().array == 7).all(), "the weight was written, the bias could not be"


def test_an_empty_state() -> None:
    refused(Net(), {}, *NAMES)


def test_not_strict_loads_what_fits() -> None:
    net = Net()
    before = snapshot(net)
    state = shifted(net) | {"extra": ones(1), "more": ones(1)}
    del state["first.bias"], state["norm.count"]
    result = net.load_state_dict(state, strict=False)
    assert result.missing_keys == ["first.bias", "norm.count"], f"got {result.missing_keys}"
    assert result.unexpected_keys == ["extra", "more"], f"got {result.unexpected_keys}"
    expected = {name: state[name].array if name in state else before[name] for name in before}
    assert_values(net, expected, "after loading what fits")
    assert "first.bias" in repr(result)


def test_not_strict_still_refuses_other_shapes() -> None:
    net = Net()
    state = {"first.weight": ones(2, 3), "norm.scale": ones(5), "extra": ones(1)}
    refused(net, state, "norm.scale", "(5,)", strict=False)


# There and back


@settings(derandomize=True, max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(".".join),
        st.lists(st.integers(0, 3), max_size=3).map(tuple),
        max_size=6,
    ),
    st.booleans(),
)
def test_what_was_saved_can_be_loaded(plan: dict[str, tuple[int, ...]], as_buffers: bool) -> None:
    net = Module()
    for number, (path, shape) in enumerate(plan.items()):
        owner, (*steps, name) = net, path.split(".")
        for step in steps:
            if f"m{step}" not in dict(owner.named_children()):
                owner.add_module(f"m{step}", Module())
            owner = owner.get_submodule(f"m{step}")
        values = np.full(shape, float(number), np.float32)
        if as_buffers:
            owner.register_buffer(name, Tensor(values))
        else:
            setattr(owner, name, Parameter(values))
    twin = copy.deepcopy(net)
    saved = snapshot(net)
    assert len(saved) == len(plan), f"{len(plan)} tensors were registered, saved are {list(saved)}"
    for tensor in twin.state_dict().values():
        tensor.fill_(-1)
    twin.load_state_dict({name: Tensor(values) for name, values in saved.items()})
    assert_values(twin, saved, "after saving and loading")
    assert list(twin.state_dict()) == list(saved)
