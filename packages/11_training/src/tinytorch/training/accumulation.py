"""A batch that does not fit into memory, in pieces: the gradients of a large batch as a sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .training_step import Backward


def accumulate_gradients(
    backward: Backward, batches: Sequence[Sequence[Any]], counts: Sequence[float]
) -> float:
    """Add up the gradients that all batches would have as one.

        L = Σ (nᵢ / n) · Lᵢ,   n = Σ nᵢ

    backward: called as backward(*batch, share=nᵢ / n) for each batch in turn; adds to the
    parameters' gradients and returns the batch's mean loss Lᵢ. counts: nᵢ, over how many targets
    each Lᵢ is the mean. A batch with none is left out: its mean is of nothing. Returns L; nan where
    no batch has a target.
    """
    total = sum(counts)
    if not total:
        return float("nan")
    mean = 0.0
    for batch, count in zip(batches, counts, strict=True):
        if count:
            share = count / total
            mean += share * backward(*batch, share=share)
    return mean
