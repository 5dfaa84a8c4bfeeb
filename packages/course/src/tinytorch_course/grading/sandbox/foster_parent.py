"""Runs a command, as `python foster_parent.py COMMAND...`, and becomes the parent of its orphans.

A process that leaves its group and whose parent has ended would belong to nobody, and be left
behind. On Linux it can be kept in the family. When the command has ended, so does all that is left.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    command = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
    for stream in (0, 1):  # who talks to the command hears when it ends
        os.close(stream)
    status = _wait_for(command)
    _end_children()
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


def _wait_for(command: int) -> int:
    while True:
        ended, status = os.wait()
        if ended == command:
            return status


def _end_children() -> None:
    """Their children become ours as they end."""
    with suppress(ChildProcessError):
        while True:
            for child in _children():
                os.kill(child, signal.SIGKILL)
            os.wait()


def _children() -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            after_name = (folder / "stat").read_text().rpartition(")")[2]
            if int(after_name.split()[1]) == os.getpid():
                yield int(folder.name)


if __name__ == "__main__":
    main()
