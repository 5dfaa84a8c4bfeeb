"""What stands in the respondent for functions, objects and classes of the judge.

Whoever uses one asks the judge. Nothing else of the judge can be reached from here.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np

Ask = Callable[[int, str, tuple[Any, ...], dict[str, Any]], Any]
"""ask(number, name, args, kwargs): call the judge's function of that number, or its object's method
of that name."""


class Handed:
    """An object of the judge of which nothing is known but that it is there."""

    def __init__(self, number: int) -> None:
        self._number = number


class Standins:
    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.made: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        """By `id`: what is in `made` keeps it."""
        self.generators: dict[int, np.random.Generator] = {}
        self.raised: dict[int, BaseException] = {}

    def number_of(self, value: Any) -> int | None:
        return self.numbers.get(id(value))

    def raised_by_judge(self, error: BaseException) -> int:
        number = getattr(error, "_of_judge", 0)
        return number if self.raised.get(number) is error else 0

    def stand_in(self, tag: str, parts: list[Any]) -> Any:
        number = parts[0]
        if tag == "rng":
            return self._generator(*parts)
        if tag == "je":
            return self.error(*parts)
        if number not in self.made:
            self.made[number] = self._made(tag, parts)
            self.numbers[id(self.made[number])] = number
        return self.made[number]

    def _made(self, tag: str, parts: list[Any]) -> Any:
        if tag == "jf":
            return self._function(*parts)
        return self._object(*parts) if tag == "jo" else Handed(*parts)

    def _function(
        self, number: int, name: str, qualname: str, module: str, doc: str | None, signature: Any
    ) -> Any:
        def standin(*args: Any, **kwargs: Any) -> Any:
            return self.ask(number, "", args, kwargs)

        standin.__name__, standin.__qualname__ = name, qualname
        standin.__module__, standin.__doc__ = module, doc
        if signature is not None:
            standin.__signature__ = signature  # type: ignore[attr-defined]
        return standin

    def _object(self, number: int, kind: str, methods: list[str]) -> Any:
        def method(name: str) -> Any:
            def standin(self_: Any, *args: Any, **kwargs: Any) -> Any:
                return self.ask(number, name, args, kwargs)

            standin.__name__ = name
            return standin

        return type(kind, (Handed,), {name: method(name) for name in methods})(number)

    def _generator(self, number: int, kind: str, state: Any) -> np.random.Generator:
        """state: None if the judge has drawn nothing since it sent it last."""
        if number not in self.generators:
            self.generators[number] = np.random.Generator(getattr(np.random, kind)())
        if state is not None:
            self.generators[number].bit_generator.state = state
        return self.generators[number]

    def error(
        self, number: int, kind: type[BaseException] | str, bases: list[Any], args: list[Any]
    ) -> BaseException:
        """An exception of the judge's, to be raised here. kind: a class that is known here, or the
        name of one that is not, with those of its bases that are.
        """
        if number in self.raised:
            return self.raised[number]
        if isinstance(kind, str):
            known = [each for each in bases if each is not object]
            kind = type(kind, tuple(known[:1]) or (Exception,), {})
        try:
            error = kind(*args)
        except Exception:  # noqa: BLE001  some take arguments of their own
            error = Exception(*args)
        error._of_judge = number  # type: ignore[attr-defined]
        self.raised[number] = error
        return error


def subclass(name: str, bases: list[type], names: dict[str, Any]) -> type:
    """The counterpart of a class that a check defines. names: what its body says."""
    return types.new_class(name, tuple(bases), {}, lambda space: space.update(names))
