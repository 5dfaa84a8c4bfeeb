"""What crosses between the processes by value, and how it is written.

JSON's own scalars stand for themselves; all else is a list that begins with a tag. The bytes of
arrays lie in the blob behind the text. What has no form here is left to the side that sends it,
which refers to it by a number.

Lists, dicts, sets and arrays carry the number under which their sender keeps them. Who receives one
that it has already, unchanged, gives the same object again, so that `is` tells the truth.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import re
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

import numpy as np

from tinytorch_course.apart.wire import demand

PLAIN_DTYPE = re.compile(r"[<>|=]?[biufcSU]\d+")
MOST_ELEMENTS = 2**26
SMALL_SPAN = 1 << 16
"""Bytes between the elements of an array that are sent along without a second thought."""
KEPT = 500
"""Containers that are recognised when they come again."""
LARGEST_KEPT = 1 << 18

SINGLETONS: dict[str, Any] = {"...": Ellipsis, "NotImplemented": NotImplemented}
NAME_OF_SINGLETON = {id(value): name for name, value in SINGLETONS.items()}

BUILTIN_TYPES: dict[str, type] = {
    name: value for name, value in vars(builtins).items() if isinstance(value, type)
}
BUILTIN_NAMES = {value: name for name, value in BUILTIN_TYPES.items()}
NUMPY_TYPES: dict[str, type] = {
    name: value
    for name, value in vars(np).items()
    if isinstance(value, type) and issubclass(value, np.generic | np.ndarray | np.dtype)
}
NUMPY_NAMES = {value: name for name, value in NUMPY_TYPES.items()}
OUTSIDE_ERRORS = ("dataclasses", "json.decoder", "numpy.exceptions", "numpy.linalg", "zipfile")
"""Modules whose exceptions are the same on both sides. None of them may mean anything to pytest."""
KINDS = {kind.name: kind for kind in inspect._ParameterKind}

SPECIAL = (
    "abs add and array array_ufunc bool call ceil complex contains delitem enter eq exit float "
    "floor floordiv format ge getitem gt hash iadd iand ifloordiv imatmul imod imul index init "
    "int invert ior ipow isub iter itruediv ixor le len lt matmul mod mul ne neg next or pos pow "
    "radd rand repr reversed rfloordiv rmatmul rmod rmul ror round rpow rsub rtruediv rxor "
    "setitem str sub truediv trunc xor "
)
SPECIAL_NAMES = frozenset(f"__{name}__" for name in SPECIAL.split())
"""Methods that Python calls by itself, and that a mirrored class has where the class has them."""


class Kept:
    """Containers that crossed lately. A number above 0 is the sender's own, below 0 the receiver's.

    What is kept alive here keeps its `id`.
    """

    def __init__(self) -> None:
        self.own: OrderedDict[int, Any] = OrderedDict()
        self.number_of_own: dict[int, int] = {}
        self.others: OrderedDict[int, Any] = OrderedDict()
        self.number_of_other: dict[int, int] = {}
        self.next = 1

    def number(self, value: Any) -> int:
        """What to call it in a message; 0 for nothing worth keeping."""
        if other := self.number_of_other.get(id(value)):
            return -other
        if own := self.number_of_own.get(id(value)):
            return own
        if isinstance(value, np.ndarray) and value.nbytes > LARGEST_KEPT:
            return 0
        number, self.next = self.next, self.next + 1
        self.own[number] = value
        self.number_of_own[id(value)] = number
        if len(self.own) > KEPT:
            self.number_of_own.pop(id(self.own.popitem(last=False)[1]))
        return number

    def same(self, number: int, value: Any) -> Any:
        """The object that crossed under this number before, if it is as `value` is; else `value`,
        which has just been read.
        """
        if number < 0:
            known = self.own.get(-number)
            return known if known is not None and _same(known, value) else value
        if number == 0:
            return value
        known = self.others.get(number)
        if known is not None and _same(known, value):
            return known
        if known is not None:
            self.number_of_other.pop(id(known))
        self.others[number] = value
        self.number_of_other[id(value)] = number
        if len(self.others) > KEPT:
            self.number_of_other.pop(id(self.others.popitem(last=False)[1]))
        return value


class Codec:
    """Writes and reads values. Subclasses know what else there is: their own objects, and names for
    the other side's.
    """

    def __init__(self) -> None:
        self.blob = bytearray()
        self.kept = Kept()
        self.writers: dict[type, Callable[[Any], Any]] = {
            tuple: lambda value: ["t", *map(self.write, value)],
            list: lambda value: self._written(value, "l", map(self.write, value)),
            set: lambda value: self._written(value, "s", map(self.write, value)),
            frozenset: lambda value: ["f", *map(self.write, value)],
            dict: lambda value: self._written(value, "d", self._items(value)),
            OrderedDict: lambda value: ["od", *self._items(value)],
            MappingProxyType: lambda value: ["mp", *self._items(value)],
            bytes: lambda value: ["b", value.decode("latin-1")],
            bytearray: lambda value: ["b", value.decode("latin-1")],
            complex: lambda value: ["c", value.real, value.imag],
            slice: lambda value: ["sl", *map(self.write, (value.start, value.stop, value.step))],
            range: lambda value: ["rg", value.start, value.stop, value.step],
            np.ndarray: self._array,
        }
        self.readers: dict[str, Callable[[list[Any], bytearray], Any]] = {
            "t": lambda parts, blob: tuple(self._all(parts, blob)),
            "l": lambda parts, blob: self._known(parts, blob, list),
            "s": lambda parts, blob: self._known(parts, blob, set),
            "f": lambda parts, blob: frozenset(self._all(parts, blob)),
            "d": lambda parts, blob: self._known(parts, blob, _paired),
            "od": lambda parts, blob: OrderedDict(_paired(self._all(parts, blob))),
            "mp": lambda parts, blob: MappingProxyType(_paired(self._all(parts, blob))),
            "b": lambda parts, blob: _text(parts[0]).encode("latin-1"),
            "c": lambda parts, blob: complex(float(parts[0]), float(parts[1])),
            "sl": lambda parts, blob: slice(*self._three(parts, blob)),
            "rg": lambda parts, blob: range(*map(_whole, parts)),
            "e": lambda parts, blob: SINGLETONS[parts[0]],
            "a": self._read_array,
            "g": self._read_scalar,
            "dt": lambda parts, blob: _dtype(parts[0]),
            "py": lambda parts, blob: BUILTIN_TYPES[parts[0]],
            "np": lambda parts, blob: NUMPY_TYPES[parts[0]],
            "ex": lambda parts, blob: _outside_error(parts[0], parts[1]),
            "path": lambda parts, blob: Path(_text(parts[0])),
            "sg": self._read_signature,
        }

    # Writing

    def write(self, value: Any) -> Any:
        """What stands for `value` in a message; the bytes of arrays are added to `blob`."""
        kind = type(value)
        if value is None or kind is bool or kind is int or kind is float or kind is str:
            return value
        writer = self.writers.get(kind)
        if writer is not None:
            if kind is np.ndarray and value.dtype.hasobject:
                return self.write_other(value)
            return writer(value)
        if id(value) in NAME_OF_SINGLETON:
            return ["e", NAME_OF_SINGLETON[id(value)]]
        if isinstance(value, np.generic) and PLAIN_DTYPE.fullmatch(value.dtype.str):
            return ["g", *self._array(np.asarray(value))[2:]]
        if isinstance(value, np.dtype) and PLAIN_DTYPE.fullmatch(value.str):
            return ["dt", value.str]
        if isinstance(value, PurePath):
            return ["path", str(value)]
        if isinstance(value, type):
            if value in BUILTIN_NAMES:
                return ["py", BUILTIN_NAMES[value]]
            if value in NUMPY_NAMES:
                return ["np", NUMPY_NAMES[value]]
            if issubclass(value, Exception) and value.__module__ in OUTSIDE_ERRORS:
                return ["ex", value.__module__, value.__name__]
        return self.write_other(value)

    def write_other(self, value: Any) -> Any:
        raise TypeError(f"a {type(value).__name__} has no form in a message")

    def _written(self, value: Any, tag: str, parts: Iterator[Any]) -> list[Any]:
        return [tag, self.kept.number(value), *parts]

    def _items(self, value: Any) -> Iterator[Any]:
        for key, each in value.items():
            yield self.write(key)
            yield self.write(each)

    def _array(self, value: np.ndarray[Any, Any]) -> list[Any]:
        """With its strides: what an array looks like in memory is part of a value here."""
        start, strides = len(self.blob), value.strides
        plain = value.flags.c_contiguous or not value.size
        if plain:
            offset, strides = 0, ()
            self.blob += value.tobytes()
        else:
            low, high = np.lib.array_utils.byte_bounds(value)
            offset = value.__array_interface__["data"][0] - low
            if high - low <= max(8 * value.nbytes, SMALL_SPAN):
                self.blob += _memory(value, low, high)
            else:
                value = np.ascontiguousarray(value)
                offset, strides = 0, ()
                self.blob += value.tobytes()
        number = self.kept.number(value)
        return [
            *("a", number, value.dtype.str, list(value.shape), start, len(self.blob) - start),
            *(offset, list(strides), value.flags.writeable),
        ]

    def write_signature(self, signature: inspect.Signature) -> Any:
        empty = inspect.Parameter.empty
        return [
            "sg",
            *(
                [each.name, each.kind.name, each.default is not empty]
                + ([self.write(each.default)] if each.default is not empty else [])
                for each in signature.parameters.values()
            ),
        ]

    # Reading

    def read(self, written: Any, blob: bytearray) -> Any:
        if type(written) is str:
            return sys.intern(written) if len(written) < 40 else written
        if type(written) is not list:
            if type(written) is dict:
                raise ValueError("a bare object")
            return written
        reader = self.readers.get(written[0])
        if reader is None:
            return self.read_other(written[0], written[1:], blob)
        return reader(written[1:], blob)

    def read_other(self, tag: str, parts: list[Any], blob: bytearray) -> Any:
        raise TypeError(f"{tag!r} means nothing")

    def _all(self, parts: list[Any], blob: bytearray) -> list[Any]:
        return [self.read(part, blob) for part in parts]

    def _three(self, parts: list[Any], blob: bytearray) -> list[Any]:
        start, stop, step = self._all(parts, blob)
        return [start, stop, step]

    def _known(self, parts: list[Any], blob: bytearray, make: Callable[[list[Any]], Any]) -> Any:
        return self.kept.same(_whole(parts[0]), make(self._all(parts[1:], blob)))

    def _read_array(self, parts: list[Any], blob: bytearray) -> Any:
        array = _laid_out(parts, blob)
        if not parts[7]:
            array.flags.writeable = False
        return self.kept.same(_whole(parts[0]), array)

    def _read_scalar(self, parts: list[Any], blob: bytearray) -> Any:
        return _laid_out([0, *parts], blob)[()]

    def _read_signature(self, parts: list[Any], blob: bytearray) -> inspect.Signature:
        parameters = []
        for name, kind, has_default, *default in parts:
            given = {"default": self.read(default[0], blob)} if has_default else {}
            parameters.append(inspect.Parameter(_text(name), KINDS[kind], **given))
        return inspect.Signature(parameters)


def _memory(value: np.ndarray[Any, Any], low: int, high: int) -> bytes:
    """The bytes from the first to the last element of an array, whatever lies between them."""
    first = value[tuple(slice(-1, None) if step < 0 else slice(1) for step in value.strides)]
    assert first.__array_interface__["data"][0] == low
    one = first.reshape(1).view(np.uint8)
    return np.lib.stride_tricks.as_strided(one, (high - low,), (1,)).tobytes()


def _laid_out(parts: list[Any], blob: bytearray) -> np.ndarray[Any, Any]:
    """NumPy itself refuses strides that leave the buffer."""
    _, dtype, shape, start, size, offset, strides, _ = parts
    sizes = tuple(map(_whole, shape))
    kind = _dtype(dtype)
    if np.prod([float(n) for n in sizes]) > MOST_ELEMENTS or min(sizes, default=0) < 0:
        raise ValueError("an array that is too large")
    if min(_whole(start), _whole(size), _whole(offset)) < 0 or start + size > len(blob):
        raise ValueError("an array outside its message")
    if 0 in sizes:
        return np.empty(sizes, kind)
    memory = blob[start : start + size]
    return np.ndarray(sizes, kind, memory, offset, tuple(map(_whole, strides)) or None)


def _same(ours: Any, theirs: Any) -> bool:
    """Whether both hold the same, without asking anything but plain values whether it is equal."""
    if ours is theirs:
        return True
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, list | tuple):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    if isinstance(ours, dict):
        return _same(list(ours.items()), list(theirs.items()))
    if isinstance(ours, set):
        return _same(sorted(ours, key=id), sorted(theirs, key=id))
    if isinstance(ours, np.ndarray):
        return _layout(ours) == _layout(theirs) and ours.tobytes() == theirs.tobytes()
    return isinstance(ours, bool | int | float | complex | str | bytes) and ours == theirs


def _layout(array: np.ndarray[Any, Any]) -> Any:
    return array.dtype, array.shape, array.strides, array.flags.writeable


def _paired(parts: list[Any]) -> dict[Any, Any]:
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _outside_error(module: Any, name: Any) -> type[Exception]:
    demand(module in OUTSIDE_ERRORS)
    found = getattr(importlib.import_module(module), _text(name))
    demand(isinstance(found, type) and issubclass(found, Exception))
    return found


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("a text was expected")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("a whole number was expected")
    return value


def _dtype(name: Any) -> np.dtype[Any]:
    if not PLAIN_DTYPE.fullmatch(_text(name)):
        raise ValueError("a dtype that does not cross")
    return np.dtype(name)
