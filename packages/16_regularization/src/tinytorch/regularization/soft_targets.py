"""Targets as distributions: how much of each class, in the place of a class."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor

from .refusing import refuse_by


def check_share(target: Tensor, num_classes: int, eps: float = 0.1) -> None:
    if not 0 <= eps <= 1:
        raise ValueError(f"smooth_labels: eps is a share, from 0 to 1, not {eps}")


@refuse_by(check_share)
def smooth_labels(target: Tensor, num_classes: int, eps: float = 0.1) -> Tensor:
    """(1 − eps) of each target, and eps spread evenly over all classes.

    target: classes (N,), (N, d1, …) or (), integers from 0 to C − 1; or distributions already,
    floating, (N, C), (N, C, d1, …) or (C,). num_classes: C. The result, for the losses that take
    probabilities: (N, C), (N, C, d1, …) or (C,), float32 of integers, else of the target's type.
    Raises ValueError for an eps outside of 0 to 1 and for shapes that do not fit, IndexError for a
    class that there is not. Szegedy et al. 2016, section 7.
    """
    probabilities = as_probabilities("smooth_labels", target, num_classes)
    return Tensor(probabilities * (1 - eps) + eps / num_classes)


def one_hot(target: Array, num_classes: int) -> Array:
    """1 at each target's class, and 0 elsewhere: the classes as dimension 1 (0 of a single one).

    target: (N, d1, …) or (), integers from 0 to num_classes − 1. The result: (N, C, d1, …) or (C,),
    float32.
    """
    classes = np.arange(num_classes)
    rows = (target[..., np.newaxis] == classes).astype(np.float32)
    return rows if target.ndim == 0 else np.moveaxis(rows, -1, 1)


def as_probabilities(name: str, target: Tensor, num_classes: int | None) -> Array:
    """The target of the function `name` as a distribution over the classes at each place.

    target: as in `smooth_labels`; num_classes may be None for distributions.
    """
    refuse_other_than_a_tensor(name, target)
    values = target.detach().array
    if values.dtype.kind == "f":
        refuse_other_than_distributions(name, values, num_classes)
        return values
    if num_classes is None:
        raise ValueError(f"{name}: classes as integers need num_classes, how many there are")
    refuse_other_than_classes(name, values, num_classes)
    return one_hot(values, num_classes)


def refuse_other_than_a_tensor(name: str, x: Tensor) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: expected a tensor, but got a {type(x).__name__}")


def refuse_other_than_distributions(name: str, values: Array, num_classes: int | None) -> None:
    if values.ndim == 0:
        raise ValueError(f"{name}: a distribution has a number for each class, not one alone")
    classes = values.shape[1 if values.ndim > 1 else 0]
    if num_classes not in (None, classes):
        raise ValueError(
            f"{name}: the target {values.shape} holds distributions over {classes} classes, but "
            f"num_classes is {num_classes}; classes themselves must be integers: use .long()"
        )


def refuse_other_than_classes(name: str, values: Array, num_classes: int) -> None:
    if values.dtype.kind not in "iu":
        raise TypeError(f"{name}: classes must be integers, not {values.dtype}; use .long()")
    if num_classes < 1:
        raise ValueError(f"{name}: there must be 1 class or more, not {num_classes}")
    unknown = values[(values < 0) | (values >= num_classes)]
    if unknown.size:
        raise IndexError(
            f"{name}: the target holds class {unknown[0]}, but there are {num_classes} classes, "
            "counted from 0"
        )
