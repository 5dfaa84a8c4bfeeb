"""Beside a judged process: ends it when it and all that it started use too much together.

What one process may use is limited from within (`checking/limits.py`); a crowd of small ones is
counted here. A warden that fails ends the process, too, and says so.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tinytorch_course.grading.sandbox.enclosure import LARGEST_SCRATCH, MOST_FILES, Enclosure

MIB = 2**20
GIB = 2**30
INTERVAL = 0.2
ROUNDS = 20


@dataclass(frozen=True)
class Allowance:
    processes: int = 24
    memory: int = 6 * GIB
    """Resident, of all together, and of files in memory."""
    disk: int = LARGEST_SCRATCH
    files: int = MOST_FILES


@dataclass
class Used:
    disk: int = 0
    files: int = 0


class Warden:
    def __init__(self, enclosure: Enclosure, allowance: Allowance | None = None) -> None:
        self.enclosure = enclosure
        self.allowance = allowance or Allowance()
        self.reason: str | None = None
        """Why it ended a process, if it did."""

    @contextmanager
    def watching(self, pid: int) -> Iterator[None]:
        """At the end of the block nothing is left of what that process started."""
        over = threading.Event()
        try:
            first = psutil.Process(pid)
        except psutil.NoSuchProcess:  # it has ended already
            yield
            return
        thread = threading.Thread(target=self._watch, args=(first, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _watch(self, first: psutil.Process, over: threading.Event) -> None:
        try:
            while not over.wait(INTERVAL) and not self.reason:
                self.reason = self._too_much(family(first))
        except psutil.NoSuchProcess:
            return
        except BaseException as error:  # noqa: BLE001  whatever it is, nobody would be watching
            self.reason = f"it could not be watched any more: {error!r:.200}"
        end_family(first)

    def _too_much(self, them: Sequence[psutil.Process]) -> str | None:
        allowed = self.allowance
        if len(them) > allowed.processes:
            return f"it started more than {allowed.processes} processes"
        if sum(map(_memory, them)) > allowed.memory:
            return f"it used more than {allowed.memory / GIB:.0f} GiB of memory"
        used = self._used(them)
        if used.disk > allowed.disk:
            return f"it wrote more than {allowed.disk / MIB:.0f} MiB"
        if used.files > allowed.files:
            return f"it made more than {allowed.files} files"
        return None

    def _used(self, them: Sequence[psutil.Process]) -> Used:
        """In the folders that it may write to, in a scratch folder that only it sees, and in files
        without a name."""
        used = Used()
        for path in (self.enclosure.scratch, *self.enclosure.writable):
            _count(path, used, self.allowance.files)
        _count_unseen_scratch(self.enclosure.scratch, them, used)
        _count_nameless(them, used)
        return used


def family(first: psutil.Process) -> list[psutil.Process]:
    """Raises `psutil.NoSuchProcess` when the first has ended."""
    return [first, *first.children(recursive=True)]


def end_family(first: psutil.Process) -> None:
    """All of them stopped first, so that none can start another while they are ended."""
    stopped: dict[int, psutil.Process] = {}
    with suppress(psutil.NoSuchProcess):
        for _ in range(ROUNDS):
            more = [each for each in family(first) if each.pid not in stopped]
            if not more:
                break
            for process in more:
                stopped[process.pid] = process
                with suppress(psutil.Error):
                    process.suspend()
    for process in stopped.values():
        with suppress(psutil.Error):
            process.kill()


def _memory(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _count(path: Path, used: Used, most: int) -> None:
    """Files come and go while they are counted. Raises `OSError` for a folder that is closed, or
    too deep to be opened."""
    waiting = [str(path)]
    while waiting and used.files <= most:
        here = waiting.pop()
        with suppress(FileNotFoundError, NotADirectoryError):
            used.disk += os.lstat(here).st_size
            used.files += 1
            if stat.S_ISDIR(os.lstat(here).st_mode):
                with os.scandir(here) as entries:
                    waiting += [each.path for each in entries]


def _count_unseen_scratch(scratch: Path, them: Sequence[psutil.Process], used: Used) -> None:
    """Deleted files that are open are in there, too."""
    seen = {os.stat(scratch).st_dev}
    for process in them:
        inside = f"/proc/{process.pid}/root{scratch}"
        with suppress(OSError):
            device = os.stat(inside).st_dev
            if device not in seen:
                seen.add(device)
                found = os.statvfs(inside)
                used.disk += (found.f_blocks - found.f_bfree) * found.f_frsize
                used.files += found.f_files - found.f_ffree


def _count_nameless(them: Sequence[psutil.Process], used: Used) -> None:
    """Files that were deleted and are open, and files in memory."""
    seen: set[tuple[int, int]] = set()
    for process in them:
        folder = f"/proc/{process.pid}/fd"
        with suppress(OSError):
            for number in os.listdir(folder):
                with suppress(OSError):
                    found = os.stat(f"{folder}/{number}")
                    file = (found.st_dev, found.st_ino)
                    if stat.S_ISREG(found.st_mode) and not found.st_nlink and file not in seen:
                        seen.add(file)
                        used.disk += found.st_blocks * 512
