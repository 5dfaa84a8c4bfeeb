"""Keeping an installed reference before anything takes its place.

`tinytorch swap` keeps what it replaces. An installer does not: `pip install -e ./tensor` removes
the reference, and without a network nothing would bring it back. So it is kept as soon as a project
of the module is begun.
"""

from __future__ import annotations

from tinytorch_course.swapping import installation, replacement, session, target
from tinytorch_course.swapping.refusal import Refusal


def keep_reference(name: str) -> Refusal | None:
    """What is in the way; None if it is kept, or no reference is installed."""
    try:
        with session.alone() as here:
            module = target.module_called(here.journey.course, name)
            package = here.journey.standings[name].package
            if package is not None and not package.is_students:
                now = installation.find(here.journey, module, package)
                replacement.keep_installed(here.storage, now)
    except Refusal as refusal:
        return refusal
    return None
