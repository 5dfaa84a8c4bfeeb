"""Temperature: how much a difference between two logits counts."""

from __future__ import annotations

from tinytorch.tensor import Array


def temperature(logits: Array, t: float) -> Array:
    """z / t. Below 1 likely tokens become likelier still, above 1 all become more alike.

    logits: (…, vocab). The result has their shape and dtype; logits are left alone. Raises
    ValueError unless t > 0: towards 0 it becomes the most likely token, `greedy=True`.
    """
    if not t > 0:
        raise ValueError(
            f"temperature: it divides the logits and must be above 0, not {t}; for the most likely "
            "token use greedy=True"
        )
    return logits / float(t)
