"""Learned positions: every position has a vector of its own, as every token has."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.layers import Module, Parameter, init
from tinytorch.tensor import DTypeLike, Tensor, empty

from .embedding import embedding
from .position_ids import check_vectors, positions_of


class LearnedPositions(Module):
    """Adds to each vector of a sequence the learnt vector of its position, as GPT-2 does.

    length: how many positions there are, and so the longest sequence. dim: the length of the
    vectors. generator: what the first values are drawn from. dtype: float32 if not given.

    weight: (length, dim), drawn from the normal distribution with variance 1, as an Embedding's.
    """

    weight: Parameter

    def __init__(
        self,
        length: int,
        dim: int,
        *,
        dtype: DTypeLike = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if length < 0 or dim < 0:
            raise ValueError(f"LearnedPositions: sizes must not be negative: {length}, {dim}")
        self.length = length
        self.dim = dim
        self.weight = Parameter(empty(length, dim, dtype=dtype))
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw all vectors anew."""
        init.normal_(self.weight, generator=generator)

    def forward(self, x: Tensor, positions: Any = None, *, start: int = 0) -> Tensor:
        """x: (…, T, dim), and the result like it.

        positions: integers (T,), or (B, T) for x (B, …, T, dim). Without them x stands at start,
        start + 1, …. Raises ValueError for what does not fit, also for a sequence that reaches
        beyond the last position, and IndexError for a given position that there is not.
        """
        check_vectors("LearnedPositions", x.shape, self.dim)
        if positions is not None:
            where = positions_of("LearnedPositions", x.shape, positions, start)
            return x + embedding(self.weight, indices=where)
        end = start + x.shape[-2]
        if start < 0 or end > self.length:
            raise ValueError(
                f"LearnedPositions: a sequence of {x.shape[-2]} that starts at {start} does not "
                f"fit: there are vectors for {self.length} positions, 0 to {self.length - 1}"
            )
        return x + self.weight[start:end]

    def extra_repr(self) -> str:
        return f"{self.length}, {self.dim}"
