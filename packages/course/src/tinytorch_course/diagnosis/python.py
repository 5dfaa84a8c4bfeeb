"""The interpreter and its environment, and NumPy, which everything stands on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tinytorch_course import installer
from tinytorch_course.diagnosis.finding import Finding, Level
from tinytorch_course.interpreter import Interpreter
from tinytorch_course.journey import Journey

NEW_ENVIRONMENT = (
    ("py -m venv .venv", r".venv\Scripts\activate")
    if os.name == "nt"
    else ("python3 -m venv .venv", "source .venv/bin/activate")
)


def examine(journey: Journey) -> Iterator[Finding]:
    yield from examine_environment(journey.interpreter)
    yield from _numpy(journey)


def describe(python: Interpreter) -> str:
    """What kind of environment this is, and where."""
    if python.is_virtual:
        return f"virtual environment {python.prefix}"
    if python.is_conda:
        return f"conda environment {python.prefix}"
    if python.refuses_pip:
        return f"system Python {python.prefix}, managed by the operating system"
    return f"Python installation {python.prefix}, no virtual environment"


def examine_environment(python: Interpreter) -> Iterator[Finding]:
    active = os.environ.get("VIRTUAL_ENV")
    if active and not _same(Path(active), python.prefix):
        yield Finding(
            Level.NOTE,
            "other-environment",
            "This `tinytorch` is not the one of the active environment",
            f"{active} is active, but this command belongs to {python.prefix} and speaks of what "
            "is installed there. Install the course in the active environment, or activate the "
            "other one.",
        )
    if python.refuses_pip:
        yield Finding(
            Level.NOTE,
            "externally-managed",
            "The operating system manages this Python",
            "pip refuses to install into it, and what is forced in can break the system's own "
            "programs. Make an environment for the course and install into that.",
            (*NEW_ENVIRONMENT, "pip install tinytorch-part1"),
        )


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _numpy(journey: Journey) -> Iterator[Finding]:
    """A missing one is told by the packages that need it, unless none is installed yet."""
    package = journey.installed.get("numpy")
    origin = journey.interpreter.origins["numpy"]
    if package is not None and origin is None:
        yield Finding(
            Level.PROBLEM,
            "numpy-broken",
            "NumPy is installed, but its files are gone",
            "Its metadata is there and there is nothing to import.",
            (installer.install(journey, "--force-reinstall", "--no-deps", "numpy"),),
        )
