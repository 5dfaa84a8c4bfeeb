"""Taking the strongest sandbox that works on this machine. Whether one works is tried."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from tinytorch_course.grading.sandbox.bubblewrap import Bubblewrap
from tinytorch_course.grading.sandbox.enclosure import Enclosure, Sandbox
from tinytorch_course.grading.sandbox.limits import LimitsOnly
from tinytorch_course.grading.sandbox.namespaces import Namespaces

STRONGEST_FIRST: tuple[Sandbox, ...] = (Bubblewrap(), Namespaces(), LimitsOnly())
NAMES = ("auto", "any", *(each.name for each in STRONGEST_FIRST))
"""`auto` takes a wall or nothing; `any` takes limits where there is no wall."""


class Unavailable(Exception):
    """The sandbox that was asked for does not work here; the message says why."""


def choose(name: str) -> Sandbox:
    """name: one of `NAMES`. Raises `Unavailable`."""
    problems = {}
    for sandbox in STRONGEST_FIRST:
        if not _is_meant(sandbox, name):
            continue
        problem = why_unusable(sandbox)
        if problem is None:
            return sandbox
        problems[sandbox.name] = problem
    if name in problems:
        raise Unavailable(f"the sandbox '{name}' does not work here: {problems[name]}")
    raise Unavailable(
        "Submissions are programs, and no sandbox that shuts them in works here:\n"
        + "".join(f"  {each}: {why}\n" for each, why in problems.items())
        + "Grade on Linux, with bubblewrap installed (apt install bubblewrap): a virtual machine "
        "will do.\nFor people whom you trust, or in a container that is thrown away:  add  "
        "--sandbox limits"
    )


def _is_meant(sandbox: Sandbox, name: str) -> bool:
    return name in ("any", sandbox.name) or (name == "auto" and sandbox.is_wall)


def why_unusable(sandbox: Sandbox) -> str | None:
    """What goes wrong when a small program is run in it; None if nothing does."""
    if not sandbox.is_wall:
        return None
    with tempfile.TemporaryDirectory(prefix="tinytorch-") as name:
        folder = Path(os.path.realpath(name))
        scratch, answer = folder / "work", folder / "answer"
        scratch.mkdir()
        answer.touch()
        words = sandbox.command(Enclosure((folder,), scratch, (answer,)))
        command = [*words, "/bin/sh", "-c", "echo ok > ../answer"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=20, check=False, errors="replace"
            )
        except FileNotFoundError as error:
            return f"{error.filename} is not installed"
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if answer.read_text() == "ok\n":
            return None
        said = done.stderr.strip().splitlines()
        return said[-1] if said else f"it ended with exit code {done.returncode}"
