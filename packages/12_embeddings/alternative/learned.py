"""Task 12.5: positions looked up one by one, whether they are neighbours or not."""

from __future__ import annotations

from typing import Any

from tinytorch.tensor import Tensor

from .embedding import embedding
from .position_ids import check_vectors, positions_of


class LearnedPositions:
    def forward(self, x: Tensor, positions: Any = None, *, start: int = 0) -> Tensor:
        check_vectors("LearnedPositions", x.shape, self.dim)
        if positions is None and not 0 <= start <= self.length - x.shape[-2]:
            raise ValueError(
                f"LearnedPositions: {x.shape[-2]} vectors from {start} on are too many for "
                f"{self.length} positions"
            )
        return x + embedding(
            self.weight, indices=positions_of("LearnedPositions", x.shape, positions, start)
        )
