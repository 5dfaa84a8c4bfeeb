"""The record: one node for each call of an operation, with edges to what its inputs came from.

Nodes, not tensors, are linked to each other. A result that no gradient rule asks for is therefore
free to go as soon as the program has no use for it, although the call that made it is remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, TypeAlias

from tinytorch.tensor import Operation, Tensor

sequence = count()
"""Numbers for nodes, in the order in which they are made."""


class Node:
    """One recorded call: the `grad_fn` of its result.

    operation: what was called.
    edges: for each input, where its gradient goes: the node that made it, or the tensor itself if
        it is a leaf; None if it needs no gradient.
    order: the place in the sequence of all calls. What a call uses has a smaller one.
    results: how many it gave; each of several has an `Output` as its `grad_fn`.
    shape, dtype: of the result, and so of the gradient that will arrive; tuples for several.
    plan: what the operation's rule keeps and does for these inputs; None without a rule.
    kept: the values that it keeps, or None once they have been freed.
    versions: (counter, count) of each kept tensor; a write since then makes them differ.
    """

    __slots__ = (
        "dtype",
        "edges",
        "kept",
        "operation",
        "order",
        "plan",
        "results",
        "shape",
        "versions",
    )

    operation: Operation[Any]
    edges: tuple[Target | None, ...]
    order: int
    shape: Any
    dtype: Any
    results: int
    plan: Any
    kept: tuple[Any, ...] | None
    versions: Sequence[tuple[list[int], int]]

    @property
    def name(self) -> str:
        return self.operation.name

    def __repr__(self) -> str:
        return f"<{self.name}, a recorded call>"


class Output:
    """One of the several results of a call: the `grad_fn` of that result."""

    __slots__ = ("dtype", "edges", "index", "order", "shape")

    def __init__(self, node: Node, index: int, shape: tuple[int, ...], dtype: Any) -> None:
        self.edges = (node,)
        self.index = index
        self.order = next(sequence)
        self.shape = shape
        self.dtype = dtype

    @property
    def name(self) -> str:
        return f"{self.edges[0].name}[{self.index}]"

    def __repr__(self) -> str:
        return f"<{self.name}, a result of a recorded call>"


Target: TypeAlias = Node | Output | Tensor


def target_of(tensor: Tensor) -> Target:
    """Where a gradient of `tensor` goes: to the call that made it, or to itself, a leaf."""
    return tensor.grad_fn or tensor
