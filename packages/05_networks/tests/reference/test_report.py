"""Inside `summary`: hooks, memory, and what has a line."""

import gc
import weakref
from typing import Any

import pytest

from tinytorch.layers import Identity, Linear, Module, ModuleList
from tinytorch.networks import MLP, Function, Sequential, summary
from tinytorch.networks.report import (
    as_inputs,
    kind_of,
    lies_in,
    only_passes_on,
    shapes_of,
    tensors_in,
)
from tinytorch.tensor import Tensor, float16, float32, float64, zeros


def hooks(network: Module) -> list[Any]:
    return [hook for module in network.modules() for hook in module._forward_hooks]


def test_no_hook_is_left() -> None:
    network = MLP(2, [3], 1)
    summary(network, (1, 2))
    assert hooks(network) == []


def test_no_hook_is_left_after_an_error() -> None:
    network = MLP(2, [3], 1)
    with pytest.raises(ValueError):
        summary(network, (1, 5))
    assert hooks(network) == []


def test_no_tensor_is_kept() -> None:
    seen = []

    def layer(x: Tensor) -> Tensor:
        y = x + 1
        seen.append(weakref.ref(y))
        return y

    report = summary(Sequential(layer, layer), (1000,))
    gc.collect()
    assert [ref() for ref in seen] == [None, None]
    assert report.activation_bytes == 8000


def test_what_only_passes_on_has_no_line() -> None:
    class OwnForward(Sequential):
        def forward(self, x: Any) -> Any:
            return x

    assert only_passes_on(Sequential(Linear(1, 1)))
    assert only_passes_on(Sequential())
    assert only_passes_on(MLP(1, [1], 1))
    assert only_passes_on(Function(Linear(1, 1)))
    assert not only_passes_on(Function(abs))
    assert not only_passes_on(Identity())
    assert not only_passes_on(OwnForward())
    assert not only_passes_on(ModuleList())


def test_a_module_wrapped_as_a_function_is_counted_once() -> None:
    report = summary(Sequential(Function(Linear(2, 3))), (1, 2))
    assert [(layer.name, layer.flops) for layer in report.layers] == [("0.function", 12)]


@pytest.mark.parametrize("dtype", [float16, float32, float64])
def test_zeros_have_the_dtype_of_the_first_floating_parameter(dtype: Any) -> None:
    (x,) = as_inputs(Linear(2, 2, dtype=dtype), (3, 2))
    assert x.dtype == dtype
    assert x.shape == (3, 2)


def test_tensors_are_found_in_what_holds_them() -> None:
    a, b, c = zeros(1), zeros(2), zeros(3)
    assert [t.shape for t in tensors_in([a, {"x": (b, None)}, 3, "text", c])] == [(1,), (2,), (3,)]
    assert shapes_of(a) == (1,)
    assert shapes_of((a,)) == ((1,),)
    assert shapes_of(None) == ()


def test_views_lie_in_what_they_look_into() -> None:
    x = zeros(4, 6)
    assert lies_in(x, [x])
    assert lies_in(x[1:3], [zeros(1), x])
    assert lies_in(x.T, [x])
    assert not lies_in(x.clone(), [x])
    assert not lies_in(zeros(0), [zeros(0)])
    assert not lies_in(x, [])


def test_two_views_of_one_hidden_tensor_count_both() -> None:
    def halves(x: Tensor) -> tuple[Tensor, Tensor]:
        y = x * 2
        return y[:, :1], y[:, 1:]

    assert summary(Sequential(halves), (4, 2)).activation_bytes == 32


def test_the_kind_of_a_callable_is_one_short_line() -> None:
    class Wordy:
        def __call__(self, x: Any) -> Any:
            return x

        def __repr__(self) -> str:
            return "Wordy(\n  with many words and many more of them than fit\n)"

    kind = kind_of(Function(Wordy()))
    assert "\n" not in kind
    assert len(kind) <= 40
    assert kind.endswith(" ...")
