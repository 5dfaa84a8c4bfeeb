"""Results print as text and convert to JSON."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Result:
    """A frozen dataclass whose `str()` is for people and whose JSON is for programs."""

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain dictionaries, lists, strings and numbers."""
        plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return plain

    def to_json(self, indent: int | None = 2) -> str:
        return json.dumps(self.to_dict(), indent=indent)


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> str:
    """Rows of cells, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join((indent + line).rstrip() for line in lines)


def listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"
