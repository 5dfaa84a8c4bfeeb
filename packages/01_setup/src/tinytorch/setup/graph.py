"""A dependency graph: who builds on whom, in what order to go, and what lies underneath.

A graph is a dictionary from each name to the names it builds on directly, in the table's order:
`{"tensor": (), "activations": ("tensor",), "layers": ("tensor", "activations")}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Edges = Mapping[str, Sequence[str]]


def edges_from_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The graph of a table whose rows each have a `"name"` and a list `"depends"`.

    The keys are in the order of the rows. Other columns of a row are ignored.

    Raises ValueError when two rows have one name, or a row builds on a name that no row has; the
    message names the culprits.
    """
    names = [row["name"] for row in rows]
    edges: dict[str, tuple[str, ...]] = {}
    for row in rows:
        name, depends = row["name"], tuple(row["depends"])
        if name in edges:
            raise ValueError(f"the table has two rows named {name!r}")
        for prerequisite in depends:
            if prerequisite not in names:
                raise ValueError(
                    f"{name!r} builds on {prerequisite!r}, which the table does not have"
                )
        edges[name] = depends
    return edges


def topological_order(edges: Edges) -> list[str]:
    """Every name of the graph, each after all that it builds on.

    Many orders may do; this one is the nearest to the table's: each next name is the first in the
    table that is not taken yet and whose prerequisites all are.

    Raises ValueError when there is no such order because some names build on each other in a
    circle; the message names them.
    """
    order: list[str] = []
    while len(order) < len(edges):
        waiting = [name for name in edges if name not in order]
        ready = [name for name in waiting if set(edges[name]) <= set(order)]
        if not ready:
            raise ValueError(f"no order is possible: a circle among {', '.join(waiting)}")
        order.append(ready[0])
    return order


def prerequisites(edges: Edges, name: str) -> set[str]:
    """All that `name` builds on, directly or through others; not `name` itself.

    Works on graphs of any depth, and ends on graphs that have circles (there `name` is among its
    own prerequisites when it lies on one).

    Raises ValueError when the graph has no such name.
    """
    if name not in edges:
        raise ValueError(f"the graph has no {name!r}; it has {', '.join(edges)}")
    found: set[str] = set()
    to_visit = list(edges[name])
    while to_visit:
        visited = to_visit.pop()
        if visited not in found:
            found.add(visited)
            to_visit.extend(edges[visited])
    return found
