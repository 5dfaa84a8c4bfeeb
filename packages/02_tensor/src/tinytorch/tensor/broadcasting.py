"""Broadcasting: how tensors of different shapes meet without copying anything.

Shapes are compared from the right. Two sizes fit if they are equal or one of them is 1; a missing
dimension counts as 1. What is stretched is not copied: its stride becomes 0, so that every step
along it stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._operation import operation
from .dtypes import Array
from .errors import broadcast_message


def broadcast_shapes(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The shape that tensors of `shapes` have together.

    `broadcast_shapes((3, 1), (4,)) == (3, 4)`; of no shapes it is `()`. Raises ValueError, naming
    the shapes, where two sizes differ and neither is 1.
    """
    rank = max(map(len, shapes), default=0)
    result = [1] * rank
    for shape in shapes:
        for i, size in enumerate(shape, start=rank - len(shape)):
            if size in (1, result[i]):
                continue
            if result[i] != 1:
                raise ValueError(broadcast_message([tuple(shape) for shape in shapes]))
            result[i] = size
    return tuple(result)


def resolve_expand(shape: Sequence[int], target: Sequence[int]) -> tuple[int, ...]:
    """`target` with each -1 replaced by the size that `shape` has there."""
    target = tuple(target)
    if len(target) < len(shape):
        raise ValueError(
            f"broadcast_to: {tuple(shape)} has more dimensions than the target {target}; "
            "a target needs at least as many"
        )
    if -1 not in target:
        return target
    own = (None,) * (len(target) - len(shape)) + tuple(shape)
    resolved = []
    for size, here in zip(target, own, strict=True):
        if size == -1 and here is None:
            raise ValueError(f"broadcast_to: -1 in {target} stands for no size of {tuple(shape)}")
        resolved.append(here if size == -1 and here is not None else size)
    return tuple(resolved)


@operation(views=True)
def broadcast_to(x: Array, *, shape: Sequence[int]) -> Array:
    """`x` seen with `shape`, by steps of length 0 where it is stretched. A view: nothing is copied.

    x: any shape that broadcasts to `shape`; in `shape`, -1 keeps a size. The result cannot be
    written to, since many of its elements are one number in memory. Raises ValueError where the
    shapes do not fit.
    """
    shape = resolve_expand(x.shape, shape)
    if broadcast_shapes(x.shape, shape) != shape:
        raise ValueError(f"broadcast_to: {x.shape} cannot be stretched to {shape}")
    return np.broadcast_to(x, shape)


def broadcast_tensors(*tensors: object) -> tuple[object, ...]:
    """All `tensors` as views with the shape that they have together."""
    shape = broadcast_shapes(*(x.shape for x in tensors))  # type: ignore[attr-defined]
    return tuple(broadcast_to(x, shape) for x in tensors)
