"""What the respondent holds and the judge refers to by numbers, and how it is described."""

from __future__ import annotations

import dataclasses
import inspect
from types import ModuleType
from typing import Any

import numpy as np

from tinytorch_course.apart.standins import Standins
from tinytorch_course.apart.values import SPECIAL_NAMES, Codec


class Holdings(Codec):
    """standins: what the judge has handed over."""

    def __init__(self, standins: Standins) -> None:
        super().__init__()
        self.standins = standins
        self.held: dict[int, tuple[Any, int]] = {}
        """By number: the object, and how often the judge was told of it."""
        self.number_of: dict[int, int] = {}
        self.next = 1

    # Writing: to the judge

    def write_other(self, value: Any) -> Any:
        handed = self.standins.number_of(value)
        if handed is not None:
            return ["j", handed]
        if isinstance(value, type):
            return ["k", self.hold(value)]
        if isinstance(value, ModuleType) and value.__name__.startswith("tinytorch."):
            return ["m", value.__name__]
        if isinstance(value, BaseException):
            return ["x", *self.exception(value)]
        plain = plainly(value)
        if plain is not value:
            if isinstance(value, tuple) and fields_of(type(value)) is not None:
                return ["nt", self.hold(type(value)), *map(self.write, value)]
            return self.write(plain)
        return ["r", self.hold(value), self.hold(type(value))]

    def hold(self, value: Any) -> int:
        number = self.number_of.get(id(value))
        if number is None:
            number, self.next = self.next, self.next + 1
            self.number_of[id(value)] = number
            self.held[number] = (value, 0)
        self.held[number] = (value, self.held[number][1] + 1)
        return number

    def release(self, number: int, times: int) -> None:
        """The judge has dropped its mirror, having been told `times` times."""
        value, told = self.held[number]
        if told > times:
            self.held[number] = (value, told - times)
            return
        del self.held[number], self.number_of[id(value)]

    def exception(self, error: BaseException, depth: int = 0) -> list[Any]:
        """Class, arguments, what it says, notes, and what caused it."""
        origin = self.standins.raised_by_judge(error)
        cause = error.__cause__
        kind = type(error)
        args = [each if type(each) in (str, int, float) else None for each in error.args]
        return [
            origin,
            self.write(kind),
            args,
            _said(error),
            [str(note)[:2000] for note in getattr(error, "__notes__", ())],
            self.exception(cause, depth + 1) if cause is not None and depth < 4 else None,
        ]

    # Reading: from the judge

    def read_other(self, tag: str, parts: list[Any], blob: bytearray) -> Any:
        match tag:
            case "r" | "k":
                return self.held[parts[0]][0]
            case "m":
                return __import__("importlib").import_module(parts[0])
            case "bm":
                return getattr(self.read(parts[0], blob), parts[1])
            case "ao":
                array = np.empty(parts[0], object)
                array.flat[:] = [self.read(part, blob) for part in parts[1:]]
                return array
            case "nt":
                fields = [self.read(part, blob) for part in parts[1:]]
                return self.read(parts[0], blob)._make(fields)
        return self.standins.stand_in(tag, [self.read(part, blob) for part in parts])

    # Describing

    def describe(self, kind: type) -> list[Any]:
        """What the judge has to know to mirror a class."""
        special, plain = {}, {}
        for name, value in vars(kind).items():
            if name in SPECIAL_NAMES:
                special[name] = value is not None
            elif not name.startswith("__"):
                plain[name] = inspect.isroutine(value) and not isinstance(value, staticmethod)
        return [
            kind.__name__,
            kind.__qualname__,
            kind.__module__,
            kind.__doc__ if isinstance(kind.__doc__, str) else None,
            [self.write(each) for each in kind.__bases__],
            special,
            plain,
            fields_of(kind),
            [each.name for each in dataclasses.fields(kind)]
            if dataclasses.is_dataclass(kind) and vars(kind)["__dataclass_params__"].eq
            else None,
            issubclass(kind, BaseException),
        ]


def fields_of(kind: type) -> list[str] | None:
    """The names of a named tuple's parts; None for any other class."""
    fields = getattr(kind, "_fields", None) if issubclass(kind, tuple) else None
    return list(fields) if isinstance(fields, tuple) else None


PLAIN: tuple[Any, ...] = (list, dict, set)
UNCHANGING: tuple[Any, ...] = (int, float, complex, str, bytes, tuple, frozenset)


def plainly(value: Any) -> Any:
    """Of a subclass of a plain type, the plain value: no class of a student's answers for it."""
    for kind in PLAIN:
        if isinstance(value, kind) and type(value) is not kind:
            return kind(value)
    for kind in UNCHANGING:
        if isinstance(value, kind) and type(value) is not kind:
            return kind.__new__(kind, value)
    return value


def _said(error: BaseException) -> str:
    try:
        return str(error)[:20_000]
    except BaseException:  # noqa: BLE001  a student's class may do anything here
        return ""
