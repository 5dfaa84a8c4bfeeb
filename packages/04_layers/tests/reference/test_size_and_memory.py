"""Deep, wide and dropped trees."""

import copy
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tinytorch.layers import Linear, Module, ModuleList, Parameter
from tinytorch.tensor import ones, zeros


def chain(depth: int) -> Module:
    """A module in a module in a module …, with a parameter in the last."""
    top = module = Module()
    for _ in range(depth):
        module.inner = Module()
        module = module.inner
    module.weight = Parameter(zeros(1))
    return top


def wide(width: int) -> Module:
    module = Module()
    for number in range(width):
        setattr(module, f"weight{number}", Parameter(zeros(1)))
        module.register_buffer(f"mean{number}", zeros(1))
        module.add_module(f"part{number}", Module())
    return module


def calls_of(action: Callable[[], Any]) -> int:
    """How many calls Python makes during the action, its own and those into C."""
    count = 0

    def watch(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


def test_a_deep_tree() -> None:
    depth = 200
    top = chain(depth)
    name = "inner." * depth + "weight"
    assert [found for found, _ in top.named_parameters()] == [name]
    assert len(list(top.modules())) == depth + 1
    state = top.state_dict()
    assert list(state) == [name]
    top.load_state_dict({name: ones(1)})
    assert state[name].tolist() == [1]
    assert not any(module.training for module in top.eval().modules())
    met: list[Module] = []
    top.apply(met.append)
    assert met == list(top.modules())[::-1]
    assert repr(top).count("\n") == 2 * depth


ACTIONS: dict[str, Callable[[Module], Any]] = {
    "named_parameters": lambda module: list(module.named_parameters()),
    "named_buffers": lambda module: list(module.named_buffers()),
    "named_modules": lambda module: list(module.named_modules()),
    "named_children": lambda module: list(module.named_children()),
    "state_dict": lambda module: module.state_dict(),
    "load_state_dict": lambda module: module.load_state_dict(module.state_dict()),
    "zero_grad": lambda module: module.zero_grad(),
    "train": lambda module: module.train(),
    "apply": lambda module: module.apply(id),
    "to": lambda module: module.double(),
    "deepcopy": copy.deepcopy,
    "repr": repr,
}


@pytest.mark.parametrize("name", list(ACTIONS))
def test_twice_as_wide_is_twice_the_work(name: str) -> None:
    few, many = (calls_of(lambda n=n: ACTIONS[name](wide(n))) for n in (100, 200))
    assert few > 100
    assert many < 2.1 * few, f"{name}: {few} calls for 100 of each kind, {many} for 200"


def test_ten_thousand_parameters() -> None:
    module = Module()
    for number in range(10_000):
        setattr(module, f"weight{number}", Parameter(zeros(1)))
    assert len(list(module.parameters())) == 10_000
    state = module.state_dict()
    assert module.load_state_dict(state).missing_keys == []
    assert list(state) == [f"weight{number}" for number in range(10_000)]


@contextmanager
def without_collector() -> Iterator[None]:
    """Only counting references frees memory: what is freed here was in no circle."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def test_a_dropped_module_is_freed_at_once() -> None:
    with without_collector():
        net = Module()
        net.layers = ModuleList([Linear(2, 2), Linear(2, 2)])
        net.register_buffer("mean", zeros(2))
        with net.forward_hook(lambda *call: None):
            pass
        list(net.named_parameters())
        net.train().apply(id)
        net.load_state_dict(net.state_dict())
        repr(net)
        watched = [weakref.ref(thing) for thing in (net, net.layers[0], net.layers[0].weight)]
        watched.append(weakref.ref(net.mean))
        del net
        assert [reference() for reference in watched] == [None] * 4


def test_a_state_keeps_the_numbers_not_the_module() -> None:
    with without_collector():
        layer = Linear(2, 2)
        values = layer.weight.tolist()
        state = layer.state_dict()
        watched = weakref.ref(layer), weakref.ref(layer.weight)
        del layer
        assert [reference() for reference in watched] == [None, None]
        assert state["weight"].tolist() == values


def test_replaced_and_deleted_parts_are_freed() -> None:
    with without_collector():
        net = Module()
        net.part = Linear(2, 2)
        first = weakref.ref(net.part)
        net.part = Linear(2, 2)
        assert first() is None
        second = weakref.ref(net.part)
        del net.part
        assert second() is None


def test_a_deep_copy_shares_nothing() -> None:
    net = Module()
    net.layers = ModuleList([Linear(2, 2)] * 2)
    net.layers.append(Linear(2, 2))
    net.layers[2].weight = net.layers[0].weight
    net.register_buffer("mean", zeros(2), persistent=False)
    net.layers[0].weight.grad = ones(2, 2)
    twin = copy.deepcopy(net)
    assert list(twin.state_dict()) == list(net.state_dict())
    assert [name for name, _ in twin.named_parameters()] == [
        name for name, _ in net.named_parameters()
    ]
    assert twin.layers[0] is twin.layers[1]
    assert twin.layers[2].weight is twin.layers[0].weight
    assert twin.layers[0].weight.grad is not net.layers[0].weight.grad
    ours = {id(tensor.array) for tensor in (*net.parameters(), *net.buffers())}
    assert not ours & {id(tensor.array) for tensor in (*twin.parameters(), *twin.buffers())}
    twin.layers[0].weight.detach().fill_(3)
    assert twin.layers[2].weight.version == twin.layers[0].weight.version
    assert net.layers[0].weight.version == [1]
