"""What dropout and its kin share: a mask that is drawn, and a multiplication by it.

A number is kept with probability 1 − p and then counts for those that were dropped, 1 / (1 − p)
times: so its mean stays what it was, and nothing is left to do in evaluation ("inverted" scaling).
"""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor, default_generator, operation

from .refusing import refuse_by

Generator = np.random.Generator


def keep_mask(shape: tuple[int, ...], p: float, generator: Generator | None = None) -> Array:
    """Which numbers are kept: `shape` of bool, each true with probability 1 − p, by itself.

    p: from 0, where all are true, to 1, where none is. Drawn from `generator`, or from the default
    one of tinytorch.tensor.
    """
    draws = generator or default_generator()
    return np.asarray(draws.random(shape, dtype=np.float32) >= p)


def keep_scale(p: float) -> float:
    """What a number that is kept is multiplied by: 1 / (1 − p), and 0 where none is kept."""
    return 0.0 if p == 1 else float(1 / (1 - p))


@operation
def masked_scale(x: Array, *, mask: Array, scale: float) -> Array:
    """x · mask · scale: what the mask keeps, scaled, and 0 elsewhere.

    x: floating. mask: bool, of a shape that broadcasts to x's. scale: a number. The result is new,
    in x's shape and type. An infinity or nan that is dropped is nan, as in PyTorch.
    """
    out = x * mask
    out *= scale
    return out


def masked_scale_gradient(g: Tensor, mask: Array, scale: float) -> Tensor:
    """∂L/∂x for g = ∂L/∂out: what was dropped has no say, what was kept is scaled.

    The mask is all that the rule keeps, a byte for each number. Being an operation itself, the
    gradient has gradients of every order.
    """
    return masked_scale(g, mask=mask, scale=scale)


masked_scale.define_rule(x=masked_scale_gradient)


def refuse_other_than_a_probability(name: str, p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: p is a probability, from 0 to 1, not {p}")


def check(name: str, x: Tensor, mask_shape: tuple[int, ...], p: float, *rest: object) -> None:
    refuse_other_than_a_probability(name, p)
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: not defined for {x.dtype}; use .float() first")


@refuse_by(check)
def dropped(
    name: str,
    x: Tensor,
    mask_shape: tuple[int, ...],
    p: float,
    training: bool,
    generator: Generator | None,
) -> Tensor:
    """x with a mask drawn over it, in training; x itself otherwise, and for p = 0.

    name: of the operation, for errors. mask_shape: what broadcasts to x's shape; a number of the
    mask decides about all numbers of x that it meets. Where x itself is returned, nothing is drawn.
    Raises ValueError for a p that is no probability, TypeError for integers.
    """
    if not training or p == 0:
        return x
    return masked_scale(x, mask=keep_mask(mask_shape, p, generator), scale=keep_scale(p))
