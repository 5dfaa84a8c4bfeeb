"""Notices when files of a project are saved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

INTERVAL = 0.3


def saves(folder: Path) -> Iterator[None]:
    """Once at first, then after every change to a Python file below `folder`, without end."""
    seen: dict[Path, tuple[int, int]] | None = None
    while True:
        now = _state(folder)
        if now != seen:
            yield
        seen = now
        time.sleep(INTERVAL)


def _state(folder: Path) -> dict[Path, tuple[int, int]]:
    """Editors save by renaming: a file may be gone for a moment."""
    found = {}
    for file in folder.rglob("*.py"):
        try:
            stat = file.stat()
        except OSError:
            continue
        found[file] = (stat.st_mtime_ns, stat.st_size)
    return found
