"""Causal self-attention forward and back, by length: 4 heads of 32, as many tokens in all."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import Case, Work

HEADS, SIZE, TOKENS = 4, 32, 2048
LENGTHS = (64, 256, 1024)


def parts(length: int) -> Any:
    """Queries, keys and values, and the gradient of the result: (4, B, heads, length, size)."""
    shape = (4, TOKENS // length, HEADS, length, SIZE)
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def pytorch(length: int, fused: bool) -> Work:
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    torch.set_num_threads(2)
    *inputs, g = map(torch.from_numpy, parts(length))
    for each in inputs:
        each.requires_grad_()
    hidden = torch.triu(torch.full((length, length), -torch.inf), 1)

    def attend(q: Any, k: Any, v: Any) -> Any:
        if fused:
            return scaled_dot_product_attention(q, k, v, is_causal=True)
        return torch.softmax(q @ k.mT / SIZE**0.5 + hidden, dim=-1) @ v

    def work() -> None:
        torch.autograd.grad(attend(*inputs), inputs, g)

    return work


def tinytorch(length: int, fused: bool) -> Work:
    from tinytorch.attention import composed_attention, scaled_dot_product_attention
    from tinytorch.autograd import grad
    from tinytorch.tensor import Tensor
    from tinytorch.training import keep_memory

    keep_memory()
    *inputs, g = map(Tensor, parts(length))
    for each in inputs:
        each.requires_grad_()
    attend = scaled_dot_product_attention if fused else composed_attention

    def work() -> None:
        grad(attend(*inputs, is_causal=True), inputs, g)

    return work


CASES = [
    Case(
        f"attention over {length} tokens, forward and back",
        {
            "PyTorch": partial(pytorch, length, True),
            "PyTorch, composed": partial(pytorch, length, False),
            "TinyTorch": partial(tinytorch, length, True),
            "TinyTorch, composed": partial(tinytorch, length, False),
        },
        memory=True,
    )
    for length in LENGTHS
]
