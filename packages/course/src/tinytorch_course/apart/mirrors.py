"""What stands in the judge for the respondent's objects, classes and modules.

For each class there is one here, with the same name and bases, so that `isinstance` is Python's
own. Its methods ask the respondent, and it has those special methods that the class there has. A
class that a check derives from one of these is made there as well: there its functions call back.

A method found in a mirrored class is called in one round trip: the respondent looks the name up in
the object, unless that class is not the first to define it. Then it was `super()` that asked.
"""

from __future__ import annotations

import collections
import importlib
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch_course.apart import trust
from tinytorch_course.apart.values import SPECIAL_NAMES
from tinytorch_course.apart.wire import demand

if TYPE_CHECKING:
    from tinytorch_course.apart.dialogue import Dialogue

_dialogue: Dialogue
OF_CLASSES = frozenset({
    "__classcell__", "__slots__", "__dict__", "__weakref__", "__firstlineno__",
    "__static_attributes__", "__orig_bases__",
})  # fmt: skip
ASKED_FOR = frozenset({
    "__name__", "__qualname__", "__dict__", "__wrapped__", "__defaults__", "__kwdefaults__",
    "__self__", "__func__",
})  # fmt: skip


def connect(dialogue: Dialogue) -> None:
    """There is one respondent in the life of a judge."""
    global _dialogue
    _dialogue = dialogue


class MirrorMeta(type):
    """The class of mirrored classes, and of those that checks derive from them."""

    def __new__(
        meta, name: str, bases: tuple[type, ...], space: dict[str, Any], **options: Any
    ) -> Any:
        if not any(isinstance(base, MirrorMeta) for base in bases):
            return super().__new__(meta, name, bases, space)
        return derived(name, bases, space)

    def __init__(cls, *args: Any, **options: Any) -> None:
        super().__init__(*args)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = _dialogue.ask("call", cls, args, kwargs)
        if isinstance(made, Mirror):
            _OF_CHECKS.__set__(made, True)
        return made

    def __getattr__(cls, name: str) -> Any:
        if name == "__signature__":
            return _dialogue.ask("signature", cls)
        if is_dunder(name):
            raise AttributeError(name)
        return _dialogue.ask("get", cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        """What is patched is remembered, so that it can be put back as it was."""
        if isinstance(before := vars(cls).get(name), Method | Attribute):
            before.original = before.__get__(None, cls)
        if isinstance(value, Method | Attribute):
            _dialogue.ask("set", cls, name, value.original)
            type.__setattr__(cls, name, value)
            return
        _dialogue.ask("set", cls, name, value)
        type.__setattr__(cls, name, local(_dialogue.number_of_class[cls], name, value))

    def __delattr__(cls, name: str) -> None:
        _dialogue.ask("delete", cls, name)
        if name in vars(cls):
            type.__delattr__(cls, name)


class Mirror(metaclass=MirrorMeta):
    """An object of the respondent's."""

    __slots__ = ("__number", "__of_checks", "__tainted", "__told", "__weakref__")

    def __getattr__(self, name: str) -> Any:
        if name == "__signature__" and callable(self):
            return _dialogue.ask("signature", self)
        if is_dunder(name) and name not in ASKED_FOR:
            raise AttributeError(name)
        return got(self, name, _dialogue.ask("get", self, name))

    def __setattr__(self, name: str, value: Any) -> None:
        _dialogue.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        _dialogue.ask("delete", self, name)

    def __dir__(self) -> Any:
        return _dialogue.ask("dir", self)

    def __copy__(self) -> Any:
        return _dialogue.ask("copy", self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return _dialogue.ask("deepcopy", self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a mirrored object cannot be pickled")

    def __hash__(self) -> int:
        return hash(("mirror", number_of(self)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __del__(self) -> None:
        _dialogue.dropped.append((number_of(self), _TOLD.__get__(self)))


_NUMBER: Any = vars(Mirror)["_Mirror__number"]
_TOLD: Any = vars(Mirror)["_Mirror__told"]
_TAINTED: Any = vars(Mirror)["_Mirror__tainted"]
_OF_CHECKS: Any = vars(Mirror)["_Mirror__of_checks"]
"""Whether a check made it."""


def new(kind: type, number: int) -> Mirror:
    demand(issubclass(kind, Mirror))
    mirror: Mirror = object.__new__(kind)
    _NUMBER.__set__(mirror, number)
    _TOLD.__set__(mirror, 0)
    _TAINTED.__set__(mirror, False)
    _OF_CHECKS.__set__(mirror, False)
    return mirror


def number_of(mirror: Mirror) -> int:
    number: int = _NUMBER.__get__(mirror)
    return number


def told(mirror: Mirror) -> None:
    """The respondent counts how often it speaks of an object; so does its mirror."""
    _TOLD.__set__(mirror, _TOLD.__get__(mirror) + 1)


def is_tainted(mirror: Mirror) -> bool:
    """Whether it is an answer to a comparison, or made of one."""
    tainted: bool = _TAINTED.__get__(mirror)
    return tainted


def taint(value: Any) -> Any:
    if isinstance(value, Mirror):
        _TAINTED.__set__(value, True)
    return value


def got(owner: Any, name: str, value: Any) -> Any:
    """`value`, said to be what `owner.name` is or gives."""
    if not isinstance(value, Mirror):
        return value
    if name in trust.VALUES:
        raise _dialogue.breach(f"{name} gave a {type(value).__name__} in the place of a value")
    return taint(value) if isinstance(owner, Mirror) and is_tainted(owner) else value


def is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


class Bound:
    """A method of a mirrored object."""

    def __init__(self, mirror: Mirror, owner: Owner, name: str) -> None:
        self.__self__ = mirror
        self.__owner = owner
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name, mirror = self.__name__, self.__self__
        return got(mirror, name, _dialogue.ask("method", mirror, self.__owner, name, args, kwargs))

    def __getattr__(self, name: str) -> Any:
        if name == "__signature__":
            return _dialogue.ask("signature", self)
        if is_dunder(name) and name not in ASKED_FOR:
            raise AttributeError(name)
        return _dialogue.ask("get", self, name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Bound):
            return NotImplemented
        return self.__self__ is other.__self__ and self.__name__ == other.__name__

    def __hash__(self) -> int:
        return hash((self.__self__, self.__name__))

    def __repr__(self) -> str:
        return f"<method {self.__name__} of {self.__self__!r}>"


class Owner:
    """A class that a name was found in, by its number."""

    def __init__(self, number: int) -> None:
        self.number = number


class Method:
    """What a function of a class is, there."""

    def __init__(self, owner: int, name: str, original: Any = None) -> None:
        self.owner = Owner(owner)
        self.name = name
        self.original = original

    def __get__(self, mirror: Mirror | None, kind: type) -> Any:
        if mirror is None:
            if self.original is None:
                self.original = _dialogue.ask("get", self.owner, self.name)
            return self.original
        if self.name in trust.QUESTIONS:
            raise _dialogue.breach(f"a {kind.__name__} was asked about its contents: {self.name}")
        return Bound(mirror, self.owner, self.name)


ABSENT = object()


class Attribute:
    """What anything else in a class is, there. original: what a check's own class says."""

    def __init__(self, owner: int, name: str, original: Any = ABSENT) -> None:
        self.owner = Owner(owner)
        self.name = name
        self.original = original

    def __get__(self, mirror: Mirror | None, kind: type) -> Any:
        if mirror is None:
            if self.original is not ABSENT:
                return self.original
            return _dialogue.ask("get", self.owner, self.name)
        found = _dialogue.ask("attribute", mirror, self.owner, self.name)
        return got(mirror, self.name, found)

    def __set__(self, mirror: Mirror, value: Any) -> None:
        _dialogue.ask("set", mirror, self.name, value)

    def __delete__(self, mirror: Mirror) -> None:
        _dialogue.ask("delete", mirror, self.name)


class ModuleName(str):
    """Where a class comes from; an object may say otherwise, as a wrapped function does."""

    __slots__ = ()

    def __get__(self, mirror: Mirror | None, kind: type) -> Any:
        return self if mirror is None else _dialogue.ask("get", mirror, "__module__")


class Doc:
    """The docstring: of the class, or of an object that has one of its own."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def __get__(self, mirror: Mirror | None, kind: type) -> Any:
        return self.text if mirror is None else _dialogue.ask("get", mirror, "__doc__")


# Special methods


def special(owner: int, name: str) -> Any:
    """The special method of that name, asked of the class that defines it."""
    where = Owner(owner)

    def asked(mirror: Mirror, *args: Any, **kwargs: Any) -> Any:
        return got(mirror, name, _dialogue.ask("method", mirror, where, name, args, kwargs))

    def compared(mirror: Mirror, other: Any) -> Any:
        if not isinstance(other, Mirror) and not trust.comparable(other):
            return NotImplemented
        found = asked(mirror, other)
        if found is NotImplemented or isinstance(found, Mirror):
            return taint(found)
        raise _dialogue.breach(f"a {type(mirror).__name__} was asked whether it equals {other!r}")

    def calculated(mirror: Mirror, other: Any) -> Any:
        if isinstance(other, Mirror) or not trust.comparable(other):
            return asked(mirror, other)
        before = values_of(mirror)
        found = asked(mirror, other)
        if found is NotImplemented:
            return found
        if before is None or trust.disagrees(name, before, other, values_of(found)):
            raise _dialogue.breach(f"{name} of a {type(mirror).__name__} and {other!r} is not so")
        return found

    def truth(mirror: Mirror) -> Any:
        if is_tainted(mirror):
            raise _dialogue.breach("the answer to a comparison was asked whether it is true")
        return asked(mirror)

    def left(mirror: Mirror, kind: Any, error: Any, trace: Any) -> Any:
        return asked(mirror, kind, error, None)

    if name in trust.COMPARISONS:
        return compared
    if trust.reflected(name)[0] in trust.ARITHMETIC:
        return calculated
    named = {"__bool__": truth, "__exit__": left, "__contains__": contains, "__array__": array}
    return named.get(name, asked)


def values_of(found: Any) -> Any:
    """The numbers that an object holds, as NumPy's own; None if it does not say."""
    if not isinstance(found, Mirror):
        return np.asarray(found)
    for place in (lambda: found, lambda: found.detach()):
        try:
            numbers = np.array(place())
        except Exception:  # noqa: BLE001  it holds none, or they must be detached first
            continue
        return None if numbers.dtype == object else numbers
    return None


def contains(mirror: Mirror, wanted: Any) -> bool:
    return any(each is wanted or each == wanted for each in iter(mirror))


def array(mirror: Mirror, dtype: Any = None, copy: bool | None = None) -> Any:
    options = () if dtype is None and copy is None else (dtype, copy)
    found = _dialogue.ask("array", mirror, *options)
    if type(found) is not np.ndarray:
        raise _dialogue.breach("__array__ gave no array")
    return found


def equal_by_fields(fields: list[str]) -> Any:
    def equal(mirror: Mirror, other: object) -> bool:
        if type(other) is not type(mirror):
            return NotImplemented
        if is_of_checks(mirror) != is_of_checks(other):
            raise _dialogue.breach(
                f"a {type(mirror).__name__} was compared with one whose values the code was told, "
                "to make it: compare the values"
            )
        return all(getattr(mirror, name) == getattr(other, name) for name in fields)

    return equal


def is_of_checks(mirror: Mirror) -> bool:
    return bool(_OF_CHECKS.__get__(mirror))


def hash_of_fields(fields: list[str]) -> Any:
    return lambda mirror: hash(tuple(getattr(mirror, name) for name in fields))


# Classes


def mirrored_class(dialogue: Dialogue, number: int, described: list[Any]) -> type:
    """The class here for a class there. described: by `Holdings.describe`, not to be trusted."""
    name, qualname, module, doc, written, specials, plain, fields, compared, is_error = described
    demand(all(type(each) is str for each in (name, qualname, module)))
    demand(SPECIAL_NAMES.issuperset(specials))
    demand(not any(map(is_dunder, plain)))
    bases = [dialogue.read(each, bytearray()) for each in written]
    space: dict[str, Any] = {"__module__": module, "__qualname__": qualname}
    if is_error:
        return error_class(name, bases, space)
    if fields is not None:
        return named_tuple(number, name, fields, space, specials)
    space |= {"__module__": ModuleName(module), "__slots__": (), "__doc__": Doc(doc)}
    for each, is_function in plain.items():
        space[each] = Method(number, each) if is_function else Attribute(number, each)
    for each, is_there in specials.items():
        space[each] = special(number, each) if is_there else None
    if compared is not None and specials.get("__eq__"):
        demand(all(type(each) is str for each in compared))
        space["__eq__"] = equal_by_fields(compared)
        space["__hash__"] = hash_of_fields(compared) if specials.get("__hash__") else None
    elif specials.get("__hash__", "__eq__" not in specials):
        space["__hash__"] = Mirror.__hash__
    mirrored = tuple(each for each in bases if isinstance(each, MirrorMeta)) or (Mirror,)
    return type.__new__(MirrorMeta, name, mirrored, space)


def named_tuple(
    number: int, name: str, fields: list[str], space: dict[str, Any], specials: dict[str, bool]
) -> type:
    """Its values are values, and compared as such. How it is shown, it says itself."""
    plain = collections.namedtuple(name, fields)  # type: ignore[misc]
    shown = {each: special(number, each) for each in ("__repr__", "__str__") if specials.get(each)}
    return type(name, (plain,), {**space, **shown, "__slots__": ()})


def error_class(name: str, bases: list[Any], space: dict[str, Any]) -> type:
    """An exception class. None here may be more than an Exception: pytest would stop for it."""
    errors = [each for each in bases if isinstance(each, type) and issubclass(each, Exception)]
    return type(name, tuple(errors) or (Exception,), space)


def exception(kind: Any, args: Any, said: Any) -> BaseException:
    """An exception of that class that says this."""
    demand(isinstance(kind, type) and issubclass(kind, BaseException) and type(said) is str)
    if not issubclass(kind, Exception | SystemExit):
        return RuntimeError(f"{kind.__name__}: {said}")
    demand(type(args) is list and all(type(each) in (str, int, float, type(None)) for each in args))
    for given in (args, [said]):
        try:
            error = kind(*given)
        except Exception:  # noqa: BLE001  some take arguments of their own
            continue
        if str(error) == said:
            return error
    space = {"__init__": lambda self, *_: None, "__str__": lambda self: said}
    quiet: Any = type(kind.__name__, (kind,), space)
    needed = (said, [Exception(said)]) if issubclass(kind, BaseExceptionGroup) else ()
    made: BaseException = quiet.__new__(quiet, *needed)
    return made


def derived(name: str, bases: tuple[type, ...], space: dict[str, Any]) -> type:
    """A class of a check's, derived from a mirrored one: made there, and here."""
    there = [_dialogue.ask("subclass", base.__name__, [object], body(vars(base)))
             if plainly_ours(base) else base for base in bases]  # fmt: skip
    number = _dialogue.ask_for(number_of_new_class, "subclass", name, there, body(space))
    here = {each: local(number, each, value) for each, value in space.items()}
    here["__slots__"] = ()
    if "__doc__" in here:
        here["__doc__"] = Doc(space["__doc__"])
    kind = type.__new__(MirrorMeta, name, bases, here)
    _dialogue.bind(number, kind)
    return kind


def plainly_ours(base: type) -> bool:
    return not isinstance(base, MirrorMeta) and base is not object


def number_of_new_class(written: Any, blob: Any) -> int:
    tag, number = written
    demand(tag == "k" and type(number) is int and number not in _dialogue.classes)
    return int(number)


def body(space: Any) -> dict[str, Any]:
    """What a class says, as the respondent needs it."""
    return {name: there(value) for name, value in space.items() if name not in OF_CLASSES}


def there(value: Any) -> Any:
    if isinstance(value, property):
        return _dialogue.ask("property", value.fget, value.fset, value.fdel)
    if isinstance(value, classmethod | staticmethod):
        return _dialogue.ask(type(value).__name__, value.__func__)
    return value


def local(owner: int, name: str, value: Any) -> Any:
    """What stands in a check's own class for `value`, which is also there."""
    if isinstance(value, FunctionType):
        if is_dunder(name):
            return special(owner, name) if name != "__init_subclass__" else value
        return Method(owner, name, value)
    if is_dunder(name) or isinstance(value, property | classmethod | staticmethod):
        return value
    return Attribute(owner, name, value)


# Modules


class MirroredModule(ModuleType):
    """A module of the respondent's. Classes and functions are asked for once."""

    def __getattr__(self, name: str) -> Any:
        if is_dunder(name) and name not in ("__all__", "__version__"):
            raise AttributeError(name)
        found = _dialogue.ask("module get", self.__name__, name)
        if isinstance(found, MirrorMeta) or (isinstance(found, Mirror) and callable(found)):
            vars(self)[name] = found
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        if is_dunder(name) or isinstance(value, MirroredModule):
            vars(self)[name] = value
            return
        _dialogue.ask("module set", self.__name__, name, value)
        vars(self).pop(name, None)

    def __delattr__(self, name: str) -> None:
        _dialogue.ask("module delete", self.__name__, name)
        vars(self).pop(name, None)

    def __dir__(self) -> list[str]:
        return list(vars(self))


def module(name: Any) -> ModuleType:
    demand(type(name) is str and name.startswith("tinytorch."))
    return importlib.import_module(name)
