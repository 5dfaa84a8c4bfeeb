"""Samplers: the order in which the items of a dataset are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from math import ceil
from typing import Any, Generic, TypeVar, cast

import numpy as np

from tinytorch.tensor import multinomial, tensor

from .randomness import as_generator, current_generator, set_state, state_of

Drawn_co = TypeVar("Drawn_co", covariant=True)


class Sampler(Generic[Drawn_co]):
    """Indices, or lists of them, in an order: a subclass writes `__iter__`, and most `__len__`.

    One that draws should draw all at once, when `iter` is called: then what others draw from the
    same generator during the epoch does not change its order.
    """

    def __iter__(self) -> Iterator[Drawn_co]:
        raise NotImplementedError(f"{type(self).__name__} should define __iter__()")

    def state_dict(self) -> dict[str, Any]:
        """What the next order depends on, as `json` can write it."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""


class SequentialSampler(Sampler[int]):
    """0, 1, …, len(data_source) − 1."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class DrawingSampler(Sampler[int]):
    """A sampler that draws from `generator`, or without one from `current_generator()`."""

    def __init__(self, generator: np.random.Generator | None) -> None:
        self.generator = as_generator(generator)

    def draws(self) -> np.random.Generator:
        return self.generator or current_generator()

    def state_dict(self) -> dict[str, Any]:
        return {"generator": state_of(self.draws())}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        set_state(self.draws(), state["generator"])


class RandomSampler(DrawingSampler):
    """The indices of `data_source` in random order, a new one in each epoch.

    replacement: draw each index anew, so that some come twice and some never.
    num_samples: how many, if not all; more than there are begins further orders, without
    replacement. Raises ValueError if there would be none, as in PyTorch.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.data_source = data_source
        self.replacement = replacement
        self.wanted = num_samples
        if not len(data_source):
            raise ValueError("RandomSampler: there is nothing to draw from: the dataset is empty")
        refuse_no_samples("RandomSampler", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many indices an epoch has."""
        return len(self.data_source) if self.wanted is None else self.wanted

    def __iter__(self) -> Iterator[int]:
        draws, n = self.draws(), len(self.data_source)
        if self.replacement:
            return iter(draws.integers(n, size=self.num_samples).tolist())
        orders = [draws.permutation(n) for _ in range(ceil(self.num_samples / n))]
        return iter(np.concatenate(orders)[: self.num_samples].tolist())

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(DrawingSampler):
    """These indices in random order."""

    def __init__(
        self, indices: Sequence[int], generator: np.random.Generator | None = None
    ) -> None:
        super().__init__(generator)
        self.indices = indices

    def __iter__(self) -> Iterator[int]:
        order = self.draws().permutation(len(self.indices)).tolist()
        return iter([self.indices[place] for place in order])

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(DrawingSampler):
    """`num_samples` indices, index i with a probability in proportion to weights[i].

    weights: one number an item, not negative; they need not add up to 1. replacement: whether an
    index can come more than once. Raises ValueError for weights that are no probabilities, and for
    more samples than can be drawn.
    """

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.weights = tensor(weights, dtype=np.float64)
        self.num_samples = num_samples
        self.replacement = replacement
        refuse_no_samples("WeightedRandomSampler", num_samples)
        refuse_weights(self.weights.numpy(), None if replacement else num_samples)

    def __iter__(self) -> Iterator[int]:
        drawn = multinomial(
            self.weights, self.num_samples, self.replacement, generator=self.draws()
        )
        return iter(cast(list[int], drawn.tolist()))

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The indices of `sampler` in lists of `batch_size`.

    sampler: any iterable of indices. drop_last: leave out a last list that would be shorter.
    Raises ValueError for a batch size below 1.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool = False) -> None:
        if batch_size < 1:
            raise ValueError(f"BatchSampler: batch_size must be 1 or more, not {batch_size}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        return in_batches(iter(self.sampler), self.batch_size, self.drop_last)

    def __len__(self) -> int:
        count = len(cast(Sized, self.sampler))
        return count // self.batch_size if self.drop_last else ceil(count / self.batch_size)

    def state_dict(self) -> dict[str, Any]:
        return state_dict_of(self.sampler)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        load_state_dict_of(self.sampler, state)


def in_batches(indices: Iterator[int], batch_size: int, drop_last: bool) -> Iterator[list[int]]:
    """Lists of the next `batch_size` indices, until there are none."""
    while batch := list(islice(indices, batch_size)):
        if len(batch) == batch_size or not drop_last:
            yield batch


def state_dict_of(sampler: Any) -> dict[str, Any]:
    """The state of any iterable: none, where it does not say."""
    return sampler.state_dict() if hasattr(sampler, "state_dict") else {}


def load_state_dict_of(sampler: Any, state: dict[str, Any]) -> None:
    if hasattr(sampler, "load_state_dict"):
        sampler.load_state_dict(state)


def refuse_no_samples(name: str, num_samples: int) -> None:
    if num_samples < 1:
        raise ValueError(f"{name}: num_samples must be 1 or more, not {num_samples}")


def refuse_weights(weights: np.ndarray[Any, Any], different: int | None) -> None:
    """different: how many different indices will be drawn; None where they may be the same."""
    if weights.ndim != 1:
        raise ValueError(
            f"WeightedRandomSampler: weights must be (n,), one an item, not {weights.shape}"
        )
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise ValueError(
            "WeightedRandomSampler: weights must be finite, not negative, and not all 0"
        )
    possible = int(np.count_nonzero(weights))
    if different is not None and different > possible:
        raise ValueError(
            f"WeightedRandomSampler: {different} samples without replacement need as many weights "
            f"above 0, but there are {possible}"
        )
