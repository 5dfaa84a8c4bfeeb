"""Another solution of tasks 1.3 to 1.5: checks after building, counts of what is missing, recursion
turned into rounds."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tinytorch.setup.graph import Edges


def edges_from_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    twice = [name for name, count in Counter(row["name"] for row in rows).items() if count > 1]
    if twice:
        raise ValueError(f"named more than once: {twice}")
    edges = {row["name"]: tuple(row["depends"]) for row in rows}
    unknown = {
        name: [below for below in depends if below not in edges] for name, depends in edges.items()
    }
    unknown = {name: below for name, below in unknown.items() if below}
    if unknown:
        raise ValueError(f"builds on what is not in the table: {unknown}")
    return edges


def topological_order(edges: Edges) -> list[str]:
    """Kahn's algorithm: count what each still waits for, and keep those that wait for nothing in a
    heap by their row."""
    names = list(edges)
    row = {name: number for number, name in enumerate(names)}
    waits_for = {name: len(set(depends)) for name, depends in edges.items()}
    waiting_on: dict[str, list[str]] = {name: [] for name in names}
    for name, depends in edges.items():
        for below in set(depends):
            waiting_on[below].append(name)

    ready = [row[name] for name in names if waits_for[name] == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        name = names[heapq.heappop(ready)]
        order.append(name)
        for above in waiting_on[name]:
            waits_for[above] -= 1
            if waits_for[above] == 0:
                heapq.heappush(ready, row[above])
    stuck = [name for name in names if waits_for[name] > 0]
    if stuck:
        raise ValueError(f"these wait for each other: {' '.join(stuck)}")
    return order


def prerequisites(edges: Edges, name: str) -> set[str]:
    if name not in edges:
        raise ValueError(f"{name} is not in the graph")
    found: set[str] = set()
    newest = set(edges[name])
    while newest:
        found |= newest
        newest = {below for above in newest for below in edges[above]} - found
    return found
