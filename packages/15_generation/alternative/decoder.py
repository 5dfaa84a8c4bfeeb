"""Task 15.5, cache and window, by other ways: the short way first, and new starts in a list."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


class Decoder:
    def next_logits(self) -> Array:
        self.move_windows()
        if self.use_cache and self.cache is not None and self.width + 1 <= self.block_size:
            self.width = self.width + 1
            return self.ask(np.array([row[-1] for row in self.rows])[:, np.newaxis])
        return self.encode_windows()

    def move_windows(self) -> None:
        half = self.block_size // 2 or 1
        self.starts = [
            start if len(row) <= start + self.block_size else len(row) - half
            for row, start in zip(self.rows, self.starts, strict=True)
        ]
