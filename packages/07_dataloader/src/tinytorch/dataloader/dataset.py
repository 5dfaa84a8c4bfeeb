"""Datasets: what has a length and gives an item for an index, and what is made of others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Generic, TypeVar

from tinytorch.tensor import Tensor

from .fetching import fetch_collated, fetch_items

Item = TypeVar("Item")


class Dataset(Generic[Item]):
    """Items by number: a subclass writes `__getitem__` and `__len__`.

    Anything else that has the two, a list for instance, is a dataset as well. A loader with workers
    calls them from several threads at once.

    A dataset that reads many items faster than one by one can say so in two ways, and a loader will
    use them; what a subclass writes in `__getitem__` later goes before both:

    - `__getitems__(indices)`: the list of these items, as in PyTorch;
    - `collated(indices)`: the finished batch, equal to what `default_collate` makes of that list.
    """

    def __getitem__(self, index: int) -> Item:
        """Item `index`, from 0. Raises IndexError where there is none."""
        raise NotImplementedError(f"{type(self).__name__} should define __getitem__(index)")

    def __len__(self) -> int:
        """The number of items."""
        raise NotImplementedError(f"{type(self).__name__} should define __len__()")

    def __add__(self, other: Dataset[Item]) -> ConcatDataset[Item]:
        """The items of this dataset, then those of `other`."""
        return ConcatDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors side by side: item i is (tensors[0][i], tensors[1][i], …).

    tensors: each (N, …). Raises ValueError if their first sizes differ, or if there is none.
    """

    def __init__(self, *tensors: Tensor) -> None:
        refuse_unequal(tensors)
        self.tensors = tensors

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return self.tensors[0].shape[0]

    def collated(self, indices: Sequence[int]) -> list[Tensor]:
        """[tensors[0][indices], tensors[1][indices], …]: one copy of each, instead of a split and
        a stack."""
        rows = list(indices)
        return [tensor[rows] for tensor in self.tensors]


def refuse_unequal(tensors: Sequence[Tensor]) -> None:
    if not tensors:
        raise ValueError("TensorDataset: it needs at least one tensor")
    shapes = [tensor.shape for tensor in tensors]
    if any(shape[:1] != shapes[0][:1] or not shape for shape in shapes):
        raise ValueError(
            "TensorDataset: all tensors must have the same first size, the number of items, but "
            f"their shapes are {', '.join(map(str, shapes))}"
        )


class Subset(Dataset[Item]):
    """Some items of a dataset: item i is dataset[indices[i]]."""

    def __init__(self, dataset: Dataset[Item], indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: int) -> Item:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitems__(self, indices: Sequence[int]) -> list[Item]:
        """These items, as fast as the dataset can give them."""
        return fetch_items(self.dataset, [self.indices[index] for index in indices])

    def collated(self, indices: Sequence[int]) -> Any:
        """These items as a batch, as fast as the dataset can give it."""
        return fetch_collated(self.dataset, [self.indices[index] for index in indices])


class ConcatDataset(Dataset[Item]):
    """Datasets one behind the other.

    Raises ValueError if there is none. `ends[k]` is the number of items in the first k + 1 of them.
    """

    def __init__(self, datasets: Iterable[Dataset[Item]]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: it needs at least one dataset")
        self.ends = list(accumulate(len(dataset) for dataset in self.datasets))

    def __getitem__(self, index: int) -> Item:
        which, within = self.locate(index)
        return self.datasets[which][within]

    def __len__(self) -> int:
        return self.ends[-1]

    def locate(self, index: int) -> tuple[int, int]:
        """Which dataset item `index` is in, and its index there. Negative ones count from the end.

        Raises IndexError where there is no such item.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(f"ConcatDataset: there is no item {index} among {len(self)}")
        index %= len(self)
        which = bisect_right(self.ends, index)
        return which, index - (self.ends[which - 1] if which else 0)
