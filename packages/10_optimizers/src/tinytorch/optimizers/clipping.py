"""Clipping gradients, so that one bad batch does not undo what was learnt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf, isfinite, sqrt
from typing import Any

import numpy as np

from tinytorch.tensor import Array, Tensor

from .norms import largest, sum_of_powers, sum_of_squares


def total_norm(gradients: Sequence[Array], norm_type: float = 2.0) -> float:
    """The norm of all the numbers of some arrays, as if they were one vector; 0 of none.

    (Σ |g|ᵖ)^(1/p), p = norm_type; max |g| for infinity
    """
    if norm_type == inf:
        return largest(np.array([largest(gradient) for gradient in gradients]))
    if norm_type == 2:
        return sqrt(sum(map(sum_of_squares, gradients)))
    return float(sum(sum_of_powers(g, norm_type) for g in gradients) ** (1 / norm_type))


def clip_coefficient(norm: float, max_norm: float) -> float:
    """By how much to multiply so that a norm is max_norm at most: 1 where it is so already.

        min(1, max_norm / (norm + 10⁻⁶))

    As in PyTorch: the small number keeps it from dividing by 0, and a norm that is not a number
    gives none.
    """
    coefficient = max_norm / (norm + 1e-6)
    return 1.0 if coefficient > 1 else coefficient


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale all gradients by one factor, in place, so that their total norm is max_norm at most.

    Their direction stays. parameters: one or many; those without a gradient do not count, and one
    that is listed twice counts once. norm_type: p > 0, or infinity (see `total_norm`).

    Returns the norm that they had, a tensor without dimensions. Where that is infinite or not a
    number, so are the scaled gradients, or they are 0, as in PyTorch; with `error_if_nonfinite` it
    raises RuntimeError, and no gradient is changed. Raises ValueError for another norm_type.
    Pascanu, Mikolov & Bengio 2013.
    """
    order = float(norm_type)
    if not order > 0:
        raise ValueError(f"clip_grad_norm_: norm_type must be above 0, not {norm_type}")
    gradients = gradients_of(parameters)
    with np.errstate(over="ignore"):
        norm = total_norm([gradient.array for gradient in gradients], order)
        found = np.asarray(norm, result_dtype(gradients))
    if error_if_nonfinite and not isfinite(norm):
        raise RuntimeError(
            f"clip_grad_norm_: the norm of the gradients is {norm}, so that they cannot be "
            "clipped: look for what makes the loss infinite, or lower the learning rate"
        )
    coefficient = clip_coefficient(norm, float(max_norm))
    if coefficient != 1:
        with np.errstate(invalid="ignore"):
            for gradient in without_repeats(gradients):
                np.multiply(gradient.array, coefficient, out=gradient.array)
                gradient.version[0] += 1
    return Tensor(found)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Limit every number of every gradient to [−clip_value, clip_value], in place.

    parameters: as in `clip_grad_norm_`. Their direction changes with this.
    """
    limit = float(clip_value)
    for gradient in without_repeats(gradients_of(parameters)):
        np.clip(gradient.array, -limit, limit, out=gradient.array)
        gradient.version[0] += 1


def gradients_of(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """The gradients that there are, of each parameter once."""
    several = [parameters] if isinstance(parameters, Tensor) else parameters
    once = {id(parameter): parameter for parameter in several}
    return [p.grad for p in once.values() if p.grad is not None]


def without_repeats(gradients: Iterable[Tensor]) -> list[Tensor]:
    """One tensor for each array: what two share must not be scaled twice."""
    return list({id(gradient.array): gradient for gradient in gradients}.values())


def result_dtype(gradients: Sequence[Tensor]) -> np.dtype[Any]:
    return gradients[0].dtype if gradients else np.dtype(np.float32)
