"""Task 13.5 by other ways: np.take for the rows, and one slice for all that is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinytorch.tensor import Tensor


class KVCache:
    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        self.check(key, value)
        start = self._length
        self._length += key.shape[2]
        found = []
        for memory, new in ((self._keys, key), (self._values, value)):
            memory[:, :, start : self._length] = new.detach().numpy()
            found.append(Tensor(memory[:, :, : self._length]))
        return found[0], found[1]

    def truncate(self, length: int) -> None:
        if length < 0 or length > self._length:
            raise ValueError(
                f"truncate: {self._length} positions are kept, and {length} cannot be left of them"
            )
        self._length = length

    def keep(self, rows: Sequence[int]) -> None:
        for row in rows:
            if row < 0 or row >= self.batch_size:
                raise IndexError(f"keep: no row {row} among {self.batch_size}")
        chosen = np.array(rows, dtype=int)
        self._keys = np.take(self._keys, chosen, axis=0)
        self._values = np.take(self._values, chosen, axis=0)
