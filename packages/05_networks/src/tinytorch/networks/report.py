"""`summary`: a network's layers, with the shapes, parameters, FLOPs and bytes of each."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from typing import Any

from tinytorch.layers import Identity, Linear, Module
from tinytorch.tensor import Tensor, zeros

from .counting import (
    activation_bytes,
    activation_flops,
    count_parameters,
    linear_flops,
    parameter_bytes,
)
from .sequential import Function


@dataclass(frozen=True)
class LayerReport:
    """One layer's share.

    name: its dotted name in the network. kind: what it is. output_shape: of what it returned.
    parameters: how many numbers it learns. flops: of one forward pass; None where nobody told how
    to count them.
    parameter_bytes, activation_bytes: what its parameters and its results occupy.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    flops: int | None
    parameter_bytes: int
    activation_bytes: int


@dataclass(frozen=True)
class Summary:
    """The layers of a network in the order in which they ran, and the sums.

    A layer that ran twice has two lines; its parameters count in the first.
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
        return tuple(layer.name for layer in self.layers if layer.flops is None)

    @property
    def activation_bytes(self) -> int:
        """The bytes of all layers' results together."""
        return sum(layer.activation_bytes for layer in self.layers)

    def __str__(self) -> str:
        return render(self)


def summary(module: Module, input: Any) -> Summary:
    """Run `module` once on `input` and report what each layer at the bottom of the tree did and
    costs.

    input: a tensor, a tuple of tensors for several inputs, or the shape of one float32 input of
    zeros.

    A layer that is not known here tells its FLOPs by a method `flops(input_shape, output_shape)`.
    The module is run in evaluation mode, so that nothing it keeps is changed, and left in the mode
    it was in.
    """
    inputs = as_inputs(input)
    names = {m: name for name, m in module.named_modules() if not list(m.children())}
    reports: list[LayerReport] = []
    seen: set[int] = set()

    def note(layer: Module, given: tuple[Any, ...], result: Any) -> None:
        fresh = id(layer) not in seen
        seen.add(id(layer))
        reports.append(
            LayerReport(
                name=names[layer],
                kind=repr(layer) if isinstance(layer, Function) else type(layer).__name__,
                output_shape=result.shape,
                parameters=count_parameters(layer) if fresh else 0,
                flops=layer_flops(layer, given[0].shape, result.shape),
                parameter_bytes=parameter_bytes(layer) if fresh else 0,
                activation_bytes=activation_bytes(result),
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


def as_inputs(input: Any) -> tuple[Tensor, ...]:
    """The inputs to run on. Raises TypeError for what is neither tensors nor a shape."""
    if isinstance(input, Tensor):
        return (input,)
    if isinstance(input, tuple | list) and input:
        if all(isinstance(x, Tensor) for x in input):
            return tuple(input)
        if all(isinstance(n, int) for n in input):
            return (zeros(tuple(input)),)
    raise TypeError(f"summary: expected tensors or a shape such as (32, 784), but got {input!r}")


def layer_flops(
    layer: Module, input_shape: tuple[int, ...], output_shape: tuple[int, ...]
) -> int | None:
    """The FLOPs of one call of a layer, or None if nobody told how to count them."""
    if isinstance(layer, Linear):
        rows = prod(input_shape[:-1])
        return linear_flops(rows, layer.in_features, layer.out_features, layer.bias is not None)
    if isinstance(layer, Function):
        return activation_flops(output_shape)
    if isinstance(layer, Identity):
        return 0
    tell = getattr(layer, "flops", None)
    return tell(input_shape, output_shape) if callable(tell) else None


def render(report: Summary) -> str:
    """The report as a table of plain text."""
    head = ("layer", "kind", "output", "parameters", "FLOPs", "param bytes", "output bytes")
    rows = [
        (
            layer.name or "(network)",
            layer.kind,
            str(layer.output_shape),
            f"{layer.parameters:,}",
            "?" if layer.flops is None else f"{layer.flops:,}",
            f"{layer.parameter_bytes:,}",
            f"{layer.activation_bytes:,}",
        )
        for layer in report.layers
    ]
    total = (
        "total",
        "",
        "",
        f"{report.parameters:,}",
        ("at least " if report.uncounted else "") + f"{report.flops:,}",
        f"{report.parameter_bytes:,}",
        f"{report.activation_bytes:,}",
    )
    widths = [max(map(len, column)) for column in zip(head, *rows, total, strict=True)]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join(
        [_line(head, widths), rule, *(_line(r, widths) for r in rows), rule, _line(total, widths)]
    )


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    """Texts to the left, numbers to the right."""
    texts = [cell.ljust(width) for cell, width in zip(cells[:3], widths[:3], strict=True)]
    numbers = [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:], strict=True)]
    return "  ".join([*texts, *numbers]).rstrip()
