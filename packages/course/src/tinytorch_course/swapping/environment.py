"""Whether the environment may be changed, and whether it can be."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course import installer
from tinytorch_course.course import Module, distribution_of
from tinytorch_course.diagnosis.python import NEW_ENVIRONMENT
from tinytorch_course.installed import Package
from tinytorch_course.interpreter import Interpreter
from tinytorch_course.journey import Journey
from tinytorch_course.swapping.refusal import Refusal

PROBE = Path(__file__).with_name("site_probe.py")
WAY_OUT = (*NEW_ENVIRONMENT, "pip install tinytorch-part1")


@dataclass(frozen=True)
class Sites:
    """Folders in which installed packages lie, and whose `.pth` files are read."""

    own: tuple[Path, ...]
    user: Path | None
    """The user's own, outside of any environment; None where it is switched off."""


def ask_sites(python: Interpreter) -> Sites:
    """A virtual environment on top of the system's packages may change only its own."""
    command = [str(python.executable), "-P", str(PROBE)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    answer = json.loads(done.stdout.decode().strip().splitlines()[-1])
    own = tuple(Path(each) for each in answer["own"])
    if python.is_virtual:
        inside = Path(os.path.realpath(python.prefix))
        own = tuple(each for each in own if Path(os.path.realpath(each)).is_relative_to(inside))
    user = None if python.is_virtual or answer["user"] is None else Path(answer["user"])
    return Sites(own, user)


def check(journey: Journey, module: Module, package: Package, sites: Sites) -> None:
    """Raises `Refusal` where the installed package must not or cannot be replaced."""
    if journey.interpreter.refuses_pip:
        raise Refusal(
            "externally-managed",
            "the operating system manages this Python",
            "pip refuses to install into it, and so does this command: what is forced in can break "
            "the system's own programs. Make an environment for the course:",
            WAY_OUT,
        )
    _check_place(journey, module, package, sites)
    if not is_writable(package.home):
        raise Refusal(
            "not-writable",
            f"{package.home} cannot be written to",
            "It belongs to another user, or lies on something read-only. Make an environment of "
            "your own:",
            WAY_OUT,
        )


def _check_place(journey: Journey, module: Module, package: Package, sites: Sites) -> None:
    mine = [*sites.own, *([sites.user] if sites.user else [])]
    if any(_same(package.home, each) for each in mine):
        return
    raise Refusal(
        "outside-environment",
        f"{distribution_of(module.name)} lies outside this environment",
        f"It is in {package.home}, put on the path by PYTHONPATH, a .pth file, or the environment "
        f"below this one, and other programs may rely on it. {journey.interpreter.prefix} needs "
        "one of its own:",
        (
            installer.install(
                journey, "--force-reinstall", "--no-deps", distribution_of(module.name)
            ),
        ),
    )


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def is_writable(folder: Path) -> bool:
    """Tried, not asked: permissions, read-only mounts and Windows' rules have one answer."""
    for each in (folder, folder / "tinytorch"):
        if not each.is_dir():
            continue
        try:
            with tempfile.TemporaryDirectory(dir=each, prefix=".tinytorch-try-"):
                pass
        except OSError:
            return False
    return True
