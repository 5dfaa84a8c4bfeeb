"""What is known of faults that no contract test catches: a module's `tests/mutants.toml`.

    [[survivor]]
    function = "memory.contiguous_strides"
    line = "step *= max(size, 1)"
    becomes = ["step *= max(1, size)"]
    equivalent = true
    why = "The larger of two numbers does not depend on their order."

`line` and `becomes` are the lines that differ, as the session shows them, so an explanation holds
wherever the function moves. `equivalent` says that nobody could tell the difference by using the
module: such a fault does not count. Any other is worth no check, for the reason given, and counts
as not caught.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


class ExplanationError(Exception):
    """A `mutants.toml` that cannot be understood."""


@dataclass(frozen=True)
class Fault:
    """A fault by what is seen of it: `file.function`, and the lines before and after."""

    function: str
    before: str
    after: str


@dataclass(frozen=True)
class Explanation:
    fault: Fault
    is_equivalent: bool
    why: str


def read(file: Path) -> dict[Fault, Explanation]:
    """The explanations of a file; none if there is no file. Raises ExplanationError."""
    if not file.is_file():
        return {}
    rows = tomllib.loads(file.read_text("utf-8")).get("survivor", [])
    found: dict[Fault, Explanation] = {}
    for row in rows:
        check(row, file)
        for after in row["becomes"]:
            fault = Fault(row["function"], row["line"], after)
            if fault in found:
                raise ExplanationError(f"{file}: explained twice: {row['line']} -> {after}")
            found[fault] = Explanation(fault, row["equivalent"], row["why"])
    return found


FIELDS = {"function": str, "line": str, "becomes": list, "equivalent": bool, "why": str}


def check(row: dict[str, object], file: Path) -> None:
    for field, kind in FIELDS.items():
        if not isinstance(row.get(field), kind) or row[field] in ("", []):
            told = f"{row.get('function')}: {row.get('line')}"
            raise ExplanationError(f"{file}: {told}: it needs {field}, a {kind.__name__}")
    if unknown := row.keys() - FIELDS.keys():
        raise ExplanationError(f"{file}: {row['line']}: what is {', '.join(sorted(unknown))}?")
