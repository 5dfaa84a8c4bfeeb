"""The process that holds a student's code: `python -m tinytorch_course.apart.respondent FOLDER`.

It answers what the judge asks and knows nothing of what is expected. What it prints is sent along.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np

from tinytorch_course.apart.holdings import Holdings
from tinytorch_course.apart.printed import Printed
from tinytorch_course.apart.standins import Standins, subclass
from tinytorch_course.apart.wire import Channel, Closed, Malformed
from tinytorch_course.checking.limits import limit_this_process

LONGEST_PRINT = 20_000
"""Bytes."""


def main() -> None:
    channel = own_streams()
    limit_this_process()
    try:
        Respondent(channel).serve()
    except (Closed, Malformed):
        os._exit(0)


def own_streams() -> Channel:
    """The pipes to the judge, out of the way of whoever reads the standard input or prints."""
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    for each in (source, sink):
        os.set_inheritable(each, False)
    return Channel(source, sink)


class Respondent:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.standins = Standins(self.ask)
        self.holdings = Holdings(self.standins)
        self.printed = Printed(LONGEST_PRINT)
        sys.stdout = self.printed.as_text()
        self.requests: dict[str, Callable[..., Any]] = {
            "import": lambda name: importlib.import_module(name) and None,
            "exists": lambda name: importlib.util.find_spec(name) is not None,
            "module get": lambda name, each: getattr(sys.modules[name], each),
            "module set": lambda name, each, value: setattr(sys.modules[name], each, value),
            "module delete": lambda name, each: delattr(sys.modules[name], each),
            "get": getattr,
            "set": setattr,
            "delete": delattr,
            "call": lambda function, args, kwargs: function(*args, **kwargs),
            "method": call_method,
            "attribute": attribute,
            "signature": lambda value: Written(
                self.holdings.write_signature(inspect.signature(value))
            ),
            "describe": lambda kind: Written(self.holdings.describe(kind)),
            "dir": lambda value: list(dir(value)),
            "copy": copy.copy,
            "deepcopy": copy.deepcopy,
            "subclass": subclass,
            "property": property,
            "classmethod": classmethod,
            "staticmethod": staticmethod,
            "array": lambda value, *options: np.array(value.__array__(*options)),
        }

    # The dialogue

    def serve(self) -> Any:
        """Answer requests until there is an answer to one's own."""
        while True:
            message, blob = self.channel.receive()
            if message[0] == "answer":
                return self.holdings.read(message[1], blob)
            if message[0] == "raised":
                raise self.standins.error(
                    message[1], *(self.holdings.read(part, blob) for part in message[2:])
                )
            self.channel.send(*self.response(message, blob))

    def response(self, message: list[Any], blob: bytearray) -> tuple[list[Any], bytearray]:
        _, wanted, errors, dropped, *parts = message
        holdings = self.holdings
        try:
            for number, times in dropped:
                holdings.release(number, times)
            values = [holdings.read(part, blob) for part in parts]
            with np.errstate(**errors) if errors else nullcontext():
                found = self.requests[wanted](*values)
            holdings.blob = bytearray()
            written = found.form if isinstance(found, Written) else holdings.write(found)
            answer = ["answer", self.taken(), written]
        except (Closed, Malformed):
            raise
        except BaseException as error:  # noqa: BLE001  whatever it is, the judge is told
            holdings.blob = bytearray()
            answer = ["raised", self.taken(), holdings.exception(error)]
        return answer, holdings.blob

    def ask(self, number: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call what the judge has handed over."""
        holdings = self.holdings
        holdings.blob = bytearray()
        message = ["call", self.taken(), number, name, holdings.write(args), holdings.write(kwargs)]
        self.channel.send(message, holdings.blob)
        return self.serve()

    def taken(self) -> str:
        """The end of what was printed since it was taken last."""
        return self.printed.taken()


class Written:
    """An answer that is in the form of a message already."""

    def __init__(self, form: Any) -> None:
        self.form = form


def call_method(
    value: Any, owner: type, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    return attribute(value, owner, name)(*args, **kwargs)


def attribute(value: Any, owner: type, name: str) -> Any:
    """What `value.name` is for a reader who has found it in the class `owner`.

    If `owner` is not the first class to define it, that reader is `super()`. A special method is
    looked up in the class alone, as Python does.
    """
    first = next((each for each in type(value).__mro__ if name in vars(each)), None)
    if first is owner and not (name.startswith("__") and name.endswith("__")):
        return getattr(value, name)
    found = vars(owner)[name]
    getter = getattr(type(found), "__get__", None)
    return found if getter is None else getter(found, value, type(value))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
