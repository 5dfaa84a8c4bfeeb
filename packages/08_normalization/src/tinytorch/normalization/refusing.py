"""What does not fit is refused before an operation begins."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from tinytorch.tensor import Array

Forward = Callable[..., tuple[Array, ...]]


def refuse_by(check: Callable[..., None]) -> Callable[[Forward], Forward]:
    """Call check, which may raise, with an operation's arguments first. A decorator."""

    def guard(forward: Forward) -> Forward:
        @wraps(forward)
        def checked(*inputs: Array | None, **attributes: Any) -> tuple[Array, ...]:
            check(*inputs, **attributes)
            return forward(*inputs, **attributes)

        return checked

    return guard
