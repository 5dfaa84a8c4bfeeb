"""Recording: what happens at each call of an operation while gradients are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Operation, Tensor
from tinytorch.tensor.rule import Plan

from .gradients import backward
from .graph import Node, Output, sequence
from .modes import is_recording, no_grad

_new = object.__new__


class GraphRecorder:
    """What `tinytorch.tensor` calls: see `Recorder` there."""

    is_recording = staticmethod(is_recording)
    pause = no_grad

    def record(
        self,
        operation: Operation[Any],
        needs: int,
        inputs: Sequence[Any],
        arrays: Sequence[Any],
        attributes: Mapping[str, Any],
        results: Sequence[Tensor],
        saved: tuple[Any, ...],
    ) -> None:
        if not is_recording():
            return
        count = len(results)
        out: Any = results[0].array if count == 1 else tuple([r.array for r in results])
        if count == 1 and out.dtype.kind != "f":
            return

        node = _new(Node)
        node.operation = operation
        node.order = next(sequence)
        node.edges = tuple(
            [(x.grad_fn or x) if needs >> i & 1 else None for i, x in enumerate(inputs)]
        )
        node.results = count
        rule = operation.rule
        if rule is None:
            node.plan, node.kept, node.versions = None, (), ()
        else:
            node.plan = plan = rule.plan(needs, len(inputs))
            node.kept = plan.collect(arrays, saved, out, attributes)
            if plan.lookups:
                node.kept = with_own_indices(plan, node.kept)
            node.versions = versions_of(plan, inputs, arrays, results)
        if count > 1:
            attach_each(node, results)
            return
        node.shape, node.dtype = out.shape, out.dtype
        result = results[0]
        result.grad_fn = node
        result._requires_grad = True

    def backward(
        self, tensor: Tensor, gradient: Tensor | None, *, retain_graph: bool, create_graph: bool
    ) -> None:
        backward(tensor, gradient, retain_graph, create_graph)


def with_own_indices(plan: Plan, kept: tuple[Any, ...]) -> tuple[Any, ...]:
    """What is kept, with copies of index arrays and masks.

    They come as plain arrays, of which nobody counts the writes.
    """
    looked_up = len(kept) - len(plan.lookups)
    return (*kept[:looked_up], *map(with_own_arrays, kept[looked_up:]))


def with_own_arrays(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) is tuple and any(isinstance(part, np.ndarray) for part in value):
        return tuple(map(with_own_arrays, value))
    return value


def versions_of(
    plan: Plan, inputs: Sequence[Any], arrays: Sequence[Any], results: Sequence[Tensor]
) -> list[tuple[list[int], int]]:
    """The counters of writes to what is kept, and where they stand now.

    An input that promotion has copied may be written to: the copy is what is kept.
    """
    versions = []
    for i in plan.inputs:
        x = inputs[i]
        if isinstance(x, Tensor) and x.array is arrays[i]:
            versions.append((x.version, x.version[0]))
    if plan.keeps_result:
        for result in results:
            versions.append((result.version, result.version[0]))
    return versions


def attach_each(node: Node, results: Sequence[Tensor]) -> None:
    """Let each floating one of several results know its call."""
    node.shape = tuple([result.array.shape for result in results])
    node.dtype = tuple([result.array.dtype for result in results])
    for i, result in enumerate(results):
        if result.array.dtype.kind == "f":
            result.grad_fn = Output(node, i, node.shape[i], node.dtype[i])
            result._requires_grad = True
