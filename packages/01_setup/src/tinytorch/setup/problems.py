"""What can be wrong with an installation of the course, why it matters, and how to mend it."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from importlib_metadata import Distribution

from tinytorch.setup import commands
from tinytorch.setup.course import Package, load_course
from tinytorch.setup.evidence import (
    installed_distributions,
    is_editable,
    locate,
    project_folder,
    recorded_folder,
)
from tinytorch.setup.inventory import PackageStatus, statuses
from tinytorch.setup.record import changed_files, missing_files
from tinytorch.setup.rendering import Result
from tinytorch.setup.requirements import conflicts


@dataclass(frozen=True)
class Problem(Result):
    """Something wrong with the installation.

    kind: a short name of it, for programs
    package: the module or capstone it befalls, None when it befalls all
    what: what was found
    why: what follows from it
    fix: the command to run or the file to change
    """

    kind: str
    package: str | None
    what: str
    why: str
    fix: str

    def __str__(self) -> str:
        return f"{self.what}\n  Why it matters: {self.why}\n  To mend it: {self.fix}"


@dataclass(frozen=True)
class _Place:
    """A course package, how it is found, and the distribution it should come from."""

    package: Package
    status: PackageStatus
    distribution: Distribution | None
    folders: tuple[Path, ...]

    def problem(self, kind: str, what: str, why: str, fix: str) -> Problem:
        return Problem(kind, self.package.name, what, why, fix)

    @property
    def reinstall(self) -> str:
        return commands.reinstall(self.package.distribution, self.status.version)


def find_problems(path: Sequence[str] | None = None) -> tuple[Problem, ...]:
    """Everything wrong with what of the course is installed; empty when all is well.

    Nothing is imported and nothing changed.
    `path` is a list of folders to search like `sys.path`, which is what is searched without it.
    """
    folders = _folders(path)
    distributions = installed_distributions(path)
    packages = load_course().packages
    found = [
        *_foreign_distribution(distributions),
        *_stray_files(folders, distributions),
        *_interrupted_installations(folders),
        *_misnamed_distributions(packages, path),
    ]
    stray = any(problem.kind == "stray-init" for problem in found)
    for package, status in zip(packages, statuses(packages, path), strict=True):
        place = _Place(
            package, status, distributions.get(package.distribution), _parts(package, path)
        )
        found += _without_metadata(place)
        found += _without_code(place, hidden_by_stray=stray)
        found += _shadowed(place)
        found += _damaged(place)
    return (*found, *_version_conflicts(distributions))


def _foreign_distribution(distributions: dict[str, Distribution]) -> Iterator[Problem]:
    if "tinytorch" in distributions:
        yield Problem(
            kind="foreign-distribution",
            package=None,
            what=f"The distribution 'tinytorch' {distributions['tinytorch'].version} is installed",
            why="that name on PyPI belongs to somebody else and is no part of this course, whose "
            "packages are named tinytorch-tensor, tinytorch-layers and so on; its files can hide "
            "the course's",
            fix=commands.uninstall("tinytorch"),
        )


def _stray_files(
    folders: Sequence[Path], distributions: dict[str, Distribution]
) -> Iterator[Problem]:
    """`tinytorch` must be a folder without code of its own: then every module can add to it."""
    foreign = distributions.get("tinytorch")
    for folder in folders:
        for name in ("tinytorch/__init__.py", "tinytorch.py"):
            file = folder / name
            owned = foreign is not None and _same(Path(str(foreign.locate_file(name))), file)
            if file.is_file() and not owned:
                yield Problem(
                    kind="stray-init",
                    package=None,
                    what=f"There is a file {file}",
                    why="Python takes the first 'tinytorch' with code of its own for the whole of "
                    "it, so every module that lies anywhere else can no longer be imported",
                    fix=f"delete or rename the file {file}",
                )


def _interrupted_installations(folders: Sequence[Path]) -> Iterator[Problem]:
    for folder in folders:
        for metadata in sorted(folder.glob("tinytorch_*.dist-info")):
            if not (metadata / "METADATA").is_file():
                name = metadata.name.split("-")[0].replace("_", "-")
                yield Problem(
                    kind="interrupted-installation",
                    package=name.removeprefix("tinytorch-"),
                    what=f"{metadata} holds no METADATA",
                    why=f"an installation of {name} was interrupted, so neither pip nor the "
                    "course can tell what is there",
                    fix=f"delete the folder {metadata}, then run {commands.reinstall(name)}",
                )


def _misnamed_distributions(
    packages: Sequence[Package], path: Sequence[str] | None
) -> Iterator[Problem]:
    """A project whose name was mistyped lies beside the package that it should replace."""
    meant = {package.import_name: package for package in packages}
    for name, distribution in installed_distributions(path).items():
        for entry in distribution.entry_points.select(group="tinytorch.modules"):
            package = meant.get(entry.value)
            if package is not None and name != package.distribution:
                yield Problem(
                    kind="misnamed-distribution",
                    package=package.name,
                    what=f"The distribution {name!r} says that it is {entry.value}",
                    why=f"only {package.distribution} can take that place; installed under another "
                    "name it lies beside it or over it, and removing it can leave nothing",
                    fix=f"{commands.uninstall(name)}; in its pyproject.toml set "
                    f'name = "{package.distribution}"; install it again',
                )


def _without_metadata(place: _Place) -> Iterator[Problem]:
    if place.distribution is not None:
        return
    if place.status.installed:
        yield place.problem(
            kind="unpackaged",
            what=f"{place.package.import_name} is imported from {place.status.location}, but no "
            f"{place.package.distribution} is installed",
            why="pip does not know of it, so nothing checks its version or what it needs",
            fix="install it from its project folder, or take its folder off PYTHONPATH",
        )
    for folder in place.folders if not place.status.installed else ():
        yield place.problem(
            kind="hollow-module",
            what=f"{folder} has no __init__.py, and no {place.package.distribution} is installed",
            why=f"'import {place.package.import_name}' succeeds and gives an empty module",
            fix=f"delete the folder {folder}, or run "
            f"{commands.install([place.package.distribution])}",
        )


def _without_code(place: _Place, hidden_by_stray: bool) -> Iterator[Problem]:
    if place.status.origin != "broken" or place.distribution is None:
        return
    name = place.package.import_name
    source = project_folder(place.distribution) if is_editable(place.distribution) else None
    if source is not None and not source.is_dir():
        yield place.problem(
            kind="source-gone",
            what=f"{name} was installed from {source}, which is not there any more",
            why=f"an editable installation is only a pointer, so 'import {name}' fails",
            fix=f"put the folder back, or run {place.reinstall}",
        )
    elif place.folders:
        yield place.problem(
            kind="hollow-module",
            what=f"{place.folders[0]} has no __init__.py",
            why=f"'import {name}' succeeds and gives an empty module",
            fix=f"put the file {place.folders[0] / '__init__.py'} back"
            if source is not None
            else place.reinstall,
        )
    elif not _has_code(place.package, place.distribution):
        yield place.problem(
            kind="missing-files",
            what=f"{place.package.distribution} {place.status.version} is installed, but its files "
            "are not there",
            why=f"'import {name}' fails although pip says that all is well",
            fix=place.reinstall,
        )
    elif not hidden_by_stray:
        yield place.problem(
            kind="not-on-path",
            what=f"{place.package.distribution} is installed, but this Python does not look there",
            why=f"'import {name}' fails; after an editable installation a running Python or "
            "notebook kernel does not see the new folder",
            fix="restart Python (in a notebook: restart the kernel)",
        )


def _shadowed(place: _Place) -> Iterator[Problem]:
    if place.status.origin != "shadowed" or place.distribution is None:
        return
    recorded = recorded_folder(place.package, place.distribution)
    yield place.problem(
        kind="shadowed",
        what=f"{place.package.import_name} is imported from {place.status.location}, but "
        f"{place.package.distribution} {place.status.version} is installed in {recorded}",
        why="a folder that comes earlier on Python's search path hides the installed one: it is "
        "not that code which runs",
        fix=f"take the folder that holds {place.status.location} off PYTHONPATH, start Python in "
        "another folder, or delete that copy",
    )


def _damaged(place: _Place) -> Iterator[Problem]:
    """A reference whose files are not the ones that were installed."""
    if place.status.origin != "reference" or place.distribution is None:
        return
    if missing := missing_files(place.distribution):
        yield place.problem(
            kind="missing-files",
            what=f"{place.package.distribution} lacks {_some(missing)}",
            why=f"parts of {place.package.import_name} cannot be imported",
            fix=place.reinstall,
        )
    if changed := changed_files(place.distribution):
        yield place.problem(
            kind="edited-in-place",
            what=f"{place.package.distribution} was changed after it was installed: "
            f"{_some(changed)}",
            why="what runs is neither the reference nor a copy of your own, and the change is lost "
            "at the next installation",
            fix=f"work on a copy of your own; bring the reference back with {place.reinstall}",
        )


def _version_conflicts(distributions: dict[str, Distribution]) -> Iterator[Problem]:
    versions = {name: distribution.version for name, distribution in distributions.items()}
    requirements = {
        name: distribution.requires or []
        for name, distribution in distributions.items()
        if name.startswith("tinytorch-")
    }
    for conflict in conflicts(versions, requirements):
        yield Problem(
            kind="version-conflict" if conflict.installed else "missing-requirement",
            package=conflict.dependant.removeprefix("tinytorch-"),
            what=str(conflict),
            why=f"{conflict.dependant} was written and tested against the versions it asks for",
            fix=commands.install([conflict.requirement.split(";")[0].strip()]),
        )


def _folders(path: Sequence[str] | None) -> tuple[Path, ...]:
    """The folders that import searches, each once; the empty entry is the current folder."""
    entries = [Path(entry or ".").resolve() for entry in (sys.path if path is None else path)]
    return tuple(entry for entry in dict.fromkeys(entries) if entry.is_dir())


def _parts(package: Package, path: Sequence[str] | None) -> tuple[Path, ...]:
    """The folders of a module that import finds without an `__init__.py`."""
    spec = locate(package.import_name, path)
    if spec is None or spec.origin is not None:
        return ()
    return tuple(Path(folder) for folder in spec.submodule_search_locations or ())


def _has_code(package: Package, distribution: Distribution) -> bool:
    recorded = recorded_folder(package, distribution)
    inside = Path(*package.import_name.split(".")) / "__init__.py"
    candidates = (recorded / "__init__.py", recorded / "src" / inside, recorded / inside)
    return any(file.is_file() for file in candidates)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _some(files: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(files[:most])
    return shown if len(files) <= most else f"{shown} and {len(files) - most} more"
