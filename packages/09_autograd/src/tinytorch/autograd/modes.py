"""Whether calls are recorded: yes, unless the code at hand says that it wants no gradients.

The answer belongs to the thread (or the asynchronous task) that asks. A new thread starts with yes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_recording = ContextVar("recording", default=True)
is_grad_enabled = _recording.get


class set_grad_enabled:
    """Record from now on, or do not: `set_grad_enabled(False)`, or with it as a context.

    As in PyTorch it takes effect when it is called; used as a context, it is undone at the end. As
    a decorator it holds for each call of the function.
    """

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
        self._tokens: list[Token[bool]] = [_recording.set(self.mode)]

    def __enter__(self) -> None:
        if not self._tokens:
            self._tokens.append(_recording.set(self.mode))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _recording.reset(self._tokens.pop())

    def __call__(self, function: F) -> F:
        self.__exit__(None, None, None)
        return _during(function, lambda: set_grad_enabled(self.mode))


class _Mode:
    """A context that sets the mode; it can be entered again inside itself, and decorates."""

    mode: bool

    def __init__(self) -> None:
        self._tokens: list[Token[bool]] = []

    def __enter__(self) -> None:
        self._tokens.append(_recording.set(self.mode))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _recording.reset(self._tokens.pop())

    def __call__(self, function: F) -> F:
        return _during(function, type(self))


class no_grad(_Mode):
    """A context in which nothing is recorded: `with no_grad():`, or `@no_grad()` on a function.

    Results made inside require no gradient, whatever they are made of, so that nothing is kept for
    a way back; and a parameter may be written to in place.
    """

    mode = False


class enable_grad(_Mode):
    """A context in which calls are recorded, inside a `no_grad`."""

    mode = True


def _during(function: Any, context: Callable[[], Any]) -> Any:
    """`function`, run inside a new context at each call. A generator: at each of its steps."""
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def steps(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            resume, value = generator.send, None
            while True:
                try:
                    with context():
                        given = resume(value)
                except StopIteration as end:
                    return end.value
                try:
                    value, resume = (yield given), generator.send
                except BaseException as error:  # noqa: BLE001 - it is the generator's to handle
                    value, resume = error, generator.throw

        return steps

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with context():
            return function(*args, **kwargs)

    return call
