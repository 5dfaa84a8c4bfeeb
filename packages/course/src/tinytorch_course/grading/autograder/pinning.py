"""The versions that a package names, and the wheels of them that it brings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import click
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from tinytorch_course.course import distribution_of
from tinytorch_course.grading.environment import NotAsReleased
from tinytorch_course.grading.freezing import frozen_requirements

OURS = "tinytorch-"


def requirements(modules: Collection[str]) -> tuple[str, ...]:
    """The versions that are installed. Raises `click.ClickException` unless they hold the
    references of these modules and capstones."""
    try:
        frozen = frozen_requirements()
    except NotAsReleased as problem:
        raise click.ClickException(str(problem)) from problem
    there = {line.partition("==")[0] for line in frozen}
    missing = sorted(set(map(distribution_of, modules)) - there)
    if missing:
        raise click.ClickException(
            f"The autograder gets the versions that are installed here, and these are not: "
            f"{', '.join(missing)}.\nRun first:  pip install {' '.join(missing)}"
        )
    yours = [line for line in frozen if line.startswith(OURS) and "+" in line]
    if yours:
        raise click.ClickException(
            f"The autograder needs the references, and these are somebody's own: "
            f"{', '.join(yours)}.\nRun first:  tinytorch restore --all"
        )
    return frozen


def wheels(folder: Path, frozen: Sequence[str]) -> tuple[Path, ...]:
    """Those of the frozen versions, for whatever platform.

    Raises `click.ClickException` when one of the course's own is not there: what a package brings
    of the course, it brings whole.
    """
    wanted = dict(line.split("==") for line in frozen)
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*.whl")):
        named = _name_and_version(file)
        if named and wanted.get(named[0]) and Version(wanted[named[0]]) == named[1]:
            found.setdefault(named[0], []).append(file)
    missing = [
        line for line in frozen if line.startswith(OURS) and line.split("==")[0] not in found
    ]
    if missing:
        raise click.ClickException(
            f"{folder} has no wheel of {', '.join(missing)}.\n"
            "In a clone of the course, build them:  nox -s wheels  (into wheelhouse)"
        )
    return tuple(file for name in sorted(found) for file in found[name])


def _name_and_version(file: Path) -> tuple[str, Version] | None:
    try:
        name, version, _, _ = parse_wheel_filename(file.name)
    except InvalidWheelFilename:
        return None
    return name, version
