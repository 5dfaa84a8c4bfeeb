"""What the record keeps for the way back, and how much memory that is."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor

from ..graph import Node


def kept_by(node: Node) -> dict[str, list[Any]]:
    """The arrays that a call has kept, by the names that its gradient rule has for them: inputs
    first, in their order.

    Shapes, attributes and other small things are left out.
    """
    if not node.kept:
        return {}
    values: dict[str, Any] = {}
    for pull in node.plan.pulls:
        _, *names = inspect.signature(pull.function).parameters
        values.update(zip(names, pull.pick(node.kept), strict=True))
    operation = node.operation
    order = (*operation.inputs, *operation.attributes, *operation.saves, "out")
    arrays = {name: list(_arrays_in(values[name])) for name in order if name in values}
    return {name: found for name, found in arrays.items() if found}


def bytes_kept(nodes: Iterable[Node], leaves: Iterable[Tensor]) -> int:
    """The memory that would be free if `nodes` had kept nothing, in bytes.

    Every array counts once, however many calls have kept it; a view counts as all that it looks
    into. What belongs to `leaves` is there anyway.
    """
    arrays = [array for node in nodes for found in kept_by(node).values() for array in found]
    owners = {id(owner): owner for owner in map(owner_of, arrays)}
    for leaf in leaves:
        owners.pop(id(owner_of(leaf.array)), None)
    return sum(owner.nbytes for owner in owners.values())


def owner_of(array: Any) -> Any:
    """The array whose memory `array` looks into: often itself."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _arrays_in(value: Any) -> Iterator[Any]:
    for part in value if isinstance(value, list | tuple) else (value,):
        if isinstance(part, np.ndarray):
            yield part
