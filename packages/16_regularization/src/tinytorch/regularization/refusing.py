"""What does not fit is refused before a function begins."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def refuse_by(check: Callable[..., None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Call check, which may raise, with a function's arguments first. A decorator."""

    def guard(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            check(*args, **kwargs)
            return function(*args, **kwargs)

        return checked

    return guard
