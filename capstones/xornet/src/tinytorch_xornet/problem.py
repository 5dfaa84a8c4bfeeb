"""XOR: four points that no straight line can part."""

from __future__ import annotations

from tinytorch.tensor import Tensor, tensor


def xor_problem() -> tuple[Tensor, Tensor]:
    """The four inputs, (4, 2), and whether exactly one of each pair is 1, (4, 1); both float32."""
    inputs = tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = tensor([[0.0], [1.0], [1.0], [0.0]])
    return inputs, targets


def count_correct(logits: Tensor, targets: Tensor) -> int:
    """How many of `logits`, (n, 1), lie on the right side of 0: above for target 1, below for 0.

    A logit of exactly 0 decides nothing and counts as wrong.
    """
    right = ((logits > 0) & (targets == 1)) | ((logits < 0) & (targets == 0))
    return int(right.sum())
