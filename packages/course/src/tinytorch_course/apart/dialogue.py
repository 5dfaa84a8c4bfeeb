"""The judge's end of the dialogue: asks the respondent, and serves what it asks back meanwhile.

Everything that arrives may come from somebody hostile. A message that is none, too deep a nest of
calls, or the end of the respondent ends the judge at once: the command sees at which check.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn
from weakref import WeakValueDictionary

import numpy as np

from tinytorch_course.apart import mirrors
from tinytorch_course.apart.mirrors import Bound, Mirror, Owner
from tinytorch_course.apart.trust import Distrusted
from tinytorch_course.apart.values import BUILTIN_TYPES, OUTSIDE_ERRORS, Codec
from tinytorch_course.apart.wire import (
    RESPONDENT_ENDED,
    Channel,
    Closed,
    Malformed,
    demand,
    well_formed,
)

DEEPEST = 100
LONGEST_PRINT = 20_000
USUAL_ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
OF_OBJECTS = frozenset({
    "__call__", "__contains__", "__enter__", "__exit__", "__getitem__", "__iter__", "__len__",
    "__next__", "__float__", "__int__", "__index__", "__str__", "__repr__",
})  # fmt: skip


class Dialogue(Codec):
    """last_word: the file in which the judge says why it ended early."""

    def __init__(self, channel: Channel, last_word: Path) -> None:
        super().__init__()
        self.channel = channel
        self.last_word = last_word
        self.depth = 0
        self.mirrors: WeakValueDictionary[int, Mirror] = WeakValueDictionary()
        self.classes: dict[int, type] = {}
        self.number_of_class: dict[type, int] = {}
        self.handed: dict[int, Any] = {}
        self.number_of_handed: dict[int, int] = {}
        self.methods: dict[int, frozenset[str]] = {}
        self.states: dict[int, str] = {}
        self.dropped: list[tuple[int, int]] = []
        self.raised: dict[int, BaseException] = {}
        self.breaches: list[BaseException] = []
        """What must make the running check fail, even if somebody catches it."""
        mirrors.connect(self)

    # Asking

    def ask(self, wanted: str, *values: Any) -> Any:
        """The respondent's answer; raises what was raised there."""
        return self.ask_for(self.read, wanted, *values)

    def ask_for(self, read: Callable[[Any, bytearray], Any], wanted: str, *values: Any) -> Any:
        outer, self.blob = self.blob, bytearray()
        errors = np.geterr()
        dropped, self.dropped = self.dropped, []
        message = ["ask", wanted, errors if errors != USUAL_ERRORS else None, dropped]
        try:
            message += map(self.write, values)
            self._send(message)
        except BaseException:
            self.dropped += dropped
            raise
        finally:
            self.blob = outer
        return self._served(read)

    def _served(self, read: Callable[[Any, bytearray], Any]) -> Any:
        """Serve calls until the answer is there."""
        while True:
            message, blob = self._received()
            kind, printed = self._strictly(_opening, message)
            if printed:
                sys.stdout.write(printed[:LONGEST_PRINT])
            if kind == "answer":
                return self._strictly(read, message[2], blob)
            if kind == "raised":
                raise self._strictly(self._raised, message[2], blob)
            self._serve(message, blob)

    def _serve(self, message: list[Any], blob: bytearray) -> None:
        function, args, kwargs = self._strictly(self._call, message, blob)
        self.depth += 1
        if self.depth > DEEPEST:
            self.end("its functions called one another too deeply")
        try:
            found = function(*args, **kwargs)
            self.blob = bytearray()
            self._send(["answer", self.write(found)])
        except BaseException as error:  # noqa: BLE001  whatever a check raises is carried on
            if isinstance(error, AssertionError) or not isinstance(error, Exception):
                self.breaches.append(error)
            self.blob = bytearray()
            self._send(["raised", *self._handed_exception(error)])
        finally:
            self.depth -= 1

    def _call(self, message: list[Any], blob: bytearray) -> tuple[Any, Any, Any]:
        _, _, number, name, args, kwargs = message
        target = self.handed[number]
        if name:
            demand(name in self.methods[number])
            target = getattr(type(target), name).__get__(target)
        else:
            demand(number not in self.methods and not isinstance(target, BaseException))
        args, kwargs = self.read(args, blob), self.read(kwargs, blob)
        demand(type(args) is tuple)
        demand(type(kwargs) is dict and all(type(key) is str for key in kwargs))
        return target, args, kwargs

    def _send(self, message: list[Any]) -> None:
        try:
            self.channel.send(message, self.blob)
        except Closed:
            self.end("")

    def _received(self) -> tuple[list[Any], bytearray]:
        try:
            return self.channel.receive()
        except Closed:
            self.end("")
        except Malformed as problem:
            self.end(f"it answered with {problem}")

    def _strictly(self, read: Callable[..., Any], *message: Any) -> Any:
        try:
            return well_formed(lambda: read(*message))
        except Malformed as problem:
            self.end(f"it answered with {problem}")

    def end(self, why: str) -> NoReturn:
        self.last_word.write_text(why, encoding="utf-8")
        os._exit(RESPONDENT_ENDED)

    def breach(self, why: str) -> Distrusted:
        """To be raised: the running check fails, whatever becomes of it."""
        error = Distrusted(why)
        self.breaches.append(error)
        return error

    # Writing: what the respondent gets for the judge's objects

    def write_other(self, value: Any) -> Any:
        if isinstance(value, Mirror):
            return ["r", mirrors.number_of(value)]
        if isinstance(value, Owner):
            return ["k", value.number]
        if isinstance(value, Bound):
            return ["bm", self.write(value.__self__), value.__name__]
        if isinstance(value, type) and value in self.number_of_class:
            return ["k", self.number_of_class[value]]
        if isinstance(value, tuple) and type(value) in self.number_of_class:
            return ["nt", self.write_other(type(value)), *map(self.write, value)]
        if isinstance(value, ModuleType) and value.__name__.startswith("tinytorch."):
            return ["m", value.__name__]
        if isinstance(value, np.ndarray) and value.dtype == object:
            return ["ao", list(value.shape), *map(self.write, value.flat)]
        if isinstance(value, np.random.Generator):
            return self._generator(value)
        if isinstance(value, BaseException):
            return ["je", *self._handed_exception(value)]
        number = self.hand(value)
        if inspect.isroutine(value) or isinstance(value, type) or not _methods_of(value):
            return self._function(number, value) if callable(value) else ["j", number]
        self.methods[number] = _methods_of(value)
        return ["jo", number, type(value).__name__, ["l", 0, *sorted(self.methods[number])]]

    def hand(self, value: Any) -> int:
        number = self.number_of_handed.get(id(value))
        if number is None:
            number = len(self.handed) + 1
            self.handed[number] = value
            self.number_of_handed[id(value)] = number
        return number

    def _function(self, number: int, value: Any) -> list[Any]:
        try:
            signature = self.write_signature(inspect.signature(value))
        except (TypeError, ValueError):
            signature = None
        name = str(getattr(value, "__name__", type(value).__name__))
        doc = getattr(value, "__doc__", None)
        return [
            *("jf", number, name, str(getattr(value, "__qualname__", name))),
            *(str(getattr(value, "__module__", "")), doc if type(doc) is str else None),
            signature,
        ]

    def _generator(self, value: np.random.Generator) -> list[Any]:
        """Its state only if it has drawn since it was sent last: the counterpart goes on alone."""
        number = self.hand(value)
        state = repr(value.bit_generator.state)
        sent = self.states.get(number)
        self.states[number] = state
        told = None if state == sent else self.write(value.bit_generator.state)
        return ["rng", number, type(value.bit_generator).__name__, told]

    def _handed_exception(self, error: BaseException) -> list[Any]:
        kind = type(error)
        number = self.hand(error)
        outside = kind.__module__ in OUTSIDE_ERRORS
        known = kind in self.number_of_class or kind in BUILTIN_TYPES.values() or outside
        bases = [each for each in kind.__mro__ if each in BUILTIN_TYPES.values()]
        args = [each if type(each) in (str, int, float, bool) else str(each) for each in error.args]
        return [
            number,
            self.write(kind) if known else kind.__name__,
            ["l", 0, *map(self.write, bases)],
            ["l", 0, *args],
        ]

    # Reading: mirrors of the respondent's objects

    def read_other(self, tag: str, parts: list[Any], blob: bytearray) -> Any:
        if tag == "r":
            return self._mirror(*parts)
        if tag == "k":
            return self.class_of(parts[0])
        if tag == "j":
            return self.handed[parts[0]]
        if tag == "nt":
            kind = self.class_of(parts[0])
            demand(issubclass(kind, tuple))
            return kind(*(self.read(part, blob) for part in parts[1:]))
        if tag == "m":
            return mirrors.module(parts[0])
        demand(tag == "x")
        return self._exception(parts, blob)

    def _mirror(self, number: Any, kind: Any) -> Mirror:
        demand(type(number) is int)
        mirror = self.mirrors.get(number)
        if mirror is None:
            mirror = self.mirrors[number] = mirrors.new(self.class_of(kind), number)
        mirrors.told(mirror)
        return mirror

    def class_of(self, number: Any) -> type:
        demand(type(number) is int)
        if number not in self.classes:
            described = self.ask_for(lambda written, _: written, "describe", Owner(number))
            self.bind(number, mirrors.mirrored_class(self, number, described))
        return self.classes[number]

    def bind(self, number: int, kind: type) -> None:
        self.classes[number] = kind
        self.number_of_class[kind] = number

    def _raised(self, parts: list[Any], blob: bytearray) -> BaseException:
        """What is raised here again, as it was raised here before, is for the check to judge. As
        the cause of something else it stays a breach.
        """
        error = self._exception(parts, blob)
        self.breaches = [each for each in self.breaches if each is not error]
        return error

    def _exception(self, parts: list[Any], blob: bytearray) -> BaseException:
        origin, kind, args, said, notes, cause = parts
        if origin:
            error = self.handed[origin]
            demand(isinstance(error, BaseException))
            return error
        error = mirrors.exception(self.read(kind, blob), args, said)
        for note in notes:
            error.add_note(str(note))
        if cause is not None:
            error.__cause__ = self._exception(cause, blob)
        return error


def _opening(message: Any) -> tuple[str, str]:
    """Of a message its kind, and what was printed before."""
    demand(type(message) is list)
    kind, printed, _ = message[:3]
    demand(kind in ("answer", "raised", "call") and type(printed) is str)
    return kind, printed


def _methods_of(value: Any) -> frozenset[str]:
    """What the respondent may call of an object that a check hands in: its public methods, and the
    special ones that make it a function, a sequence, an iterator or a context.
    """
    found = set()
    for kind in type(value).__mro__[:-1]:
        for name, each in vars(kind).items():
            public = inspect.isfunction(each) and not name.startswith("_")
            if public or name in OF_OBJECTS:
                found.add(name)
    return frozenset(found)
