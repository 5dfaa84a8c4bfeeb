"""The task of windows.py, a window after the other."""

from __future__ import annotations

from collections.abc import Sequence

from tinytorch.tensor import Tensor, stack, tensor


class Windows:
    def collated(self, indices: Sequence[int]) -> list[Tensor]:
        stretches = [
            tensor(self.numbers[start : start + self.length + 1]) for start in self.starts(indices)
        ]
        batch = stack(stretches)
        return [batch[:, :-1], batch[:, 1:]]
