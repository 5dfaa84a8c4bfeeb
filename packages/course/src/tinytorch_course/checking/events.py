"""What stands in the journal of a judged process: a line of JSON for each event.

A student's code can write to it, too. What is no event, by its fields and their types, ends what is
read of it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from json import loads
from typing import Any, Union, get_args, get_origin, get_type_hints

from tinytorch_course.checking import failure as failures

LONGEST = 2**20
"""Characters of one event."""

LONGEST_TEXT = 20_000
"""Of what is told of a failure. A process that is as it was sends a tenth of it."""
FIELDS = ("event", "id", "ids", "passed", "failure", "in_process")

Event = Mapping[str, Any]


def read(journal: str) -> Iterator[Event]:
    """The last line may be cut short."""
    for line in journal.split("\n")[:-1]:
        event = _event(line)
        if event is None:
            return
        yield event


def _event(line: str) -> Event | None:
    if len(line) > LONGEST:
        return None
    try:
        event = loads(line)
        is_one = IS_WELL_FORMED[event["event"]](event)
    except (LookupError, RecursionError, TypeError, ValueError):
        return None
    return {name: event[name] for name in FIELDS if name in event} if is_one else None


def _is_failure(record: Any) -> bool:
    return len(record["message"]) <= LONGEST_TEXT and _is_of(
        failures.Failure, failures.parse(record)
    )


def _is_of(kind: Any, value: Any) -> bool:
    """kind: a type as it is written in these classes."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return any(_is_of(part, value) for part in parts)
    if origin is list:
        return isinstance(value, list) and all(_is_of(parts[0], each) for each in value)
    if not isinstance(value, kind):
        return False
    if not is_dataclass(kind):
        return True
    return all(_is_of(hint, getattr(value, name)) for name, hint in get_type_hints(kind).items())


IS_WELL_FORMED: Mapping[str, Callable[[Event], bool]] = {
    "imported": lambda _: True,
    "done": lambda _: True,
    "unimportable": lambda event: _is_failure(event["failure"]),
    "collected": lambda event: all(_is_of(list[str], event[x]) for x in ("ids", "in_process")),
    "uncollected": lambda event: _is_of(str, event["id"]) and _is_failure(event["failure"]),
    "started": lambda event: _is_of(str, event["id"]),
    "finished": lambda event: (
        _is_of(str, event["id"])
        and _is_of(bool, event["passed"])
        and (event["failure"] is None or _is_failure(event["failure"]))
    ),
}
