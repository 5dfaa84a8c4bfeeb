"""Whether calls are recorded: yes, unless the code at hand says that it wants no gradients.

The answer belongs to the thread or the asynchronous task that asks. A new thread starts with yes; a
new task with what holds where it is made.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self, TypeVar, overload

F = TypeVar("F", bound=Callable[..., Any])

recording = ContextVar("recording", default=True)
"""What holds here and now. To set it and put it back is less work than to enter a context."""
_around: ContextVar[tuple[bool, ...]] = ContextVar("around", default=())
"""What held before each of the contexts that are entered here, the innermost last."""

is_recording = recording.get
"""What `is_grad_enabled` says, for the recorder, which asks at every call."""


def is_grad_enabled() -> bool:
    """Whether calls made here and now are recorded."""
    return is_recording()


class _Mode:
    """A context that sets the mode, or a decorator: then it holds during each call.

    What it will put back is kept with the thread or task, not here. So one object can be entered
    again inside itself, and by many threads at a time.
    """

    mode: bool

    def __enter__(self) -> None:
        self._enter(recording.get())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        *around, before = _around.get()
        _around.set(tuple(around))
        recording.set(before)

    def __call__(self, function: F) -> F:
        return _during(function, self)

    def _enter(self, before: bool) -> None:
        _around.set((*_around.get(), before))
        recording.set(self.mode)


class _FixedMode(_Mode):
    """A mode that needs no argument, and as a decorator no brackets."""

    @overload
    def __new__(cls) -> Self: ...
    @overload
    def __new__(cls, function: F) -> F: ...  # type: ignore[misc]
    def __new__(cls, function: Any = None) -> Any:
        mode = super().__new__(cls)
        return mode if function is None else mode(function)


class no_grad(_FixedMode):
    """A context in which nothing is recorded: `with no_grad():`, or `@no_grad()` on a function.

    Results made inside require no gradient, whatever they are made of, so that nothing is kept for
    a way back; and a parameter may be written to in place. A generator is decorated step by step,
    a coroutine for as long as it runs. Raises TypeError for an asynchronous generator.
    """

    mode = False


class enable_grad(_FixedMode):
    """A context in which calls are recorded, inside a `no_grad`."""

    mode = True


class set_grad_enabled(_Mode):
    """Record from now on, or do not: `set_grad_enabled(False)`, or with it as a context.

    As in PyTorch it takes effect when it is called; used as a context, it is undone at the end. As
    a decorator it holds for each call of the function.
    """

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
        self._before: bool | None = recording.get()
        recording.set(self.mode)

    def __enter__(self) -> None:
        before, self._before = self._before, None
        self._enter(recording.get() if before is None else before)

    def __call__(self, function: F) -> F:
        if self._before is not None:
            recording.set(self._before)
        return _during(function, enable_grad() if self.mode else no_grad())


def _during(function: Any, mode: _Mode) -> Any:
    """`function`, run inside `mode` at each call."""
    if inspect.isasyncgenfunction(function):
        raise TypeError(
            f"{type(mode).__name__}: {function.__name__} is an asynchronous generator, which "
            "cannot be decorated; write `with` inside of it, around what lies between two yields"
        )
    if inspect.isgeneratorfunction(function):
        return _stepwise(function, mode)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            with mode:
                return await function(*args, **kwargs)

        return awaited

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with mode:
            return function(*args, **kwargs)

    return call


def _stepwise(function: Any, mode: _Mode) -> Any:
    """A generator function, each step of whose generators runs inside `mode`; between two steps
    whoever asked for them goes on in a mode of their own.
    """

    @functools.wraps(function)
    def steps(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        resume, value = generator.send, None
        while True:
            try:
                with mode:
                    given = resume(value)
            except StopIteration as end:
                return end.value
            try:
                value, resume = (yield given), generator.send
            except BaseException as error:  # noqa: BLE001 - it is the generator's to handle
                value, resume = error, generator.throw

    return steps
