"""What a classifier should have said: the target of a loss over classes, as rows beside its scores.

The input of such a loss is (N, C), or (N, C, d1, …) with a score for each class at each place. It
becomes rows (M, C), one for each place. A row's target is a weight u for each class:

- by index, it is 0 for all classes but one: `OneClass`
- as a distribution, given or smoothed from an index: `Distribution`

Either can do what a loss needs of it: multiply, and take away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tinytorch.tensor import Array, result_type


@dataclass(slots=True)
class OneClass:
    """A single class in each row.

    index: (M,), which class. weights: (M,), its u; None where all are 1. ignored: (M,) of bool, the
    rows that do not count, whose u is 0; or None. count: Σ u, what a mean over the rows is divided
    by.
    """

    index: Array
    weights: Array | None
    ignored: Array | None
    count: float

    @property
    def total(self) -> Any:
        """Σ u of each row: (M,), or 1 for all."""
        return 1 if self.weights is None else self.weights

    def dot(self, rows: Array) -> Array:
        """Σ u · rows over the classes: (M,)."""
        picked = rows[np.arange(len(rows)), self.index]
        return picked if self.weights is None else picked * self.weights

    def take_away(self, rows: Array, share: Any) -> None:
        """rows −= share · u, in place. rows: (M, C). share: (M,), or one for all."""
        away = share if self.weights is None else share * self.weights
        rows[np.arange(len(rows)), self.index] -= away

    def forget_ignored(self, losses: Array) -> None:
        """0 where a row does not count, in place, even if the row holds nan."""
        if self.ignored is not None:
            losses[self.ignored] = 0


@dataclass(slots=True)
class Distribution:
    """Some of each class.

    weights: (M, C), u. ignored, count: as of `OneClass`. slope: (C,) or a number, ∂u/∂target;
    None where the target was an index.
    """

    weights: Array
    ignored: Array | None
    count: float
    slope: Any = None

    @property
    def total(self) -> Any:
        """Σ u of each row: (M,)."""
        return self.weights.sum(axis=1)

    def dot(self, rows: Array) -> Array:
        """Σ u · rows over the classes: (M,)."""
        return np.einsum("mc,mc->m", self.weights, rows)

    def take_away(self, rows: Array, share: Any) -> None:
        """rows −= share · u, in place. rows: (M, C). share: (M,), or one for all."""
        rows -= self.weights * (share[:, None] if np.ndim(share) else share)

    def forget_ignored(self, losses: Array) -> None:
        """0 where a row does not count, in place, even if the row holds nan."""
        if self.ignored is not None:
            losses[self.ignored] = 0


ClassTargets: TypeAlias = OneClass | Distribution


def as_rows(x: Array) -> Array:
    """(N, C, d1, …) or (C,) as (M, C), M = N · d1 · …; of (N, C) it is x itself."""
    if x.ndim == 2:
        return x
    return np.moveaxis(x, class_axis(x.ndim), -1).reshape(-1, x.shape[class_axis(x.ndim)])


def as_input(rows: Array, shape: tuple[int, ...]) -> Array:
    """Rows (M, C) in the input's shape again."""
    if len(shape) == 2:
        return rows
    axis = class_axis(len(shape))
    behind = (*shape[:axis], *shape[axis + 1 :], shape[axis])
    return np.moveaxis(rows.reshape(behind), -1, axis)


def class_axis(ndim: int) -> int:
    return 1 if ndim > 1 else 0


def places_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the losses of an input: its own without that of the classes."""
    axis = class_axis(len(shape))
    return (*shape[:axis], *shape[axis + 1 :])


def by_index(
    name: str, input: Array, target: Array, weight: Array | None, ignore_index: int
) -> OneClass:
    """The target of the loss `name`, from class indices.

    input: (N, C, d1, …) or (C,). target: (N, d1, …) or (), integers from 0 to C − 1, or
    ignore_index. weight: (C,) or None. Raises IndexError for a class that there is not.
    """
    check_indices(name, input, target)
    classes = input.shape[class_axis(input.ndim)]
    index = target.reshape(-1).astype(np.intp, copy=False)
    ignored = None
    # Seen as unsigned, a negative index is a very large one: a single look finds both.
    if 0 <= ignore_index < classes or (index.size and index.view(np.uintp).max() >= classes):
        ignored = index == ignore_index
        refuse_unknown(name, index[~ignored], classes, ignore_index)
        index = np.where(ignored, 0, index)
    weights = None if weight is None else fitting_weight(name, weight, input)[index]
    if ignored is not None:
        weights = np.where(ignored, 0, 1 if weights is None else weights).astype(input.dtype)
    count = len(index) if weights is None else float(weights.sum())
    return OneClass(index, weights, ignored, count)


def smoothed(
    by_class: OneClass, weight: Array | None, smoothing: float, rows: Array
) -> Distribution:
    """The share `smoothing` of the one class's weight spread evenly over all classes."""
    classes = rows.shape[1]
    weights = np.full_like(rows, smoothing / classes, order="C")
    if weight is not None:
        weights *= weight
    by_class.take_away(weights, smoothing - 1)
    if by_class.ignored is not None:
        weights[by_class.ignored] = 0
    return Distribution(weights, by_class.ignored, by_class.count)


def by_probability(
    name: str, input: Array, target: Array, weight: Array | None, smoothing: float
) -> Distribution:
    """The target of the loss `name`, from probabilities of the input's shape.

    weight: (C,) or None. smoothing: the share that is spread evenly over all classes.
    """
    probabilities = as_rows(target).astype(result_type(input, target), copy=False)
    count = len(probabilities)
    slope: Any = 1 - smoothing
    if smoothing:
        probabilities = probabilities * slope + smoothing / probabilities.shape[1]
    if weight is not None:
        fitted = fitting_weight(name, weight, input).astype(probabilities.dtype, copy=False)
        probabilities, slope = probabilities * fitted, fitted * slope
    return Distribution(probabilities, None, count, slope)


def check_indices(name: str, input: Array, target: Array) -> None:
    wanted = places_of(input.shape)
    if target.shape != wanted:
        raise ValueError(
            f"{name}: the target {target.shape} and the input {input.shape} do not fit: class "
            f"indices for this input have the shape {wanted}"
        )
    if target.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: class indices must be integers, but the target is {target.dtype}; use "
            ".long() if it holds indices"
        )


def refuse_unknown(name: str, index: Array, classes: int, ignore_index: int) -> None:
    unknown = index[(index < 0) | (index >= classes)]
    if unknown.size:
        raise IndexError(
            f"{name}: the target holds class {unknown[0]}, but the input has {classes} classes, "
            f"counted from 0; only {ignore_index} is ignored (ignore_index)"
        )


def fitting_weight(name: str, weight: Array, input: Array) -> Array:
    """One weight for each class, in the input's type, or ValueError."""
    weight = np.asarray(weight)
    classes = input.shape[class_axis(input.ndim)]
    if weight.shape != (classes,):
        raise ValueError(
            f"{name}: weight {weight.shape} and the input {input.shape} do not fit: there must be "
            f"one number for each of the {classes} classes"
        )
    return weight.astype(input.dtype, copy=False)
