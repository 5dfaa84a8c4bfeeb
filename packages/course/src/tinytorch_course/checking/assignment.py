"""What the command hands to the process that runs a student's code."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Assignment:
    module: str
    """What is imported first, before any check: `tinytorch.tensor`."""
    source: str
    """The student's `src` folder, its real path."""
    checks: str
    """The folder of the course's checks, its real path."""
    ids: tuple[str, ...]
    """The checks to run, in this order; without any, they are collected and nothing is run."""
    seconds: float
    """The time limit of one check."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files of checks that hold these ids."""
        names = dict.fromkeys(name.partition("::")[0] for name in self.ids)
        return tuple(name for name in names if Path(self.checks, name).is_file())

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read(file: Path) -> Assignment:
    facts = json.loads(file.read_text(encoding="utf-8"))
    return Assignment(**{**facts, "ids": tuple(facts["ids"])})
