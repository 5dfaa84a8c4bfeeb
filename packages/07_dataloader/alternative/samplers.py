"""Task 7.2 by other ways: shuffling, and places sorted by drawn numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


class RandomSampler:
    def __iter__(self) -> Iterator[int]:
        draws, n = self.draws(), len(self.data_source)
        if self.replacement:
            return iter([int(draws.random() * n) for _ in range(self.num_samples)])
        drawn: list[int] = []
        while len(drawn) < self.num_samples:
            order = list(range(n))
            draws.shuffle(order)
            drawn += order
        return iter(drawn[: self.num_samples])


class SubsetRandomSampler:
    def __iter__(self) -> Iterator[int]:
        places = np.argsort(self.draws().random(len(self.indices)))
        return iter([self.indices[int(place)] for place in places])


def in_batches(indices: Iterator[int], batch_size: int, drop_last: bool) -> Iterator[list[int]]:
    batch: list[int] = []
    for index in indices:
        batch.append(index)
        if len(batch) == batch_size:
            yield batch
            batch = []
    if batch and not drop_last:
        yield batch


class BatchSampler:
    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)
