"""Task 11.5: all shares first, then the batches that have one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .training_step import Backward


def accumulate_gradients(
    backward: Backward, batches: Sequence[Sequence[Any]], counts: Sequence[float]
) -> float:
    counted = [(batch, count) for batch, count in zip(batches, counts, strict=True) if count > 0]
    if not counted:
        return float("nan")
    n = sum(count for _, count in counted)
    losses = [backward(*batch, share=count / n) for batch, count in counted]
    return sum(count * loss for (_, count), loss in zip(counted, losses, strict=True)) / n
