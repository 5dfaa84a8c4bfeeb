"""The kept reference comes back to where a student's module is installed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from packaging.version import Version

from tinytorch_course import installer
from tinytorch_course.course import Module
from tinytorch_course.installed import Package
from tinytorch_course.swapping import (
    dependants,
    environment,
    installation,
    keep,
    layout,
    memory,
    target,
)
from tinytorch_course.swapping.keep import Kept
from tinytorch_course.swapping.refusal import Refusal
from tinytorch_course.swapping.replacement import replace
from tinytorch_course.swapping.session import Session


@dataclass(frozen=True)
class Restored:
    module: Module
    reference: Kept
    was: Package
    kept: Kept | None
    """The copy of the student's; None where that was only a link to a project."""


def restore(session: Session, module: Module) -> Restored | None:
    """None if the reference is there already. Raises `Refusal`, and then nothing has changed."""
    journey = session.journey
    package = target.package_of(journey, module)
    if target.is_reference(journey, module):
        memory.forget(session.storage, module.name)
        return None
    environment.check(journey, module, package, session.sites)
    now = installation.find(journey, module, package)
    reference = _choose(session, module)
    kept = replace(now, session.storage, partial(layout.kept, reference))
    memory.forget(session.storage, module.name)
    return Restored(module, reference, package, kept)


def _choose(session: Session, module: Module) -> Kept:
    """The one kept last, of those that suit what is installed."""
    journey = session.journey
    found = keep.references(session.storage, module.name)
    suitable = (
        each
        for each in found
        if dependants.accept(journey.installed, module, Version(each.version))
    )
    chosen = next(suitable, None)
    if chosen is not None:
        return chosen
    why = (
        "The kept reference is too old or too new for what is installed now."
        if found
        else "`tinytorch start` and `tinytorch swap` keep the one that is installed; here it was "
        "replaced before either saw it."
    )
    raise Refusal(
        "nothing-kept",
        "no reference is kept that could come back",
        f"{why} An installer brings it, by force, because your version counts as the same:",
        (installer.reinstall(journey, journey.standings[module.name]),),
    )
