"""Penalties: the size of the weights as a part of the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps

from tinytorch.tensor import Tensor, float16


def of_each_once(
    penalty: Callable[[Iterable[Tensor]], Tensor],
) -> Callable[[Iterable[Tensor]], Tensor]:
    """Give a penalty a list: of each parameter once, of float16 as float32. A decorator."""

    @wraps(penalty)
    def of_list(parameters: Iterable[Tensor]) -> Tensor:
        return penalty(as_list(penalty.__name__, parameters))

    return of_list


def as_list(name: str, parameters: Iterable[Tensor]) -> list[Tensor]:
    """What the function `name` was given, each once, or an error that says what it should be."""
    if isinstance(parameters, Tensor):
        raise TypeError(f"{name}: expected a list of parameters, but got one tensor: use [w]")
    found: dict[int, Tensor] = {}
    for parameter in parameters:
        if not isinstance(parameter, Tensor) or parameter.dtype.kind != "f":
            kind = getattr(parameter, "dtype", type(parameter).__name__)
            raise TypeError(f"{name}: a parameter is a floating tensor, but one here is {kind}")
        found[id(parameter)] = parameter
    if not found:
        raise ValueError(
            f"{name}: there are no parameters; `model.parameters()` can be walked through once, "
            "and is empty then"
        )
    return [w.float() if w.dtype == float16 else w for w in found.values()]


@of_each_once
def l1_penalty(parameters: Iterable[Tensor]) -> Tensor:
    """Σ |w| over all numbers of all parameters. Its gradient is the sign of w: every weight is
    drawn to 0 by the same force, and small ones arrive.

    parameters: floating tensors of any shapes; one that is listed twice counts once. The result is
    a single number, in the type in which they meet, float32 for float16. Raises ValueError for no
    parameters, TypeError for what is none. Tibshirani 1996.
    """
    return total([w.abs().sum() for w in parameters])


@of_each_once
def l2_penalty(parameters: Iterable[Tensor]) -> Tensor:
    """½ Σ w² over all numbers of all parameters. Its gradient is w: large weights are drawn to 0
    the most, and small ones never quite arrive.

    With the half, `loss + λ * l2_penalty(…)` is what `SGD(…, weight_decay=λ)` descends. The rest
    as in `l1_penalty`. Krogh & Hertz 1992.
    """
    return 0.5 * total([w.square().sum() for w in parameters])


def total(numbers: list[Tensor]) -> Tensor:
    """Their sum. numbers: one or more."""
    first, *others = numbers
    return sum(others, first)
