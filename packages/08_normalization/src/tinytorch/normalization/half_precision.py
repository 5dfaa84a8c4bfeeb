"""float16, worked on as float32: the square of 300 is more than float16 can hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from tinytorch.tensor import Array

Forward = Callable[..., tuple[Array, ...]]
Rule = Callable[..., list[Array | None]]


def half_through_float32(forward: Forward) -> Forward:
    """Where x is float16, the inputs are float32 inside, and the result is float16 again.

    What is saved for the gradient stays float32.
    """

    @wraps(forward)
    def through(x: Array, *parameters: Array | None, **attributes: Any) -> tuple[Array, ...]:
        if x.dtype != np.float16:
            return forward(x, *parameters, **attributes)
        wide = [None if p is None else p.astype(np.float32) for p in parameters]
        out, *saved = forward(x.astype(np.float32), *wide, **attributes)
        return out.astype(np.float16), *saved

    return through


def gradients_through_float32(rule: Rule) -> Rule:
    """Where g is float16, the rule works in float32, and its gradients are float16 again."""

    @wraps(rule)
    def through(g: Array, *kept: Any) -> list[Array | None]:
        if g.dtype != np.float16:
            return rule(g, *kept)
        wide = [k.astype(np.float32) if isinstance(k, np.ndarray) else k for k in kept]
        gradients = rule(g.astype(np.float32), *wide)
        return [None if each is None else each.astype(np.float16) for each in gradients]

    return through
