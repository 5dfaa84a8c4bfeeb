"""What the packages declare, import and promise, checked against tools/course.toml.

Prints one line for each thing that is wrong, with what to change, and exits 1 if there is any.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

import check_imports
import check_tasks
import course_table
from workspace import ROOT, Entry, Package, Workspace


def check_declared(workspace: Workspace) -> Iterator[str]:
    """Each package's name, place, title and dependencies on ours are those of course.toml."""
    for package in workspace.packages:
        yield from check_entry(workspace, package)
        yield from check_dependencies(workspace, package)
        yield from check_entry_points(package)


def check_entry(workspace: Workspace, package: Package) -> Iterator[str]:
    here = package.folder.relative_to(workspace.root) / "pyproject.toml"
    entry = entry_of(workspace, package)
    if package.kind not in ("module", "capstone"):
        return
    if entry is None:
        yield f"{here}: {package.name} is no {package.kind} of tools/course.toml: add it there"
        return
    numbered = package.kind == "module"
    if numbered and package.folder.name != (folder := f"{entry.number:02}_{entry.name}"):
        yield f"{here}: the folder should be named {folder}, after tools/course.toml"
    for key in ("number", "part", "title") if numbered else ("part", "title"):
        stated, expected = package.settings.get(key), getattr(entry, key)
        if stated != expected:
            yield f"{here}: {key} is {stated!r}, tools/course.toml has {expected!r}"


def entry_of(workspace: Workspace, package: Package) -> Entry | None:
    course = workspace.course
    find = course.capstone if package.kind == "capstone" else course.module
    return find(package.name)


def check_dependencies(workspace: Workspace, package: Package) -> Iterator[str]:
    here = package.folder.relative_to(workspace.root) / "pyproject.toml"
    expected = {f"tinytorch-{name}" for name in expected_dependencies(workspace, package)}
    declared = {requirement.name for requirement in package.our_requirements}
    for name in sorted(expected - declared):
        yield f"{here}: add {name} to dependencies, as tools/course.toml says"
    for name in sorted(declared - expected):
        yield f"{here}: tools/course.toml does not know the dependency {name}: add it there too"
    for requirement in package.our_requirements:
        found = workspace.find(requirement.name)
        if found and (problem := range_problem(requirement, found.version)):
            yield f"{here}: {requirement}: {problem}"


def expected_dependencies(workspace: Workspace, package: Package) -> set[str]:
    """The names that a package should depend on, of those that course.toml and its kind give it."""
    if package.kind == "part":
        return expected_of_part(workspace, int(package.name.removeprefix("part")))
    entry = entry_of(workspace, package)
    return set(entry.depends) if entry else set()


def expected_of_part(workspace: Workspace, part: int) -> set[str]:
    """A part brings the part before it, or the command, and its released modules and capstones."""
    course = workspace.course
    own = {entry.name for entry in (*course.modules, *course.capstones) if entry.part == part}
    released = {name for name in own if workspace.named(name)}
    return released | ({f"part{part - 1}"} if part > 1 else {"course"})


def range_problem(requirement: Requirement, current: Version) -> str | None:
    """What is wrong with a range: it holds the current version and ends before the next break."""
    breaking = f"{current.major + 1}.0" if current.major else f"0.{current.minor + 1}"
    specifier = requirement.specifier
    example = f"write >={current.major}.{current.minor},<{breaking}"
    if not specifier.contains(current):
        return f"does not allow the current version {current}; {example}"
    if specifier.contains(breaking):
        return f"allows {breaking}, which may break it; {example}"
    if not any(clause.operator in (">=", "~=") for clause in specifier):
        return f"has no lower bound; {example}"
    return None


def check_entry_points(package: Package) -> Iterator[str]:
    group = {"module": "tinytorch.modules", "capstone": "tinytorch.capstones"}.get(package.kind)
    if group is None:
        return
    expected = {package.name: package.import_name}
    stated = package.pyproject["project"].get("entry-points", {}).get(group)
    if stated != expected:
        yield (
            f'{package.folder.name}/pyproject.toml: [project.entry-points."{group}"] '
            f'should hold {package.name} = "{package.import_name}"'
        )


def check_tables(workspace: Workspace) -> Iterator[str]:
    """The tables of the course that packages ship are generated and up to date."""
    for path in course_table.outdated(workspace):
        yield f"{path.relative_to(workspace.root)}: outdated; run `python tools/course_table.py`"


def check_present(workspace: Workspace) -> Iterator[str]:
    """Whatever of ours a package depends on is in the workspace."""
    for package in workspace.packages:
        for requirement in package.our_requirements:
            if workspace.find(requirement.name) is None:
                yield (
                    f"{package.folder.relative_to(workspace.root)}/pyproject.toml: "
                    f"no folder of packages/ or capstones/ holds {requirement.name}"
                )


CHECKS: tuple[Callable[[Workspace], Iterator[str]], ...] = (
    check_declared,
    check_tables,
    check_tasks.check_tasks,
    check_tasks.check_milestones,
    check_imports.check_portions,
    check_imports.check_third_party,
)


def problems(workspace: Workspace) -> list[str]:
    missing = list(check_present(workspace))
    return missing or [problem for check in CHECKS for problem in check(workspace)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    workspace = Workspace.load(parser.parse_args().root)
    found = problems(workspace)
    for problem in found:
        print(problem)
    print(f"{len(workspace.packages)} packages, {len(found)} problems")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
