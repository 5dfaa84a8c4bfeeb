"""Task 16.4, mixup: a share from two waiting times, and a step from one example to the other."""

from __future__ import annotations

from tinytorch.tensor import Array, Tensor

from .masking import Generator


def drawn_share(alpha: float, generator: Generator) -> float:
    if alpha == 0:
        return 1.0
    drawn = generator.beta(alpha, alpha, size=1)
    return float(drawn[0])


def blended(x: Tensor, partner: Array, share: float) -> Tensor:
    return x + (x[partner] - x) * (1 - share)
