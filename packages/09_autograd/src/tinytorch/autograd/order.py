"""The order of the way back: each call once, and after everything that used its results.

Every node carries its place in the sequence of calls, and a call can only use what was made before
it. So the newest first is an order in which no gradient is passed on before it is complete: what
the general graph needs a topological sort for, a record has for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from tinytorch.tensor import Tensor

from .graph import Target


def newest_first(roots: Iterable[Target]) -> list[Any]:
    """All nodes that `roots` were computed from, roots included, each once, the newest first.

    Leaves (tensors) are left out. Without recursion: a record may be deeper than Python's stack.
    """
    waiting = [root for root in roots if not isinstance(root, Tensor)]
    found = set(waiting)
    while waiting:
        for edge in waiting.pop().edges:
            if edge is None or isinstance(edge, Tensor) or edge in found:
                continue
            found.add(edge)
            waiting.append(edge)
    return sorted(found, key=attrgetter("order"), reverse=True)


def leading_to(nodes: Sequence[Any], wanted: Iterable[Target]) -> set[Any]:
    """Those of the `nodes` through which a gradient must pass to reach one of `wanted`, and
    `wanted` themselves.

    nodes: the newest first.
    """
    on_the_way: set[Any] = set(wanted)
    for node in reversed(nodes):
        if not on_the_way.isdisjoint(node.edges):
            on_the_way.add(node)
    return on_the_way
