"""Gradients of changes of shape: each is a change of shape back."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import tinytorch.tensor as tt
from tinytorch.tensor import cat, flip, permute, roll, transpose

from .attaching import attach

Shape = tuple[int, ...]


def reshape_x(g: Any, x_shape: Shape) -> Any:
    """The same numbers in the shape that they had."""
    return g.reshape(x_shape)


def permute_x(g: Any, dims: tuple[int, ...]) -> Any:
    """Each dimension back to the place that it came from."""
    home = [0] * len(dims)
    for here, dim in enumerate(dims):
        home[dim] = here
    return permute(g, tuple(home))


def cat_tensors(g: Any, tensors_shape: list[Shape], dim: int) -> list[Any]:
    """To each tensor the piece that it put there."""
    ends = accumulate((shape[dim] for shape in tensors_shape), initial=0)
    before = (slice(None),) * (dim % len(g.shape))
    return [g[(*before, slice(*piece))] for piece in pairwise(ends)]


def stack_tensors(g: Any, tensors_shape: list[Shape], dim: int) -> list[Any]:
    """To each tensor the slice that it put there."""
    before = (slice(None),) * (dim % len(g.shape))
    return [g[(*before, i)] for i in range(len(tensors_shape))]


def split_x(g: Any, dim: int) -> Any:
    """The gradients of the pieces, one after another."""
    return cat(list(g), dim) if isinstance(g, tuple) else g


def pad_x(g: Any, pad: tuple[int, ...]) -> Any:
    """Without what was put around; zeros where something was cut away."""
    return tt.pad(g, [-n for n in pad])


def roll_x(g: Any, shifts: Any, dims: Any) -> Any:
    """The same way back."""
    back = [-n for n in shifts] if isinstance(shifts, list | tuple) else -shifts
    return roll(g, back, dims)


attach(tt.broadcast_to, x=lambda g: g)
attach(tt.reshape, x=reshape_x)
attach(tt.shapes.view, x=reshape_x)
attach(tt.squeeze, x=reshape_x)
attach(tt.unsqueeze, x=reshape_x)
attach(permute, x=permute_x)
attach(transpose, x=lambda g, dim0, dim1: transpose(g, dim0, dim1))
attach(cat, tensors=cat_tensors)
attach(tt.stack, tensors=stack_tensors)
attach(tt.split, x=split_x)
attach(tt.pad, x=pad_x)
attach(flip, x=lambda g, dims: flip(g, dims))
attach(roll, x=roll_x)
attach(tt.tril, x=lambda g, diagonal: tt.tril(g, diagonal))
attach(tt.triu, x=lambda g, diagonal: tt.triu(g, diagonal))
attach(tt.shapes.contiguous, x=lambda g: g)
attach(tt.shapes.clone, x=lambda g: g)
attach(tt.shapes.cast, x=lambda g: g)
