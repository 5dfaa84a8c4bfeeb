"""The course's packages among themselves: files, versions, dependencies, who provides what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from tinytorch_course import installer, registry
from tinytorch_course.course import distribution_of
from tinytorch_course.diagnosis.finding import Finding, Level
from tinytorch_course.installed import Package
from tinytorch_course.journey import Journey, Standing, State


def examine(journey: Journey) -> Iterator[Finding]:
    for standing in journey.wrong:
        yield from _standing(journey, standing)
    for package in journey.installed.of_the_course():
        yield from _requirements(journey, package)
    yield from _providers(journey)
    yield from _repeated(journey)


def _standing(journey: Journey, standing: Standing) -> Iterator[Finding]:
    if standing.state is State.SHADOWED:
        yield _shadowed(journey, standing)
    elif standing.state is State.UNPACKAGED:
        yield _unpackaged(journey, standing)
    elif not _is_hidden(journey, standing):
        yield _hollow(journey, standing)


def _is_hidden(journey: Journey, standing: Standing) -> bool:
    """Explained by the namespace's own findings: its files may be whole."""
    return journey.interpreter.hidden_by is not None and standing.member in journey.course.modules


def _hollow(journey: Journey, standing: Standing) -> Finding:
    return Finding(
        Level.PROBLEM,
        "hollow",
        f"{distribution_of(standing.name)} is installed, but there is nothing to import",
        _why_hollow(standing),
        (_mend_hollow(journey, standing),),
    )


def _mend_hollow(journey: Journey, standing: Standing) -> str:
    """Where nothing is kept, restore tells how to install the reference anew."""
    if standing.package is not None and standing.package.is_students:
        return f"tinytorch restore {standing.name}"
    return installer.reinstall(journey, standing)


def _why_hollow(standing: Standing) -> str:
    package = standing.package
    if package is None or not package.editable or package.project is None:
        return (
            "Its metadata is there, its files are gone: often another package had overwritten them "
            "and was uninstalled. Install it again:"
        )
    if not package.project.is_dir():
        lost = f"It was installed from {package.project}, which is not there any more."
    else:
        lost = f"It is your project in {package.project}, which does not hold the module now."
    return (
        f"{lost} Put it back, or swap it in from where it is now ({_swap(standing.name)}), or "
        "bring back the reference:"
    )


def _swap(module: str) -> str:
    """With the folder, where a check has seen the project at its new place."""
    known = registry.projects().get(module, ())
    folder = f'"{known[0]}"' if known else "FOLDER"
    return f"`tinytorch swap {module} {folder}`"


def _shadowed(journey: Journey, standing: Standing) -> Finding:
    package = standing.package
    installed = package.project if package and package.editable else package and package.home
    return Finding(
        Level.PROBLEM,
        "shadowed",
        f"{standing.member.import_name} is imported from elsewhere than where it is installed",
        f"{distribution_of(standing.name)} {standing.version} is not what runs: another folder "
        "comes first on the path, by PYTHONPATH, a .pth file, or another install. Take it off the "
        "path, or install it as a package.",
        evidence=(f"imported   {standing.origin}", f"installed  {installed}"),
    )


def _unpackaged(journey: Journey, standing: Standing) -> Finding:
    return Finding(
        Level.PROBLEM,
        "unpackaged",
        f"{standing.member.import_name} can be imported, but is not installed",
        "Files without metadata: nobody knows their version, and pip would overwrite them. Install "
        "the package, or take the folder off the path (PYTHONPATH).",
        (installer.install(journey, distribution_of(standing.name)),),
        (str(standing.origin),),
    )


def _requirements(journey: Journey, package: Package) -> Iterator[Finding]:
    for text in package.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            yield Finding(
                Level.PROBLEM,
                "bad-requirement",
                f"{package.name} asks for something that cannot be read",
                f"{text!r} is not a requirement. Correct its pyproject.toml and install it again.",
            )
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield from _requirement(journey, package, requirement)


def _requirement(journey: Journey, package: Package, requirement: Requirement) -> Iterator[Finding]:
    found = journey.installed.get(requirement.name)
    bounds = sorted((str(each) for each in requirement.specifier), reverse=True)
    wanted = f"{requirement.name}{','.join(bounds)}"  # the lower bound first
    if found is None:
        yield Finding(
            Level.PROBLEM,
            "missing-dependency",
            f"{package.name} needs {requirement.name}, which is not installed",
            f"It declares {wanted}.",
            (installer.install(journey, wanted),),
        )
    elif not _satisfies(found, requirement):
        yield Finding(
            Level.PROBLEM,
            "version-conflict",
            f"{package.name} needs {wanted}, but {found.version} is installed",
            _why(found),
            (installer.install(journey, wanted),),
        )


def _why(found: Package) -> str:
    if not found.name.startswith("tinytorch-"):
        return "Something else may have asked for that version; the course does not work with it."
    if not found.is_students:
        return "The two were made for different releases of the course."
    return (
        "It is your own: set the version in its pyproject.toml to one within that range, with "
        "`+student` behind it, and install it again; or bring back the reference:"
    )


def _satisfies(found: Package, requirement: Requirement) -> bool:
    try:
        version = Version(found.version or "")
    except InvalidVersion:
        return False
    return requirement.specifier.contains(version, prereleases=True)


def _providers(journey: Journey) -> Iterator[Finding]:
    """A project with a misspelt distribution name lies beside the reference, or over its files."""
    for standing in journey.modules:
        proper = distribution_of(standing.name)
        for other in journey.installed.providers(standing.name):
            if other.name == proper:
                continue
            yield Finding(
                Level.PROBLEM,
                "misnamed",
                f"{other.name} says that it is the module {standing.name}",
                f"That module's package is called {proper}, and only under that name does it take "
                "the reference's place. Correct `name` in its pyproject.toml and install it again"
                + (f" from {other.project}." if other.project else "."),
                (
                    installer.uninstall(journey, other.name),
                    installer.install(journey, *_again(other, proper)),
                ),
            )


def _again(package: Package, proper: str) -> tuple[str, ...]:
    if package.project is None:
        return ("--force-reinstall", "--no-deps", proper)
    return ("-e", str(package.project)) if package.editable else (str(package.project),)


def _repeated(journey: Journey) -> Iterator[Finding]:
    for package in journey.installed.repeated:
        if not package.name.startswith("tinytorch"):
            continue
        used = journey.installed.packages[package.name]
        yield Finding(
            Level.PROBLEM,
            "repeated-metadata",
            f"{package.name} is installed twice, as {used.version} and {package.version}",
            "An install was interrupted. Which of the two counts is chance.",
            (installer.install(journey, "--force-reinstall", "--no-deps", package.name),),
            (str(Path(package.home)),),
        )
