"""A student's project takes the place of what is installed: all checks, then the exchange."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tinytorch_course.course import Module
from tinytorch_course.installed import Package
from tinytorch_course.journey import State
from tinytorch_course.swapping import (
    build,
    dependants,
    environment,
    installation,
    keep,
    layout,
    memory,
    overlay,
    target,
)
from tinytorch_course.swapping import project as projects
from tinytorch_course.swapping.installation import Installation
from tinytorch_course.swapping.keep import Kept
from tinytorch_course.swapping.project import Project
from tinytorch_course.swapping.public_names import public_names
from tinytorch_course.swapping.replacement import replace
from tinytorch_course.swapping.session import Session
from tinytorch_course.swapping.wheel import Wheel


@dataclass(frozen=True)
class Swapped:
    project: Project
    editable: bool
    was: Package
    kept: Kept | None
    """The copy of what was in its place; None where that was only a link to a project."""
    compared: bool
    """Whether a reference was there to compare the public names with."""


def swap(session: Session, module: Module, folder: Path, editable: bool) -> Swapped:
    """Raises `Refusal`, and then nothing has changed."""
    journey = session.journey
    target.check_visible(journey)
    package = target.package_of(journey, module)
    environment.check(journey, module, package, session.sites)
    now = installation.find(journey, module, package)
    reference_version = (package.version or "0").partition("+")[0]
    project = projects.read(folder, module, journey.course, reference_version)
    wanted = f"{reference_version}+student"
    dependants.check(journey.installed, module, project.version, wanted)
    public = _public_names(session, now)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as aside:
        wheel = build.build(project, Path(aside))
        build.check(wheel, project)
        build.check_requirements(wheel, journey)
        overlay.check(wheel, project, public, journey)
        kept = _install(session, now, wheel, project, editable)
    memory.remember(session.storage, module.name, project.folder)
    return Swapped(project, editable, package, kept, bool(public))


def _install(
    session: Session, now: Installation, wheel: Wheel, project: Project, editable: bool
) -> Kept | None:
    if editable:
        lay_out = partial(layout.editable, wheel, project)
        return replace(now, session.storage, lay_out, (project.source,))
    return replace(now, session.storage, partial(layout.copy, wheel, project))


def _public_names(session: Session, now: Installation) -> tuple[str, ...]:
    """Of the installed reference, or else of the one that is kept."""
    standing = session.journey.standings[now.module.name]
    if standing.state is State.REFERENCE and standing.origin is not None:
        return public_names(standing.origin.read_text(encoding="utf-8"))
    for kept in keep.references(session.storage, now.module.name):
        return public_names(keep.source_of(kept))
    return ()
