"""The loader: batches of a dataset, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import numpy as np

from tinytorch.tensor import Array, Tensor

from .collating import default_collate, default_convert
from .fetching import fetch_collated, fetch_item, fetch_items
from .prefetching import prefetched
from .randomness import as_generator, current_generator, drawing_for_batch, set_state, state_of
from .samplers import (
    BatchSampler,
    RandomSampler,
    SequentialSampler,
    load_state_dict_of,
    state_dict_of,
)


class DataLoader:
    """Batches of a dataset: each `for` over it is an epoch.

    dataset: anything with `__getitem__` and `__len__`; read in whole batches where it offers
    `collated` or `__getitems__` (see `Dataset`).
    batch_size: items a batch. None for single items, without a batch dimension.
    shuffle: a new random order in each epoch, instead of that of the dataset.
    sampler: the order, an iterable of indices. batch_sampler: batches, an iterable of lists of
    indices, in the place of batch_size, shuffle, sampler and drop_last.
    num_workers: threads that make batches ahead; with 0, a batch is made when it is asked for.
    prefetch_factor: the batches that are begun ahead, for each worker.
    collate_fn: makes a batch of a list of items; `default_collate` without one.
    drop_last: leave out a last batch that would be smaller than the others.
    generator: what random numbers come from; the default one of tinytorch.tensor without it.
    transform: applied to the input of each batch, an array (N, C, H, W) for images: to the batch if
    that is one tensor, to its first entry if it is a list or tuple. It must not write into it.

    *Random numbers.* An epoch begins by drawing a seed from `generator`, and its order. Batch k
    then has a generator of its own, made of that seed and k: transforms draw from it, and so can
    datasets (`current_generator`). So the same seed gives the same batches, bit for bit, with any
    number of workers. `state_dict()` between two epochs holds what the next ones depend on.

    *Workers are threads*, where PyTorch has processes. Copying, arithmetic and reading files are
    done by NumPy and the system without holding Python's lock, so threads do them at the same time;
    and what they make is there, while a process would have to send it, start by importing
    everything anew, and hold a copy of the dataset. A dataset that computes in Python itself gains
    nothing by threads; one that is read by several must bear it. An exception in a worker is raised
    in the loop, when its batch is due, with its own traceback and a note that says which items
    these were. Leaving the loop ends the workers.

    Raises ValueError for options that exclude each other or are too small.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Sequence[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        drop_last: bool = False,
        generator: np.random.Generator | None = None,
        prefetch_factor: int = 2,
        transform: Callable[[Array], Array] | None = None,
    ) -> None:
        refuse_together(batch_size, shuffle, sampler, batch_sampler, drop_last)
        refuse_too_few(batch_size, num_workers, prefetch_factor)
        self.generator = as_generator(generator)
        if batch_sampler is not None:
            batch_size = None
        elif sampler is None:
            sampler = in_order(dataset, shuffle, generator)
        if batch_size is not None:
            assert sampler is not None
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.drop_last = drop_last
        self.num_workers = num_workers
        self.prefetch_factor = prefetch_factor
        self.transform = transform
        if collate_fn is None:
            collate_fn = default_convert if batch_sampler is None else default_collate
        self.collate_fn = collate_fn

    @property
    def order(self) -> Iterable[Any]:
        """What batches are made of, one by one: lists of indices, or an index."""
        order = self.sampler if self.batch_sampler is None else self.batch_sampler
        assert order is not None
        return order

    def __len__(self) -> int:
        """Batches an epoch."""
        return len(cast(Sized, self.order))

    def __iter__(self) -> Iterator[Any]:
        """A new epoch. The seed and the order are drawn here and now."""
        epoch_seed = int(self.draws().integers(2**63))
        numbered = enumerate(iter(self.order))
        load = partial(self.load, epoch_seed)
        if self.num_workers == 0:
            return map(load, numbered)
        ahead = self.num_workers * self.prefetch_factor
        return prefetched(load, numbered, self.num_workers, ahead)

    def load(self, epoch_seed: int, numbered: tuple[int, Any]) -> Any:
        """Make one batch. numbered: its number in the epoch, and its indices."""
        number, indices = numbered
        with saying_which(number, indices), drawing_for_batch(epoch_seed, number):
            return self.transformed(self.fetch(indices))

    def fetch(self, indices: Any) -> Any:
        """The items, collated; or for a single index, where there are no batches, the item."""
        if self.batch_sampler is None:
            return self.collate_fn(fetch_item(self.dataset, indices))
        if self.collate_fn is default_collate:
            return fetch_collated(self.dataset, indices)
        return self.collate_fn(fetch_items(self.dataset, indices))

    def transformed(self, batch: Any) -> Any:
        """The batch, with `transform` applied to it or to its first entry."""
        if self.transform is None:
            return batch
        if isinstance(batch, Tensor):
            return Tensor(self.transform(batch.numpy()))
        if isinstance(batch, list | tuple) and batch and isinstance(batch[0], Tensor):
            make = getattr(type(batch), "_make", type(batch))
            return make([self.transformed(batch[0]), *batch[1:]])
        raise TypeError(
            "DataLoader: transform is for a batch that is a tensor, or a list or tuple that begins "
            f"with one, but this is a {type(batch).__name__}: do it in collate_fn or in the dataset"
        )

    def draws(self) -> np.random.Generator:
        return self.generator or current_generator()

    def state_dict(self) -> dict[str, Any]:
        """Between two epochs: what the next ones depend on. `json` can write it.

        That is where the generators of the loader and of its sampler stand: for a loader without
        one, that is the default generator. (During an epoch it is the state behind that epoch.)
        """
        return {"generator": state_of(self.draws()), "sampler": state_dict_of(self.order)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on as the loader did whose state this is: the next epochs are the same.

        A loader without a generator of its own sets the default one.
        """
        load_state_dict_of(self.order, state["sampler"])
        set_state(self.draws(), state["generator"])


def in_order(dataset: Any, shuffle: bool, generator: np.random.Generator | None) -> Iterable[int]:
    if shuffle:
        return RandomSampler(dataset, generator=generator)
    return SequentialSampler(dataset)


@contextmanager
def saying_which(number: int, indices: Any) -> Iterator[None]:
    """Lets what is raised inside go on, with a note that says which batch was being made."""
    try:
        yield
    except Exception as error:
        error.add_note(f"The DataLoader was making batch {number}, of items {indices}.")
        raise


def refuse_together(
    batch_size: int | None,
    shuffle: bool,
    sampler: Iterable[int] | None,
    batch_sampler: Iterable[Sequence[int]] | None,
    drop_last: bool,
) -> None:
    others = batch_size != 1 or shuffle or sampler is not None or drop_last
    if batch_sampler is not None and others:
        raise ValueError(
            "DataLoader: batch_sampler decides what the batches are: leave out batch_size, "
            "shuffle, sampler and drop_last"
        )
    if sampler is not None and shuffle:
        raise ValueError("DataLoader: sampler decides the order: leave out shuffle")
    if batch_size is None and drop_last:
        raise ValueError("DataLoader: without batches (batch_size=None) there is no last to drop")


def refuse_too_few(batch_size: int | None, num_workers: int, prefetch_factor: int) -> None:
    if batch_size is not None and batch_size < 1:
        raise ValueError(f"DataLoader: batch_size must be 1 or more, not {batch_size}")
    if num_workers < 0:
        raise ValueError(f"DataLoader: num_workers must be 0 or more, not {num_workers}")
    if prefetch_factor < 1:
        raise ValueError(f"DataLoader: prefetch_factor must be 1 or more, not {prefetch_factor}")
