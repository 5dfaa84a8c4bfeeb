"""Taking the strongest sandbox that works on this machine. Whether one works is tried."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tinytorch_course.grading.sandbox.bubblewrap import Bubblewrap
from tinytorch_course.grading.sandbox.enclosure import Enclosure, Sandbox
from tinytorch_course.grading.sandbox.limits import LimitsOnly
from tinytorch_course.grading.sandbox.namespaces import Namespaces

STRONGEST_FIRST: tuple[Sandbox, ...] = (Bubblewrap(), Namespaces(), LimitsOnly())
NAMES = ("auto", *(each.name for each in STRONGEST_FIRST))


class Unavailable(Exception):
    """The sandbox that was asked for does not work here; the message says why."""


def choose(name: str) -> Sandbox:
    """name: one of `NAMES`. Raises `Unavailable`."""
    for sandbox in STRONGEST_FIRST:
        if name not in ("auto", sandbox.name):
            continue
        problem = why_unusable(sandbox)
        if problem is None:
            return sandbox
        if name == sandbox.name:
            raise Unavailable(f"the sandbox '{name}' does not work here: {problem}")
    raise AssertionError("limits always work")


def why_unusable(sandbox: Sandbox) -> str | None:
    """What goes wrong when a small program is run in it; None if nothing does."""
    with tempfile.TemporaryDirectory(prefix="tinytorch-") as name:
        folder = Path(name).resolve()
        (folder / "work").mkdir()
        words = sandbox.command(Enclosure(readable=(), writable=folder))
        if not words:
            return None
        command = [*words, "/bin/sh", "-c", "echo ok > ../answer"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=20, check=False, errors="replace"
            )
        except FileNotFoundError as error:
            return f"{error.filename} is not installed"
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if (folder / "answer").is_file():
            return None
        said = done.stderr.strip().splitlines()
        return said[-1] if said else f"it ended with exit code {done.returncode}"
