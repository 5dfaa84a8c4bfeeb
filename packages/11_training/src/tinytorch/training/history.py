"""What happened in training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


class History:
    """A row for each epoch: what was measured, by name.

    history["loss"] is a column, history.rows[-1] the last epoch. Numbers, texts and lists, as JSON
    holds them.
    """

    def __init__(self, rows: Iterable[dict[str, Any]] = ()) -> None:
        self.rows = [dict(row) for row in rows]

    @property
    def columns(self) -> list[str]:
        """The names of all that was measured, in the order in which it first came."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __getitem__(self, column: str) -> list[Any]:
        """What was measured in each epoch; None where it was not. Raises KeyError if never."""
        if column not in self.columns:
            raise KeyError(f"there is no column {column!r}; there are {', '.join(self.columns)}")
        return [row.get(column) for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"History({len(self)} epochs: {', '.join(self.columns)})"


def measured(row: dict[str, Any], column: str) -> float:
    """The number in a column of a row.

    Raises KeyError, with the columns that there are, if there is none.
    """
    if column not in row:
        advice = "; is there a validation_loader?" if column.startswith("validation_") else ""
        raise KeyError(f"nothing called {column!r} was measured, only {', '.join(row)}{advice}")
    return float(row[column])
