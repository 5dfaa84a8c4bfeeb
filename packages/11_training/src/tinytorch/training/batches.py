"""What a loader gives, as a model and a loss take it: inputs, and behind them the target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, TypeAlias

from tinytorch.tensor import Tensor

Batch: TypeAlias = tuple[Any, ...]
"""The inputs of a model, of which there is mostly one, and the target of the loss as the last."""


def as_batch(given: Any) -> Batch:
    """A list or tuple of inputs and a target, as a tuple. Raises TypeError for anything else."""
    if isinstance(given, list | tuple) and len(given) > 1:
        return tuple(given)
    raise TypeError(
        f"a batch for training is a list or tuple of inputs and a target, but this is {told(given)}"
        ": let the dataset or collate_fn give (input, target)"
    )


def inputs_of(given: Any) -> tuple[Any, ...]:
    """What goes into the model: a tensor by itself, or all but the target of a batch."""
    return (given,) if isinstance(given, Tensor) else as_batch(given)[:-1]


def in_groups(batches: Iterable[Any], size: int) -> Iterator[list[Batch]]:
    """The next `size` batches at a time; the last group may be smaller."""
    remaining = iter(batches)
    while group := [as_batch(given) for given in islice(remaining, size)]:
        yield group


def in_parts(batch: Sequence[Any], parts: int) -> list[Batch]:
    """The batch cut along the first dimension into contiguous parts, equal to within one example.

    Fewer than `parts`, where there are fewer examples. Raises ValueError if the entries have
    different numbers of examples.
    """
    counts = [len(entry) for entry in batch]
    if len(set(counts)) > 1:
        raise ValueError(f"a batch has as many inputs as targets, but here there are {counts}")
    examples = counts[0]
    cuts = [examples * part // parts for part in range(parts + 1)]
    return [
        tuple(entry[start:stop] for entry in batch)
        for start, stop in pairwise(cuts)
        if start < stop
    ]


def told(given: Any) -> str:
    if isinstance(given, list | tuple):
        return f"a {type(given).__name__} of {len(given)}"
    return f"a {type(given).__name__}"
