"""The feed-forward network: what a block does at each place by itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinytorch.activations import GELU
from tinytorch.layers import Linear, Module
from tinytorch.tensor import DTypeLike, Tensor

Function = Callable[[Tensor], Tensor]


class FeedForward(Module):
    """W₂ f(W₁ x + b₁) + b₂, at each place alike.

    embed_dim: the size of what comes and goes: (…, embed_dim). hidden: the size in between, 4 times
    embed_dim if not given. activation: f, GELU as in GPT-2 (by tanh) if not given. generator: what
    the first values are drawn from.

    Vaswani et al. 2017, section 3.3; c_fc and c_proj are GPT-2's names.
    """

    def __init__(
        self,
        embed_dim: int,
        hidden: int | None = None,
        *,
        activation: Function | None = None,
        bias: bool = True,
        dtype: DTypeLike = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        hidden = 4 * embed_dim if hidden is None else hidden
        self.c_fc = Linear(embed_dim, hidden, bias, dtype=dtype, generator=generator)
        self.activation = GELU("tanh") if activation is None else activation
        self.c_proj = Linear(hidden, embed_dim, bias, dtype=dtype, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        """x: (…, embed_dim), as the result."""
        return self.c_proj(self.activation(self.c_fc(x)))
