"""A standard output that keeps the end of what is printed, however much it is."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any


class Printed(io.BufferedIOBase):
    """What `sys.stdout.buffer` is: bytes are written to it."""

    name = "<stdout>"

    def __init__(self, most: int) -> None:
        """most: bytes that are kept."""
        self.most = most
        self.kept = bytearray()
        self.text: io.TextIOWrapper | None = None

    def as_text(self) -> io.TextIOWrapper:
        """What `sys.stdout` is: of the kind that it always is, with all its methods."""
        self.text = io.TextIOWrapper(
            self, encoding="utf-8", errors="replace", newline="", write_through=True
        )
        return self.text

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1

    def write(self, data: Any, /) -> int:
        if self.closed:
            raise ValueError("write to closed file")
        added = memoryview(data).cast("B")
        self.kept += added[-self.most :]
        del self.kept[: -self.most]
        return added.nbytes

    def taken(self) -> str:
        """What was printed since it was taken last."""
        if self.text is not None:
            with suppress(ValueError):  # somebody has closed it, or taken its buffer away
                self.text.flush()
        found = self.kept.decode("utf-8", "replace")
        self.kept.clear()
        return found
