"""Writing a file so that, whatever happens, there is the old one or the new one, and whole."""

from __future__ import annotations

import os
from pathlib import Path

ASIDE = ".part"
"""What the name of a file that is not finished ends with."""


def write_aside(path: Path, data: bytes) -> None:
    """Put a file with this content at `path`, in place of one that may be there.

    It is written under another name beside it, brought to the disk (fsync), and only then renamed,
    which a file system does as a whole or not at all. A process that is killed in between leaves
    the old file as it was, and a piece of the new one, called `aside(path)`, which the next call
    writes over. An error leaves nothing.
    """
    piece = aside(path)
    try:
        with piece.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(piece, path)
    finally:
        piece.unlink(missing_ok=True)
    sync_folder(path.parent)


def aside(path: Path) -> Path:
    """Where a file is written before it gets its name: in the same folder, since renaming is whole
    only within a file system."""
    return path.with_name(path.name + ASIDE)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where a system lets folders be opened."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
