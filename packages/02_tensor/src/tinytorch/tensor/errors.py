"""What an operation says when it cannot go on: its name, the shapes that met, and the fix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def explain(name: str, arrays: Iterable[Any], error: Exception) -> Exception:
    """The same kind of error as `error`, told in the terms of the operation `name`.

    arrays: what the operation was given. An error that already begins with the operation's name is
    kept, and so is an AttributeError that no number in the place of a tensor can have caused.
    """
    text = str(error)
    if text.startswith(f"{name}:"):
        return error
    if isinstance(error, AttributeError):
        others = [x for x in arrays if not hasattr(x, "shape")]
        if not others:
            return error
        return TypeError(f"{name}: expected a tensor, but got {others[0]!r}")
    shapes = [np.shape(x) for x in arrays if x is not None]
    listed = ", ".join(map(str, shapes))
    if isinstance(error, np.exceptions.AxisError) and error.axis is not None:
        return IndexError(f"{name}: {dimension_message(error.axis, error.ndim or 0)}")
    if "could not be broadcast" in text or "shape mismatch" in text:
        if _broadcast(shapes):
            return ValueError(f"{name}: {text} inside of it (the inputs have the shapes {listed})")
        return ValueError(f"{name}: {broadcast_message(shapes)}")
    if "not supported for the input types" in text or "numpy boolean" in text:
        found = ", ".join(str(getattr(x, "dtype", type(x).__name__)) for x in arrays)
        return TypeError(f"{name}: not defined for {found}")
    kinds = (IndexError, TypeError, ValueError)
    kind = next((kind for kind in kinds if isinstance(error, kind)), ValueError)
    return kind(f"{name}: {text} (the inputs have the shapes {listed})")


def _broadcast(shapes: Iterable[tuple[int, ...]]) -> bool:
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def broadcast_message(shapes: Iterable[tuple[int, ...]]) -> str:
    """Why `shapes` do not broadcast, and what can be done."""
    shapes = list(shapes)
    listed = " and ".join(map(str, shapes))
    rank = max(map(len, shapes))
    for back in range(1, rank + 1):
        sizes = sorted({s[-back] for s in shapes if len(s) >= back and s[-back] != 1})
        if len(sizes) > 1:
            return (
                f"the shapes {listed} do not broadcast: in dimension {-back}, "
                f"{' and '.join(map(str, sizes))} differ and neither is 1. Shapes are compared "
                "from the right; reshape, unsqueeze or transpose one of the tensors so that they "
                "fit"
            )
    return f"the shapes {listed} do not broadcast"


def dimension_message(dim: int, ndim: int) -> str:
    """That a tensor with `ndim` dimensions has no dimension `dim`."""
    if ndim == 0:
        return (
            f"there is no dimension {dim} in a 0-d tensor: it has a single value and no dimensions"
        )
    return (
        f"there is no dimension {dim} in a tensor with {ndim} dimension{'s' if ndim > 1 else ''}; "
        f"count from 0 to {ndim - 1}, or from the end with {-ndim} to -1"
    )


def check_dim(name: str, dim: int, ndim: int) -> int:
    """`dim` counted from the front, for a tensor with `ndim` dimensions. Raises IndexError."""
    if not -ndim <= dim < ndim:
        raise IndexError(f"{name}: {dimension_message(dim, ndim)}")
    return dim % ndim


def refuse_input(name: str, inputs: Iterable[Any]) -> None:
    """Raise TypeError for an input that is neither a tensor, an array nor a number."""
    from ._tensor import Tensor

    for x in inputs:
        if x is not None and not isinstance(x, Tensor | np.ndarray | np.generic | int | float):
            raise TypeError(
                f"{name}: expected a tensor, but got {type(x).__name__} {x!r:.60}. Make one with "
                "tensor(…)"
            )
