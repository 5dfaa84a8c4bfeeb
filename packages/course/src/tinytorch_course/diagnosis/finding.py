"""One thing that is wrong, or worth knowing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    PROBLEM = "problem"
    """Something of the course does not work, or will not."""
    NOTE = "note"
    """Everything works, but it may not be what was meant."""


@dataclass(frozen=True)
class Finding:
    level: Level
    kind: str
    """A fixed name, for programs."""
    title: str
    explanation: str
    fix: tuple[str, ...] = ()
    """Commands to type, in order."""
    evidence: tuple[str, ...] = ()
    """Lines shown as they are: a traceback, files."""
