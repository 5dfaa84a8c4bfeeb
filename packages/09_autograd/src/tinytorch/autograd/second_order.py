"""Gradients of gradients: a rule that runs on tensors is recorded like everything else.

What a call has kept are arrays. For a recorded way back they must be tensors that know where they
came from, so that a gradient can flow through them, too: d(x²) = 2x·dx depends on x.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tinytorch.tensor import Array, Tensor, get_recorder
from tinytorch.tensor.shapes import cast

from .graph import Node, Output, Target, sequence, target_of


def lifted_values(node: Node) -> tuple[Any, ...]:
    """What `node` has kept, as tensors: inputs and results with their place in the record."""
    kept: Any = node.kept
    inputs, saved = len(node.edges), len(node.operation.saves)
    places = node.plan.pick(tuple(range(inputs + saved + 1)))
    row, rest = kept[: len(places)], kept[len(places) :]
    lifted = [_lifted(node, place, value) for place, value in zip(places, row, strict=True)]
    return (*lifted, *(_lifted_list(node, value) for value in rest))


def _lifted(node: Node, place: int, value: Any) -> Any:
    if place < len(node.edges):
        return _with_target(value, node.edges[place])
    if place < len(node.edges) + len(node.operation.saves):
        return value
    if node.results == 1:
        return _with_target(value, node)
    return tuple(_with_target(x, Output(node, i, x.shape, x.dtype)) for i, x in enumerate(value))


def _lifted_list(node: Node, value: Any) -> Any:
    """The inputs of a variadic operation are kept as a list; everything else there stays."""
    if not isinstance(value, list) or not all(isinstance(x, np.ndarray) for x in value):
        return value
    return [_with_target(x, edge) for x, edge in zip(value, node.edges, strict=True)]


def _with_target(value: Any, target: Target | None) -> Any:
    """`value` as a tensor whose gradient goes to `target`."""
    if not isinstance(value, np.ndarray):
        return value
    if target is not None and isinstance(target, Tensor):
        return target if target.array is value else _cast_from(target, value)
    tensor = Tensor(value)
    if target is not None and value.dtype.kind == "f":
        tensor.grad_fn = target
        tensor._requires_grad = True
    return tensor


def _cast_from(leaf: Tensor, value: Array) -> Tensor:
    """`value`, the copy of `leaf` that promotion had made, as if it were made now: the leaf may
    have been written to since.
    """
    tensor, recorder = Tensor(value), get_recorder()
    if recorder is not None:
        recorder.record(cast, 1, (leaf,), (value,), {"dtype": value.dtype}, (tensor,), ())
    return tensor


class OnlyFirstOrder:
    """Where a gradient came from that a rule on arrays has found: a place with no way back.

    Its edges lead to everything that the gradient depends on, so that no way passes it unnoticed.
    """

    __slots__ = ("dtype", "edges", "name", "order", "shape")

    def __init__(self, node: Node, gradient: Any, edges: tuple[Target | None, ...]) -> None:
        self.name = node.name
        self.shape = gradient.shape
        self.dtype = gradient.dtype
        self.edges = edges
        self.order = next(sequence)


def is_first_order(node: Node) -> bool:
    """Whether the rule of the call works on arrays alone."""
    rule = node.operation.rule
    return rule is not None and rule.first_order


def arrays_of(g: Any) -> Any:
    """The arrays of the gradient of a result, or of each of several."""
    return tuple(x.array for x in g) if isinstance(g, tuple) else g.array


def without_second_order(gradient: Any, node: Node, g: Any) -> Tensor | None:
    """`gradient`, which the rule of `node` has made of `g`, as a tensor that depends on both."""
    if gradient is None:
        return None
    tensor = Tensor(np.asarray(gradient))
    tensor.grad_fn = OnlyFirstOrder(node, tensor, (*node.edges, *_targets(g)))
    tensor._requires_grad = True
    return tensor


def _targets(g: Any) -> Iterator[Target]:
    for x in g if isinstance(g, tuple) else (g,):
        if x.requires_grad:
            yield target_of(x)
