"""Task 16.3, penalties: a sum that grows, and a scalar product with itself."""

from __future__ import annotations

from collections.abc import Iterable

from tinytorch.tensor import Tensor, maximum


def l1_penalty(parameters: Iterable[Tensor]) -> Tensor:
    penalty: Tensor | float = 0.0
    for w in parameters:
        penalty = penalty + maximum(w, -w).sum()
    assert isinstance(penalty, Tensor)
    return penalty


def l2_penalty(parameters: Iterable[Tensor]) -> Tensor:
    penalty: Tensor | float = 0.0
    for w in parameters:
        penalty = penalty + (w * w / 2).sum()
    assert isinstance(penalty, Tensor)
    return penalty
