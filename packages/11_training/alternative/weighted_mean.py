"""A mean that moves towards each value."""

from __future__ import annotations

import math
from typing import Any


class WeightedMean:
    def update(self, value: Any, weight: float = 1) -> None:
        if weight < 0:
            raise ValueError(f"WeightedMean: the weight {weight} is negative")
        if weight == 0:
            return
        self.weight += weight
        self.total += (float(value) - self.total) * weight / self.weight

    def compute(self) -> float:
        return self.total if self.weight > 0 else math.nan
