"""What is installed and depends on a module, and which of its versions that accepts."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tinytorch_course.course import Module, distribution_of
from tinytorch_course.installed import Installed, Package
from tinytorch_course.swapping.refusal import Refusal


def ranges(installed: Installed, module: Module) -> dict[str, SpecifierSet]:
    """From the name of each package that depends on the module to the versions it accepts."""
    wanted = distribution_of(module.name)
    return {
        package.name: requirement.specifier
        for package in installed.packages.values()
        for requirement in requirements(package)
        if canonicalize_name(requirement.name) == wanted
    }


def requirements(package: Package) -> list[Requirement]:
    """Those that hold here, without extras. What cannot be read is the doctor's to tell."""
    found = []
    for text in package.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found.append(requirement)
    return found


def accept(installed: Installed, module: Module, version: Version) -> bool:
    found = ranges(installed, module).values()
    return all(each.contains(version, prereleases=True) for each in found)


def check(installed: Installed, module: Module, version: Version, wanted: str) -> None:
    """Raises `Refusal` when something installed would not accept that version."""
    against = {
        name: accepted
        for name, accepted in ranges(installed, module).items()
        if not accepted.contains(version, prereleases=True)
    }
    if against:
        name, accepted = next(iter(against.items()))
        bounds = ",".join(sorted(map(str, accepted), reverse=True))
        raise Refusal(
            "out-of-range",
            f"version {version} does not suit {name}",
            f"It asks for {distribution_of(module.name)} {bounds}. Your project takes the place of "
            "the installed reference, so it has the same version. Write below [project]:",
            (f'version = "{wanted}"',),
            tuple(f"{each} asks for {accepted}" for each, accepted in against.items()),
        )
