"""Task 15.3, the penalty, by another way: a factor for each logit."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def repetition_penalty(logits: Array, seen: Array, penalty: float) -> Array:
    if penalty > 0:
        factor = np.where(logits < 0, penalty, 1 / penalty)
        punished = logits.copy()
        punished[seen] *= factor[seen].astype(logits.dtype)
        return punished
    raise ValueError(f"repetition_penalty: {penalty} punishes nothing")
