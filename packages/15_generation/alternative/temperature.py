"""Task 15.2, temperature, by another way: in the type of the logits from the start."""

from __future__ import annotations

from tinytorch.tensor import Array


def temperature(logits: Array, t: float) -> Array:
    if t > 0:
        return (logits / t).astype(logits.dtype)
    raise ValueError(f"temperature: the logits cannot be divided by {t}")
