"""The installed module that a command is about."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tinytorch_course import installer
from tinytorch_course.course import Capstone, Course, Module, distribution_of
from tinytorch_course.installed import Package
from tinytorch_course.journey import Journey, Standing, State
from tinytorch_course.swapping.refusal import Refusal


def module_called(course: Course, text: str) -> Module:
    """Raises `click.UsageError` for what is no module."""
    found = course.find(text)
    if isinstance(found, Module):
        return found
    if isinstance(found, Capstone):
        raise click.UsageError(f"{found.title} is a capstone. Only modules can be swapped.")
    near = course.nearest(text)
    meant = f" Did you mean '{near}'?" if near else " `tinytorch status` lists them."
    raise click.UsageError(f"No module is called '{text}'.{meant}")


def check_visible(journey: Journey) -> None:
    if journey.interpreter.hidden_by is not None:
        raise Refusal(
            "hidden",
            "the modules are hidden",
            "A file makes `tinytorch` an ordinary package, so nothing that is installed is found:",
            ("tinytorch doctor",),
            (str(journey.interpreter.hidden_by),),
        )


def is_reference(journey: Journey, module: Module) -> bool:
    """Whether it is the reference that is installed, and whole as far as can be seen.

    A stray `tinytorch/__init__.py` hides whole ones, too.
    """
    standing = journey.standings[module.name]
    if standing.package is None or standing.package.is_students:
        return False
    return standing.state is State.REFERENCE or journey.interpreter.hidden_by is not None


def package_of(journey: Journey, module: Module) -> Package:
    """The package to replace; raises `Refusal` when there is none, or it is not what runs."""
    standing = journey.standings[module.name]
    if standing.package is None:
        raise _not_installed(journey, module, standing)
    if standing.state is State.SHADOWED and not _is_leftover(standing.package, standing):
        raise Refusal(
            "shadowed",
            f"Python imports another {module.import_name}",
            "A folder that comes first on the path (PYTHONPATH, a .pth file) holds the module, so "
            "what is installed does not run, and a change of it would do nothing:",
            ("tinytorch doctor",),
            (str(standing.origin),),
        )
    return standing.package


def _is_leftover(package: Package, standing: Standing) -> bool:
    """Files where an install would put them, which go with it."""
    folder = os.path.realpath(package.home.joinpath(*standing.member.import_name.split(".")))
    return standing.origin is not None and Path(os.path.realpath(standing.origin)).is_relative_to(
        folder
    )


def _not_installed(journey: Journey, module: Module, standing: Standing) -> Refusal:
    name = distribution_of(module.name)
    if standing.state is State.UNPACKAGED:
        return Refusal(
            "unpackaged",
            f"{module.import_name} can be imported, but is not installed",
            "Files without metadata cannot be replaced safely:",
            ("tinytorch doctor",),
            (str(standing.origin),),
        )
    if standing.state is State.UNRELEASED:
        return Refusal("unreleased", f"{name} is not yet released", "There is nothing to replace.")
    return Refusal(
        "not-installed",
        f"{name} is not installed",
        "There must be a reference, which your module is compared with and which can come back. "
        "Install it first:",
        (installer.install_missing(journey, (module.name,)),),
    )
