"""A time in which nobody else changes the environment, after ending what was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course import interpreter
from tinytorch_course import journey as journeys
from tinytorch_course.journey import Journey
from tinytorch_course.swapping import interrupted, storage
from tinytorch_course.swapping.environment import Sites, ask_sites


@dataclass(frozen=True)
class Session:
    journey: Journey
    storage: Path
    sites: Sites


@contextmanager
def alone() -> Iterator[Session]:
    python = interpreter.ask([])
    folder = storage.folder_of(python.prefix)
    with storage.one_at_a_time(folder):
        interrupted.resume_all(python.path)
        yield Session(journeys.read(), folder, ask_sites(python))
