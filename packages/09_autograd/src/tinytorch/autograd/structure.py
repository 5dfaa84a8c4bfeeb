"""Tensors in lists, tuples and dicts: taking them out, and putting others in their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tinytorch.tensor import Tensor


def tensors_in(structure: Any) -> Iterator[Tensor]:
    """The tensors of a structure, in order.

    Raises TypeError for anything that is neither a tensor nor a list, tuple or dict of such.
    """
    if isinstance(structure, Tensor):
        yield structure
    elif isinstance(structure, dict):
        for part in structure.values():
            yield from tensors_in(part)
    elif isinstance(structure, list | tuple):
        for part in structure:
            yield from tensors_in(part)
    else:
        raise TypeError(
            f"value_and_grad: expected a tensor, or a list, tuple or dict of tensors, but got "
            f"{structure!r:.60}"
        )


def rebuilt(structure: Any, tensors: Iterable[Any]) -> Any:
    """The same structure with `tensors`, in order, in the places of its own."""
    rest = iter(tensors)

    def build(part: Any) -> Any:
        if isinstance(part, Tensor):
            return next(rest)
        if isinstance(part, dict):
            return {key: build(value) for key, value in part.items()}
        if hasattr(part, "_fields"):
            return type(part)(*map(build, part))
        return type(part)(map(build, part))

    return build(structure)
