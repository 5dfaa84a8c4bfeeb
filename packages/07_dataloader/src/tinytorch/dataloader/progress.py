"""How far a download is: a bar in a terminal that can draw one, otherwise a line now and then.

Both are what pooch takes for a progress bar: `total` is set, then `reset()`, `update(bytes)`,
`close()`.
"""

from __future__ import annotations

import importlib.util
import sys
from typing import Protocol

MEGABYTE = 1_000_000
LINES = 10


class Progress(Protocol):
    total: int | None
    """How many bytes there are in all, where that is known."""

    def reset(self) -> None:
        """Begin at 0 again."""

    def update(self, size: int) -> None:
        """So many bytes more have come."""

    def close(self) -> None:
        """Nothing more will come."""


def progress_of(name: str) -> Progress:
    """What shows the progress of the download of `name` on standard error."""
    if sys.stderr.isatty() and importlib.util.find_spec("rich") is not None:
        return Bar(name)
    return Lines(name)


class Lines:
    """A line for each tenth of what is to come. Small files come in silence."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.total: int | None = None
        self.reset()

    def reset(self) -> None:
        self._come = 0
        self._told = 0

    def update(self, size: int) -> None:
        self._come += size
        if self.total is None or self.total < LINES * MEGABYTE:
            return
        tenths = LINES * self._come // self.total
        if tenths > self._told:
            self._told = tenths
            come, total = self._come / MEGABYTE, self.total / MEGABYTE
            print(f"{self.name}: {come:.0f} of {total:.0f} MB", file=sys.stderr, flush=True)

    def close(self) -> None:
        return


class Bar:
    """A bar with the speed and the time that is left, drawn by rich."""

    def __init__(self, name: str) -> None:
        from rich import progress
        from rich.console import Console

        self.total: int | None = None
        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task(name, total=None)

    def reset(self) -> None:
        self._bar.start()
        self._bar.reset(self._task, total=self.total)

    def update(self, size: int) -> None:
        self._bar.update(self._task, advance=size)

    def close(self) -> None:
        self._bar.stop()
