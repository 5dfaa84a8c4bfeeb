"""Groups by splitting the axis of the channels, and the parameters applied group by group."""

from __future__ import annotations

from math import prod

from tinytorch.tensor import Array

from .standardize import standardize


def grouped(x: Array, num_groups: int) -> Array:
    rest = x.size // max(1, len(x) * num_groups)
    return x.reshape(len(x), num_groups, rest)


def group_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> tuple[Array, Array, Array]:
    centred, _, _, scale = standardize(grouped(x, num_groups), (2,), eps)
    n, channels = x.shape[:2]
    out = (centred * scale).reshape(n, channels, prod(x.shape[2:]))
    if weight is not None:
        out = out * weight[:, None]
    if bias is not None:
        out = out + bias[:, None]
    return out.reshape(x.shape), centred, scale
