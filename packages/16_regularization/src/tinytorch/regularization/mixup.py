"""Mixup: examples between two examples, with targets between their targets."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor, default_generator

from .masking import Generator
from .soft_targets import as_probabilities, refuse_other_than_a_tensor


def mixup(
    x: Tensor,
    target: Tensor,
    alpha: float = 1.0,
    *,
    num_classes: int | None = None,
    generator: Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """λ of each example and 1 − λ of another one of the batch, inputs and targets alike.

        λ · xᵢ + (1 − λ) · xⱼ,    λ · yᵢ + (1 − λ) · yⱼ

    x: (N, …), floating. target: classes (N,), integers, of which there are num_classes; or
    distributions (N, C), floating. λ is one number for the batch, drawn from Beta(alpha, alpha):
    near 0 or 1 for an alpha near 0, near ½ for a large one; for alpha = 0 it is 1, and nothing is
    mixed. The partners j are a random permutation of the batch.
    Returns the mixed x, in its type, and the targets (N, C), for losses that take probabilities.
    Raises ValueError for shapes and options that do not fit, TypeError for inputs that are
    integers, IndexError for a class that there is not. Zhang et al. 2018.
    """
    refuse_what_cannot_be_paired("mixup", x, target, alpha)
    if x.dtype.kind != "f":
        raise TypeError(f"mixup: the input must be floating, not {x.dtype}; use .float() first")
    targets = Tensor(as_probabilities("mixup", target, num_classes))
    draws = generator or default_generator()
    share = drawn_share(alpha, draws)
    partner = draws.permutation(len(x))
    return blended(x, partner, share), blended(targets, partner, share)


def drawn_share(alpha: float, generator: Generator) -> float:
    """λ, drawn from Beta(alpha, alpha); 1 for alpha = 0."""
    return generator.beta(alpha, alpha) if alpha > 0 else 1.0


def blended(x: Tensor, partner: Array, share: float) -> Tensor:
    """share · xᵢ + (1 − share) · xⱼ with j = partner[i]."""
    return share * x + (1 - share) * x[partner]


def refuse_what_cannot_be_paired(name: str, x: Tensor, target: Tensor, alpha: float) -> None:
    refuse_other_than_a_tensor(name, x)
    refuse_other_than_a_tensor(name, target)
    if not 0 <= alpha < np.inf:
        raise ValueError(f"{name}: alpha must be a number of at least 0, not {alpha}")
    if x.ndim == 0 or target.shape[:1] != x.shape[:1]:
        raise ValueError(
            f"{name}: the input {x.shape} and the target {target.shape} do not fit: there must be "
            "a target for each example"
        )
