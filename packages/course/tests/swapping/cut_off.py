"""An exchange that is killed, or fails, at a step of choice.

Python announces every change to the file system before it makes it (audit events). A hook counts
them and, at the chosen one, kills the process or lets the step fail.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tinytorch_course.swapping import exchange

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"}
DONE, NOT_EXCHANGED, HALF_EXCHANGED = 0, 3, 4


def is_change(event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        flags = arguments[2]
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))
    return event in CHANGES


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL) if hasattr(signal, "SIGKILL") else os._exit(9)


def watch(how: str, chosen: int, only: str | None = None) -> list[int]:
    """Kills or fails at the chosen change; returns a counter of the changes so far."""

    def counts(event: str, arguments: tuple[object, ...]) -> bool:
        return event == only if only else is_change(event, arguments)

    seen = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if counts(event, arguments):
            seen[0] += 1
            if seen[0] == chosen and how == "kill":
                die()
            if seen[0] == chosen:
                raise OSError("no, not this one")

    sys.addaudithook(hook)
    return seen


def die_on_rename(where: str) -> None:
    """Dies when something is moved to a path with `where` in it."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename" and where in str(arguments[1]):
            die()

    sys.addaudithook(hook)


def main(table: dict) -> int:
    """Performs the exchange, or resumes it. The number of changes goes to the file `count`."""
    site, new = Path(table["site"]), table["new"]
    first = [Path(each) for each in table["first"]]
    exchange._make_durable = lambda _path: None  # slow, and a kill does not see it
    seen = watch(table["how"], table["chosen"], table.get("event"))
    try:
        if new:

            def lay_out(folder: Path) -> None:
                shutil.copytree(new, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)

            exchange.perform(site, "tensor", table["old"], lay_out, first)
        else:
            for each in exchange.unfinished([str(site)]):
                exchange.resume(each)
    except exchange.NotExchanged:
        return NOT_EXCHANGED
    except exchange.HalfExchanged:
        return HALF_EXCHANGED
    Path(table["count"]).write_text(str(seen[0]))
    return DONE


def run(table: dict) -> int | None:
    """The exit code of `main` in a process of its own; None if that was killed."""
    if not hasattr(os, "fork"):
        command = [sys._base_executable, __file__, json.dumps(table), *sys.path]
        code = subprocess.run(command, timeout=60).returncode
        return None if code == 9 else code
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = main(table)
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


if __name__ == "__main__":
    sys.path[:] = sys.argv[2:]
    sys.exit(main(json.loads(sys.argv[1])))
