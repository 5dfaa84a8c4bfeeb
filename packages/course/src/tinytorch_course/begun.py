"""The projects that were begun on this machine, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass

from tinytorch_course import progress, registry
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
    def command(self) -> str:
        """What goes on with it."""
        task = f" --task {self.progress.next_task}" if self.progress.next_task else ""
        return f"tinytorch check{self.project.option()}{task}"


def begun() -> tuple[Begun, ...]:
    """Of each module the latest, in the order of the course. Nothing is run: points are as kept."""
    folders = registry.projects()
    latest = (
        Project(folders[material.name][0], material)
        for material in all_material()
        if material.name in folders
    )
    return tuple(Begun(each, progress.read(each.root, each.material)) for each in latest)
