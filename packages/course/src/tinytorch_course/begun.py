"""The projects that were begun on this machine, and how far each has come."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tinytorch_course import progress, registry
from tinytorch_course.fingerprint import fingerprint
from tinytorch_course.material import all_material
from tinytorch_course.progress import Progress
from tinytorch_course.project import Project


@dataclass(frozen=True)
class Begun:
    project: Project
    progress: Progress

    @property
    def name(self) -> str:
        return self.project.material.name

    @property
    def is_here(self) -> bool:
        """Whether the current folder lies in it."""
        return _holds(self.project.root, Path.cwd())

    @cached_property
    def is_stale(self) -> bool:
        """Whether its files are no longer those that were checked last."""
        checked = self.progress.source
        return checked is not None and checked != fingerprint(self.project.source)

    @property
    def command(self) -> str:
        """What goes on with it."""
        task = f" --task {self.progress.next_task}" if self.progress.next_task else ""
        return f"tinytorch check{self.project.option()}{task}"


def begun() -> tuple[Begun, ...]:
    """Of each module the one that we are in, else the latest, in the order of the course. Nothing
    is run: points are as kept.
    """
    folders = registry.projects()
    latest = (
        Project(_chosen(folders[material.name]), material)
        for material in all_material()
        if material.name in folders
    )
    return tuple(Begun(each, progress.read(each.root, each.material)) for each in latest)


def _chosen(folders: Sequence[Path]) -> Path:
    here = Path.cwd()
    return next((each for each in folders if _holds(each, here)), folders[0])


def _holds(folder: Path, here: Path) -> bool:
    return Path(os.path.realpath(here)).is_relative_to(os.path.realpath(folder))
