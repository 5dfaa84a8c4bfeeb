"""Task 7.4 by other ways: the batches of an epoch in a generator of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .collating import default_collate
from .data_loader import saying_which
from .fetching import fetch_collated, fetch_item, fetch_items
from .prefetching import prefetched
from .randomness import drawing_for_batch


class DataLoader:
    def __iter__(self) -> Iterator[Any]:
        order = iter(self.order)
        low, high = self.draws().integers(0, 2**32, size=2, dtype=np.uint64).tolist()
        return self._epoch(low + 2**32 * high, order)

    def _epoch(self, seed: int, order: Iterator[Any]) -> Iterator[Any]:
        jobs = zip(range(2**62), order, strict=False)
        if self.num_workers:
            count = self.num_workers
            ahead = self.prefetch_factor * count
            yield from prefetched(lambda job: self.load(seed, job), jobs, count, ahead)
        else:
            for job in jobs:
                yield self.load(seed, job)

    def load(self, epoch_seed: int, numbered: tuple[int, Any]) -> Any:
        with drawing_for_batch(epoch_seed, numbered[0]), saying_which(*numbered):
            batch = self.fetch(numbered[1])
            return self.transformed(batch)

    def fetch(self, indices: Any) -> Any:
        if self.batch_sampler is not None:
            if self.collate_fn is default_collate:
                return fetch_collated(self.dataset, indices)
            items = fetch_items(self.dataset, indices)
        else:
            items = fetch_item(self.dataset, indices)
        return self.collate_fn(items)
