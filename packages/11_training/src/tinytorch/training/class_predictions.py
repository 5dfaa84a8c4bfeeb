"""What a classifier says: a class for each example, out of scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.tensor import Array

from .class_targets import as_rows, places_of
from .metric import values_of


def rows_and_classes(
    name: str, output: Any, target: Any, ignore_index: int | None
) -> tuple[Array, Array]:
    """Scores (M, C) and the right classes (M,), without the ignored ones.

    output: (N, C), (N, C, d1, …) or (C,). target: (N,), (N, d1, …) or (), integers. Raises
    ValueError for shapes that do not fit, TypeError for other types, IndexError for a class that
    there is not.
    """
    scores, classes = values_of(output), values_of(target)
    if scores.ndim == 0 or classes.shape != places_of(scores.shape):
        raise ValueError(
            f"{name}: the output {scores.shape} and the target {classes.shape} do not fit: there "
            "must be scores (N, C) or (N, C, …) for classes (N,) or (N, …)"
        )
    rows, classes = as_rows(scores), flat_classes(name, "target", classes)
    if ignore_index is not None:
        rows, classes = rows[classes != ignore_index], classes[classes != ignore_index]
    check_known(name, "target", classes, rows.shape[1])
    return rows, classes


def predicted_and_classes(
    name: str, output: Any, target: Any, classes: int, ignore_index: int | None
) -> tuple[Array, Array]:
    """The predicted classes (M,) and the right ones (M,), without the ignored ones.

    output: scores as in `rows_and_classes`, of which the largest wins, the first if there are
    several; or the predicted classes themselves, integers of the target's shape. classes: how many
    there are. Raises as `rows_and_classes`.
    """
    found, right = values_of(output), values_of(target)
    if found.shape != right.shape or found.dtype.kind == "f":
        rows, right = rows_and_classes(name, found, right, ignore_index)
        if rows.shape[1] != classes:
            raise ValueError(
                f"{name}: the output {found.shape} has scores for {rows.shape[1]} classes, but "
                f"there should be {classes}"
            )
        return rows.argmax(axis=1), right
    predicted, right = flat_classes(name, "output", found), flat_classes(name, "target", right)
    if ignore_index is not None:
        predicted, right = predicted[right != ignore_index], right[right != ignore_index]
    check_known(name, "output", predicted, classes)
    check_known(name, "target", right, classes)
    return predicted, right


def flat_classes(name: str, what: str, classes: Array) -> Array:
    if classes.dtype.kind not in "iub":
        raise TypeError(
            f"{name}: the {what} must hold classes, integers, but it is {classes.dtype}; use "
            ".long() if they are"
        )
    return classes.reshape(-1).astype(np.int64, copy=False)


def check_known(name: str, what: str, classes: Array, count: int) -> None:
    unknown = classes[(classes < 0) | (classes >= count)]
    if unknown.size:
        raise IndexError(
            f"{name}: the {what} holds class {unknown[0]}, but there are {count} classes, counted "
            "from 0"
        )
