"""What the `tinytorch` command brings of each module (its starter, its checks, its lesson) and of
each capstone (the checks of its milestone).

    python tools/material.py FOLDER [NAME ...]

The build of packages/course calls this. No solution may be in it; `check_wheels.py` looks.

    <module>/module.json    tasks, points, and the ids of all checks
    <module>/starter/       a student's project
    <module>/checks/        the contract tests
    <module>/lesson.ipynb   the lesson as a notebook
    <capstone>/module.json  as above
    <capstone>/checks/
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from check_tasks import heading_anchors
from collected_checks import Collected, CollectionError, collect
from lesson_notebook import write_notebook
from starter import StarterError, write_starter
from starter_project import pyproject, readme, version
from workspace import ROOT, Package, Task, Workspace

UNWANTED = shutil.ignore_patterns("__pycache__", ".hypothesis", ".pytest_cache")


def write_material(
    workspace: Workspace, destination: Path, packages: Iterable[Package] | None = None
) -> None:
    """All of the workspace, or those given, in place of what `destination` held."""
    shutil.rmtree(destination, ignore_errors=True)
    chosen = list(described(workspace) if packages is None else packages)
    with ThreadPoolExecutor(2) as pool:
        collected = pool.map(lambda package: collect(workspace, package), chosen)
        for package, checks in zip(chosen, collected, strict=True):
            write_package(package, checks, destination / package.name)


def described(workspace: Workspace) -> tuple[Package, ...]:
    """Modules, and the capstones that are milestones."""
    capstones = workspace.of_kind("capstone")
    return (*workspace.of_kind("module"), *(each for each in capstones if each.tasks))


def write_package(package: Package, checks: Collected, folder: Path) -> None:
    folder.mkdir(parents=True)
    copy_checks(package, folder / "checks")
    if package.kind == "module":
        write_project(package, folder / "starter")
        write_notebook_of(package, folder / "lesson.ipynb")
    write_text(folder / "module.json", json.dumps(description(package, checks), indent=1) + "\n")


def write_notebook_of(package: Package, file: Path) -> None:
    if package.lesson.is_file():
        write_notebook(package, file)


def write_project(package: Package, folder: Path) -> None:
    write_starter(package, folder / "src")
    write_text(folder / "pyproject.toml", pyproject(package))
    write_text(folder / "README.md", readme(package))
    copy_checks(package, folder / "tests")
    if package.lesson.is_file():
        shutil.copyfile(package.lesson, folder / "lesson.md")


def copy_checks(package: Package, folder: Path) -> None:
    if package.checks.is_dir():
        shutil.copytree(package.checks, folder, ignore=UNWANTED)


def description(package: Package, checks: Collected) -> dict[str, Any]:
    headings = heading_anchors(package.lesson)
    return {
        "name": package.name,
        "number": package.settings.get("number"),
        "import_name": package.import_name,
        "part": package.settings["part"],
        "title": package.settings["title"],
        "version": str(package.version),
        "student_version": version(package),
        "distribution": package.distribution,
        "requirements": [str(requirement) for requirement in package.requirements],
        "tasks": [task_record(package, task, headings) for task in package.tasks],
        "checks": checks.ids,
        "in_process": checks.in_process,
    }


def task_record(package: Package, task: Task, headings: dict[str, str]) -> dict[str, Any]:
    root = package.source_root.relative_to(package.folder)
    files = [(root / package.function_location(name)[0]).as_posix() for name in task.functions]
    return {
        "id": task.id,
        "title": task.title,
        "points": task.points,
        "functions": list(task.functions),
        "files": list(dict.fromkeys(files)),
        "tests": list(task.tests),
        "lesson": task.lesson,
        "heading": headings.get(task.lesson, task.title),
        "hint": task.hint,
        "hints": dict(task.hints),
    }


def write_text(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


def needed_to_write(workspace: Workspace) -> list[str]:
    """Libraries that writing the material takes: checks are collected, lessons converted."""
    packages = workspace.closure(described(workspace))
    libraries = {str(r) for package in packages for r in package.third_party_requirements}
    return sorted(libraries | {"hypothesis>=6.130", "jupytext>=1.16", "packaging", "pytest>=8.4"})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("destination", type=Path)
    parser.add_argument("names", nargs="*", help="all modules and capstones without any")
    options = parser.parse_args()
    workspace = Workspace.load(ROOT)
    chosen = [package for package in described(workspace) if package.name in options.names]
    try:
        write_material(workspace, options.destination, chosen or None)
    except (CollectionError, StarterError, LookupError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
