"""Writing to whatever stdout is: a terminal, a pipe, a console that knows no Unicode."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

UNLIMITED = 10_000
NOTEBOOK = "JPY_PARENT_PID"
"""Set in the kernel of a notebook. Its cells give a command a terminal that shows colours, and each
picture of what moves as lines of their own."""


@dataclass(frozen=True)
class Marks:
    """Signs that say how a thing stands. Colour repeats what they say and is never needed."""

    good: str
    yours: str
    bad: str
    note: str
    missing: str
    unreleased: str
    run: str


UNICODE = Marks(good="✓", yours="◆", bad="✗", note="!", missing="○", unreleased="·", run="▸")
ASCII = Marks(good="+", yours="*", bad="x", note="!", missing="-", unreleased=".", run=">")


def console() -> Console:
    """A console on stdout: nothing is wrapped, padded or coloured when it goes into a pipe.

    What the encoding cannot say is written as an escape, so a path with an accent never ends the
    command with a `UnicodeEncodeError`.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if not sys.stdout.isatty():
        return _console(width=UNLIMITED)
    if NOTEBOOK in os.environ:
        return _console(force_terminal=False, color_system="standard")
    return _console()


def _console(**options: Any) -> Console:
    return Console(file=sys.stdout, highlight=False, emoji=False, markup=False, **options)


def marks(console: Console) -> Marks:
    """Unicode where the console can show every one of the signs, else ASCII."""
    try:
        "".join(vars(UNICODE).values()).encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def print_indented(console: Console, indent: str, line: Text) -> None:
    """Wrapped in a terminal, below its own indent; in a pipe, never."""
    for piece in line.wrap(console, max(console.width - len(indent), 20)):
        console.print(Text(indent).append_text(piece), soft_wrap=True)
