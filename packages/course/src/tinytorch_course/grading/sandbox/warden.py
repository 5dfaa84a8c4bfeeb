"""Beside a judged process: ends it when it and all that it started use too much together.

What one process may use is limited from within (`checking/limits.py`); a crowd of small ones is
counted here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

MIB = 2**20
GIB = 2**30
INTERVAL = 0.2


@dataclass(frozen=True)
class Allowance:
    processes: int = 24
    memory: int = 6 * GIB
    """Resident, of all together."""
    disk: int = 512 * MIB


class Warden:
    def __init__(self, folder: Path, allowance: Allowance | None = None) -> None:
        self.folder = folder
        self.allowance = allowance or Allowance()
        self.reason: str | None = None
        """Why it ended a process, if it did."""

    @contextmanager
    def watching(self, pid: int) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._watch, args=(pid, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _watch(self, pid: int, over: threading.Event) -> None:
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(pid)
            while not over.wait(INTERVAL):
                family = [first, *first.children(recursive=True)]
                self.reason = self._too_much(family)
                if self.reason:
                    _end(family)
                    return

    def _too_much(self, family: list[psutil.Process]) -> str | None:
        allowed = self.allowance
        if len(family) > allowed.processes:
            return f"it started more than {allowed.processes} processes"
        if sum(map(_memory, family)) > allowed.memory:
            return f"it used more than {allowed.memory / GIB:.0f} GiB of memory"
        if _size(self.folder) > allowed.disk:
            return f"it wrote more than {allowed.disk / MIB:.0f} MiB"
        return None


def _memory(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _size(folder: Path) -> int:
    """Files come and go while they are counted."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(root, name).lstat().st_size
    return total


def _end(family: list[psutil.Process]) -> None:
    """All of them stopped first, so that none can start another while they are ended."""
    for process in family:
        with suppress(psutil.Error):
            process.suspend()
    for process in family:
        with suppress(psutil.Error):
            process.kill()
