"""A file that a judged process writes to and this one reads, whatever that one does to its name.

It is made here and stays open here. So no link that is put in its place is followed, and of what
was written no more is read than is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True)
class KeptFile:
    path: Path
    file: BinaryIO

    def beginning(self, most: int) -> str:
        """most: bytes."""
        self.file.seek(0)
        return self.file.read(most).decode(errors="replace")

    def end(self, most: int) -> str:
        """most: bytes."""
        size = self.file.seek(0, 2)
        self.file.seek(max(0, size - most))
        return self.file.read(most).decode(errors="replace")


@contextmanager
def kept_file(path: Path) -> Iterator[KeptFile]:
    """Make it, empty. Raises `FileExistsError`."""
    with path.open("x+b") as file:
        yield KeptFile(path, file)
