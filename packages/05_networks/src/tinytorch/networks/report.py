"""`summary`: a network's layers, with the shapes, parameters, FLOPs and bytes of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from textwrap import shorten
from typing import Any, TypeAlias

import numpy as np

from tinytorch.layers import Identity, Linear, Module
from tinytorch.tensor import Tensor, zeros

from .counting import (
    activation_bytes,
    activation_flops,
    count_parameters,
    linear_flops,
    parameter_bytes,
)
from .sequential import Function, Sequential, as_given
from .table import table

Shape: TypeAlias = tuple[int, ...]
Shapes: TypeAlias = Shape | tuple[Shape, ...]


@dataclass(frozen=True)
class LayerReport:
    """One layer's share.

    name: its dotted name in the network. kind: what it is.
    output_shape: of what it returned; of several tensors, a tuple of their shapes.
    parameters: how many numbers it learns that no line before it has counted.
    flops: of one call; None where nobody told how to count them.
    parameter_bytes: of those parameters.
    activation_bytes: of what it returned; nothing for memory that it was given, or that a line
        before it has counted.
    """

    name: str
    kind: str
    output_shape: Shapes
    parameters: int
    flops: int | None
    parameter_bytes: int
    activation_bytes: int


@dataclass(frozen=True)
class Summary:
    """The layers of a network in the order in which they were done, and the sums.

    A layer that ran twice has two lines; its parameters count in the first.

    parameters, trainable_parameters, parameter_bytes: of the whole network, layers that did not run
        included.
    """

    layers: tuple[LayerReport, ...]
    parameters: int
    trainable_parameters: int
    parameter_bytes: int

    @property
    def flops(self) -> int:
        """The FLOPs of one forward pass, of all layers that could be counted."""
        return sum(layer.flops or 0 for layer in self.layers)

    @property
    def uncounted(self) -> tuple[str, ...]:
        """The names of layers whose FLOPs nobody told how to count."""
        return tuple(dict.fromkeys(layer.name for layer in self.layers if layer.flops is None))

    @property
    def activation_bytes(self) -> int:
        """The bytes of all layers' results together."""
        return sum(layer.activation_bytes for layer in self.layers)

    def __str__(self) -> str:
        return table(self)


def summary(module: Module, input: Any) -> Summary:
    """Run `module` once on `input` and report what each of its layers did and costs.

    input: a tensor, a tuple of tensors for several inputs, or the shape of one input of zeros,
    which has the dtype of the module's parameters.

    A layer that is not known here tells its FLOPs by a method `flops(input_shape, output_shape)`,
    which counts what it does itself, not what modules below it do: they have lines of their own.
    Each shape is that of one tensor, or a tuple of shapes. A `Sequential` does nothing itself and
    has no line.

    The module is run in evaluation mode, so that nothing it keeps is changed, and left in the mode
    it was in. Raises TypeError for a module or an input that is none.
    """
    if not isinstance(module, Module):
        raise TypeError(
            f"summary: expected a module, but got {module!r}; write Sequential(...) around it"
        )
    inputs = as_inputs(module, input)
    names = {m: name for name, m in module.named_modules() if not only_passes_on(m)}
    reports: list[LayerReport] = []
    counted: set[int] = set()
    in_memory: list[Tensor] = list(inputs)

    def note(layer: Module, given: tuple[Any, ...], result: Any) -> None:
        own = own_parameters(layer, counted)
        results = list(tensors_in(result))
        new = [tensor for tensor in results if not lies_in(tensor, in_memory)]
        in_memory.extend(results)
        reports.append(
            LayerReport(
                name=names[layer],
                kind=kind_of(layer),
                output_shape=shapes_of(result),
                parameters=count_parameters(own),
                flops=layer_flops(layer, given, result),
                parameter_bytes=parameter_bytes(own),
                activation_bytes=activation_bytes(*new),
            )
        )

    modes = {layer: layer.training for layer in module.modules()}
    module.eval()
    try:
        with ExitStack() as hooks:
            for layer in names:
                hooks.enter_context(layer.forward_hook(note))
            module(*inputs)
    finally:
        for layer, training in modes.items():
            layer.training = training
    return Summary(
        layers=tuple(reports),
        parameters=count_parameters(module),
        trainable_parameters=count_parameters(module, trainable_only=True),
        parameter_bytes=parameter_bytes(module),
    )


def as_inputs(module: Module, input: Any) -> tuple[Tensor, ...]:
    """The inputs to run on. Raises TypeError for what is neither tensors nor a shape."""
    if isinstance(input, Tensor):
        return (input,)
    if isinstance(input, tuple | list) and input:
        if all(isinstance(x, Tensor) for x in input):
            return tuple(input)
        if all(isinstance(n, int | np.integer) for n in input):
            floating = (p.dtype for p in module.parameters() if p.is_floating_point())
            return (zeros(tuple(input), dtype=next(floating, None)),)
    raise TypeError(
        "summary: expected a tensor, a tuple of tensors or a shape such as (32, 784), "
        f"but got {shorten(repr(input), 60, placeholder=' ...')} ({type(input).__name__})"
    )


def only_passes_on(module: Module) -> bool:
    """Whether all that a module does is done by modules below it, which have their own lines."""
    forward = type(module).forward
    wraps_module = forward is Function.forward and any(module.children())
    return forward is Sequential.forward or wraps_module


def own_parameters(layer: Module, counted: set[int]) -> Module:
    """A module of the parameters that belong to a layer itself and are not in `counted` yet, to
    which they are added."""
    own = Module()
    for name, parameter in layer.named_parameters(recurse=False):
        if id(parameter) not in counted:
            counted.add(id(parameter))
            own.register_parameter(name, parameter)
    return own


def tensors_in(value: Any) -> Iterator[Tensor]:
    """The tensors in a value, or in the tuples, lists and mappings that it is made of."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list | Mapping):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from tensors_in(part)


def shapes_of(value: Any) -> Shapes:
    """The shape of a tensor; of anything else, the shapes of the tensors in it."""
    if isinstance(value, Tensor):
        return value.shape
    return tuple(tensor.shape for tensor in tensors_in(value))


def one_or_all(given: tuple[Any, ...]) -> Any:
    """The only input, or all of them."""
    return given[0] if len(given) == 1 else given


def lies_in(tensor: Tensor, others: list[Tensor]) -> bool:
    """Whether a tensor is, or looks into the memory of, one of the others."""
    return any(np.may_share_memory(tensor.array, other.array) for other in others)


def kind_of(layer: Module) -> str:
    """A plain callable as it shows, on one line; a module by its class."""
    if isinstance(layer, Function):
        return shorten(repr(layer), 40, placeholder=" ...")
    return type(layer).__name__


def layer_flops(layer: Module, given: tuple[Any, ...], result: Any) -> int | None:
    """The FLOPs of one call of a layer, or None if nobody told how to count them.

    A subclass with a `forward` of its own is not known by what its parent class does.
    """
    tell = getattr(as_given(layer), "flops", None)
    if callable(tell):
        return tell(shapes_of(one_or_all(given)), shapes_of(result))
    forward = type(layer).forward
    if isinstance(layer, Linear) and forward is Linear.forward:
        rows = prod(result.shape[:-1])
        return linear_flops(rows, layer.in_features, layer.out_features, layer.bias is not None)
    if forward is Function.forward:
        return sum(activation_flops(tensor.shape) for tensor in tensors_in(result))
    return 0 if forward is Identity.forward else None
