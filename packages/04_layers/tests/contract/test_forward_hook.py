"""Calling a module, and watching it."""

from typing import Any

import pytest

from tinytorch.layers import Identity, Module
from tinytorch.tensor import ones


class Double(Module):
    def forward(self, x: Any, *, plus: int = 0) -> Any:
        return 2 * x + plus


class Twice(Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Double()

    def forward(self, x: Any) -> Any:
        return self.inner(self.inner(x))


def test_calling_runs_forward() -> None:
    assert Double()(3) == 6
    assert Double()(3, plus=1) == 7
    assert Twice()(3) == 12


def test_identity_returns_its_input_itself() -> None:
    x = ones(2)
    assert Identity()(x) is x


def test_a_module_without_forward_is_named() -> None:
    class Unfinished(Module):
        pass

    with pytest.raises(NotImplementedError, match="Unfinished"):
        Unfinished()(3)


def test_a_module_whose_init_was_forgotten_says_so() -> None:
    class Forgotten(Module):
        def __init__(self) -> None:
            self.width = 3

        def forward(self, x: Any) -> Any:
            return x

    with pytest.raises(AttributeError, match=r"Forgotten.*super\(\).__init__\(\)"):
        Forgotten()(3)


def test_a_hook_sees_every_call_inside_the_block() -> None:
    seen: list[tuple[Module, tuple[Any, ...], Any]] = []

    def watch(module: Module, inputs: tuple[Any, ...], result: Any) -> None:
        seen.append((module, inputs, result))

    net = Twice()
    with net.inner.forward_hook(watch):
        assert net(3) == 12
    assert seen == [(net.inner, (3,), 6), (net.inner, (6,), 12)]
    net(3)
    assert len(seen) == 2, "the hook should be gone after the block"


def test_what_a_hook_returns_takes_the_place_of_the_result() -> None:
    module = Double()
    with module.forward_hook(lambda module, inputs, result: result + 1):
        assert module(3) == 7
        with module.forward_hook(lambda module, inputs, result: 10 * result):
            assert module(3) == 70
        assert module(3) == 7
    assert module(3) == 6


def test_a_hook_is_gone_after_an_error_too() -> None:
    module, calls = Double(), []

    def count(*call: Any) -> None:
        calls.append(call)

    with pytest.raises(TypeError), module.forward_hook(count):
        module(None)
    assert calls == []
    module(1)
    assert calls == []


def test_the_same_hook_twice_in_nested_blocks() -> None:
    module, calls = Double(), []

    def count(*call: Any) -> None:
        calls.append(call)

    with module.forward_hook(count):
        with module.forward_hook(count):
            module(1)
        module(1)
    module(1)
    assert len(calls) == 3


def test_forward_alone_calls_no_hook() -> None:
    module, calls = Double(), []
    with module.forward_hook(lambda *call: calls.append(call)):
        module.forward(1)
    assert calls == []
