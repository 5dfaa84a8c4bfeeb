"""Where somebody stands in the course: the state of every module and capstone on this machine.

Three sources are laid over one another: the course as planned, the metadata of what is installed,
and the files that would really be imported. Where the last two disagree, a module is shadowed,
broken, or unpackaged.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tinytorch_course import installed, interpreter
from tinytorch_course.course import Capstone, Course, Module, distribution_of, the_course
from tinytorch_course.installed import Installed, Package
from tinytorch_course.interpreter import Interpreter


class State(StrEnum):
    REFERENCE = "reference"
    YOURS = "yours"
    SHADOWED = "shadowed"
    """Installed, but another file of that name comes first."""
    BROKEN = "broken"
    """Installed, but there is nothing to import."""
    UNPACKAGED = "unpackaged"
    """Not installed, and yet it can be imported."""
    MISSING = "missing"
    UNRELEASED = "unreleased"

    @property
    def is_there(self) -> bool:
        """Whether importing it finds something."""
        return self in {State.REFERENCE, State.YOURS, State.SHADOWED, State.UNPACKAGED}

    @property
    def is_wrong(self) -> bool:
        return self in {State.SHADOWED, State.BROKEN, State.UNPACKAGED}


@dataclass(frozen=True)
class Standing:
    """How a module or capstone stands on this machine."""

    member: Module | Capstone
    state: State
    version: str | None
    origin: Path | None
    """The file that would be imported."""
    package: Package | None
    needs: tuple[str, ...] = ()
    """What it builds on and cannot import."""

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def is_runnable(self) -> bool:
        return self.state.is_there and not self.needs


@dataclass(frozen=True)
class Journey:
    course: Course
    interpreter: Interpreter
    installed: Installed
    modules: tuple[Standing, ...]
    capstones: tuple[Standing, ...]

    @property
    def standings(self) -> Mapping[str, Standing]:
        return {each.name: each for each in (*self.modules, *self.capstones)}

    @property
    def is_sound(self) -> bool:
        """Whether everything is where it was installed, as far as can be seen from outside."""
        is_foreign = self.installed.get("tinytorch") is not None
        return not (self.wrong or is_foreign or self.interpreter.hidden_by)

    @property
    def wrong(self) -> tuple[Standing, ...]:
        return tuple(each for each in self.standings.values() if each.state.is_wrong)


def read(course: Course | None = None) -> Journey:
    """Looks at the Python that runs this command."""
    course = course or the_course()
    names = ["numpy", *(member.import_name for member in course.members)]
    python = interpreter.ask(names)
    packages = installed.read(python.path)
    states = {each.name: _state(each, packages, python) for each in course.members}

    def standing(member: Module | Capstone) -> Standing:
        package = packages.get(distribution_of(member.name))
        return Standing(
            member=member,
            state=states[member.name],
            version=package.version if package else None,
            origin=python.origins[member.import_name],
            package=package,
            needs=_unmet(member, course, states),
        )

    return Journey(
        course=course,
        interpreter=python,
        installed=packages,
        modules=tuple(standing(each) for each in course.modules),
        capstones=tuple(standing(each) for each in course.capstones),
    )


def _unmet(
    member: Module | Capstone, course: Course, states: Mapping[str, State]
) -> tuple[str, ...]:
    needs = course.needs(member.name)
    lacking = (each.name for each in course.modules if not states[each.name].is_there)
    return tuple(name for name in lacking if name in needs)


def _state(member: Module | Capstone, packages: Installed, python: Interpreter) -> State:
    package = packages.get(distribution_of(member.name))
    origin = python.origins[member.import_name]
    if package is None and origin is None:
        return State.MISSING if member.released else State.UNRELEASED
    if package is None:
        return State.UNPACKAGED
    if origin is None:
        return State.BROKEN
    if not lies_in(origin, home_of(package, member)):
        return State.SHADOWED
    return State.YOURS if package.is_students else State.REFERENCE


def home_of(package: Package, member: Module | Capstone) -> Path:
    """The folder in which an installed package's files should lie."""
    if package.editable and package.project is not None:
        return package.project
    return package.home.joinpath(*member.import_name.split("."))


def lies_in(file: Path, folder: Path) -> bool:
    """By real paths: macOS links /tmp, Windows ignores case, and folders are moved and linked."""
    spelled = (os.path.normcase(os.path.realpath(each)) for each in (file, folder))
    return Path(next(spelled)).is_relative_to(next(spelled))
