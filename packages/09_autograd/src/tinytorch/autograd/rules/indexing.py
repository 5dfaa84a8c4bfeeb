"""Gradients of reading by position: what was read at a place goes back to that place.

A place that was read twice has both gradients: they are added, never overwritten.
"""

from __future__ import annotations

from math import prod
from types import EllipsisType
from typing import Any

import numpy as np

import tinytorch.tensor as tt
from tinytorch.tensor import Array, gather, masked_select, operation, scatter_add
from tinytorch.tensor.indexing import getitem, sort_along, topk_along

from .attaching import attach
from .reductions import picked_x

Shape = tuple[int, ...]


@operation
def put_back(g: Array, *, index: Any, shape: Shape) -> Array:
    """Zeros of `shape` with g added at `[index]`: the reverse of reading x[index]."""
    out = np.zeros(shape, g.dtype)
    if reads_each_once(index):
        out[index] = g
    else:
        np.add.at(out, index, g)
    return out


def reads_each_once(index: Any) -> bool:
    """Whether an index can read no place twice: it has no array of positions."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        isinstance(part, int | slice | EllipsisType | None) or getattr(part, "dtype", None) == "?"
        for part in parts
    )


def getitem_x(g: Any, x_shape: Shape, index: Any) -> Any:
    """g at the places that were read, 0 elsewhere."""
    return put_back(g, index, x_shape)


def take_x(g: Any, x_shape: Shape, index: Array) -> Any:
    """The same, in x as one line."""
    return put_back(g, index, (prod(x_shape),)).reshape(x_shape)


def gather_x(g: Any, x_shape: Shape, dim: int, index: Array) -> Any:
    """`scatter_add` is the reverse of `gather`, and the other way round."""
    return scatter_add(np.zeros(x_shape, g.dtype), g, dim, index)


def masked_select_x(g: Any, x_shape: Shape, mask: Array) -> Any:
    """In order to the places where the mask holds; the engine sums what was broadcast."""
    shape = np.broadcast_shapes(x_shape, mask.shape)
    return put_back(g, np.broadcast_to(mask, shape), shape)


put_back.define_rule(g=lambda g, index: tt.indexing.getitem(g, index))
attach(getitem, x=getitem_x)
attach(tt.take, x=take_x)
attach(gather, x=gather_x)
attach(scatter_add, x=lambda g: g, src=lambda g, dim, index: gather(g, dim, index))
attach(masked_select, x=masked_select_x)
attach(sort_along, x=picked_x)
attach(topk_along, x=picked_x)
