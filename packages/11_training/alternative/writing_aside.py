"""Task 11.7 with the system's own calls, and the piece cleared away only where something failed."""

from __future__ import annotations

import os
from pathlib import Path

from .writing_aside import ASIDE, sync_folder


def write_aside(path: Path, data: bytes) -> None:
    piece = Path(f"{path}{ASIDE}")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        descriptor = os.open(piece, flags, 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        piece.replace(path)
    except BaseException:
        piece.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
