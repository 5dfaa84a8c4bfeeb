"""float16, worked on as float32: a sum over a batch is soon more than float16 can hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from tinytorch.tensor import Array, float16

Forward = Callable[..., tuple[Any, ...]]
Rule = Callable[..., list[Array | None]]


def half_through_float32(forward: Forward) -> Forward:
    """Inputs in float16 are float32 inside; where no other is wider, the loss is float16 again.

    What is saved for the gradient stays float32.
    """

    @wraps(forward)
    def through(input: Array, target: Array, **options: Any) -> tuple[Any, ...]:
        if input.dtype != float16 and target.dtype != float16:
            return forward(input, target, **options)
        out, *saved = forward(_widened(input), _widened(target), **options)
        narrow = all(x.dtype == np.float16 for x in (input, target) if x.dtype.kind == "f")
        return (out.astype(np.float16) if narrow else out), *saved

    return through


def gradients_through_float32(rule: Rule) -> Rule:
    """Where g is float16, the rule works in float32, and its gradients are float16 again."""

    @wraps(rule)
    def through(g: Array, *kept: Any) -> list[Array | None]:
        if g.dtype != float16:
            return rule(g, *kept)
        gradients = rule(g.astype(np.float32), *map(_widened, kept))
        return [None if each is None else each.astype(np.float16) for each in gradients]

    return through


def _widened(x: Any) -> Any:
    return x.astype(np.float32) if getattr(x, "dtype", None) == np.float16 else x
