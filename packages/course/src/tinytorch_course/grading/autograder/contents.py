"""What every package holds, whoever it is for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from tinytorch_course.grading import autograder

BEFORE_AND_AFTER = 60
"""Seconds for everything but the checks: making the environment, starting, writing."""
UNFINISHED = (
    "The grader did not come to its end, so nothing is known of your work: it took too long, or "
    "the grader itself failed. Hand in again; if that does not help, tell the course staff."
)


@dataclass(frozen=True)
class Order:
    """What a package is asked for."""

    name: str
    """`tensor`, or `part1`."""
    title: str
    choice: tuple[str, ...]
    """As `tinytorch grade` takes it: `--module tensor`."""
    possible: float
    """Points."""
    judged: int
    """How many are, one after the other: modules, a milestone, an instructor's tests."""
    files: tuple[str, ...]
    """By name, those that a student hands in; none when it takes an archive."""
    seconds: int
    """For each that is judged."""
    requirements: tuple[str, ...]
    wheels: tuple[Path, ...] = ()
    tests: Path | None = None
    data: Path | None = None

    @property
    def most_seconds(self) -> int:
        return self.judged * self.seconds + BEFORE_AND_AFTER


@dataclass(frozen=True)
class Entry:
    path: str
    content: bytes
    executable: bool = False


def environment(order: Order) -> Iterator[Entry]:
    """What the environment is made from, where the grader runs."""
    yield script("install.sh")
    yield _text("requirements.txt", "".join(f"{line}\n" for line in order.requirements))
    yield _text("python-version", f"{sys.version_info.major}.{sys.version_info.minor}\n")
    for wheel in order.wheels:
        yield Entry(f"wheels/{wheel.name}", wheel.read_bytes())


def data(order: Order) -> Iterator[Entry]:
    if order.data:
        yield from _folder("data", order.data)


def assignment(order: Order, unfinished: dict[str, object]) -> Iterator[Entry]:
    """What is graded, and how; `unfinished` is the result while there is no other."""
    arguments = (*order.choice, "--time-budget", str(order.seconds))
    yield script("grade.sh")
    yield _text("arguments", "".join(f"{each}\n" for each in arguments))
    yield _text("unfinished.json", json.dumps(unfinished, indent=2) + "\n")
    if order.tests:
        yield from _folder("tests", order.tests)


def script(name: str) -> Entry:
    return Entry(name, read(name).encode(), executable=True)


def read(name: str) -> str:
    return files(autograder).joinpath("scripts", name).read_text(encoding="utf-8")


def _text(path: str, text: str) -> Entry:
    return Entry(path, text.encode())


def _folder(name: str, folder: Path) -> Iterator[Entry]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield Entry(f"{name}/{file.relative_to(folder).as_posix()}", file.read_bytes())
