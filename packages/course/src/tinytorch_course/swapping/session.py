"""A time in which nobody else changes the environment, after ending what was cut off."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course import journey as journeys
from tinytorch_course.journey import Journey
from tinytorch_course.swapping import exchange, interrupted, storage
from tinytorch_course.swapping.environment import Sites, ask_sites


@dataclass(frozen=True)
class Session:
    journey: Journey
    storage: Path
    sites: Sites


@contextmanager
def alone() -> Iterator[Session]:
    """Waits for others, as `storage.one_at_a_time` says. The environment is this process's own."""
    folder = storage.folder_of(Path(sys.prefix))
    with storage.one_at_a_time(folder):
        journey = journeys.read()
        if exchange.unfinished(journey.interpreter.path):
            interrupted.resume_all(journey.interpreter.path)
            journey = journeys.read()
        yield Session(journey, folder, ask_sites(journey.interpreter))
