"""A student's project of one module: where it is, and which module it is of."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import click

from tinytorch_course import json_file, registry
from tinytorch_course.course import Module, the_course
from tinytorch_course.material import Material, material_of

OWN = ".tinytorch"
"""The folder in a project that is the command's: what the project began as, and its results."""


@dataclass(frozen=True)
class Project:
    root: Path
    material: Material

    @property
    def source(self) -> Path:
        return Path(os.path.realpath(self.root / "src"))

    @property
    def lesson(self) -> str:
        """The lesson that lies in it: the notebook, if it was asked for."""
        return next((n for n in ("lesson.ipynb",) if (self.root / n).is_file()), "lesson.md")

    def option(self) -> str:
        """What names the project in a command: nothing, when the command is typed in it."""
        here = Path(os.path.realpath(os.getcwd()))
        root = Path(os.path.realpath(self.root))
        if here == root or here.is_relative_to(root):
            return ""
        if root == here / self.material.name:
            return f" {self.material.name}"
        path = str(root.relative_to(here)) if root.is_relative_to(here) else str(root)
        return f' "{path}"' if " " in path else f" {path}"


def find(text: str | None) -> Project:
    """The project that is meant: by a path, by a module's name, or by being in it.

    Raises `click.ClickException` with what to type instead.
    """
    if text is None:
        return _around(Path.cwd())
    if Path(text).is_dir():
        return _at(Path(text))
    member = the_course().find(text)
    if not isinstance(member, Module):
        near = None if member else the_course().nearest(text)
        meant = f" Did you mean '{near}'?" if near else ""
        raise click.ClickException(
            f"There is no folder '{text}', and no module of that name.{meant}\n"
            "Name a project's folder or a module:  tinytorch check tensor"
        )
    return _of(member)


def _around(here: Path) -> Project:
    for folder in (here, *here.parents):
        if (folder / OWN).is_dir() or _module_of(folder) is not None:
            return _at(folder)
    inside = [each for each in sorted(here.iterdir()) if (each / OWN / "project.json").is_file()]
    if len(inside) == 1:
        return _at(inside[0])
    if inside:
        names = ", ".join(each.name for each in inside)
        raise click.ClickException(
            f"There are several projects here: {names}.\n"
            f"Say which:  tinytorch check {inside[0].name}"
        )
    raise click.ClickException(
        "This folder is no project, and holds none.\n"
        "Go to a project's folder, or name it:  tinytorch check ./tensor\n"
        "Begin one:  tinytorch start tensor"
    )


def _at(folder: Path) -> Project:
    name = str(json_file.read(folder / OWN / "project.json").get("module") or _module_of(folder))
    material = material_of(name)
    if material is None:
        raise click.ClickException(
            f"{folder} is no project of the course: its pyproject.toml names no module of it.\n"
            'A project\'s pyproject.toml has a line like  name = "tinytorch-tensor"'
        )
    if not (folder / "src").is_dir():
        raise click.ClickException(
            f"{folder} has no src/: the module's code should be in {folder / 'src' / 'tinytorch'}"
        )
    return Project(folder, material)


def _module_of(folder: Path) -> str | None:
    """The module that a pyproject.toml names, if any."""
    try:
        text = (folder / "pyproject.toml").read_text(encoding="utf-8")
        name = str(tomllib.loads(text).get("project", {}).get("name", ""))
    except (OSError, ValueError):
        return None
    known = {f"tinytorch-{module.name}": module.name for module in the_course().modules}
    return known.get(name.lower().replace("_", "-"))


def _of(module: Module) -> Project:
    """In the folder of that name here, else the one last started or checked, wherever it is."""
    here = Path.cwd()
    if json_file.read(here / OWN / "project.json").get("module") == module.name:
        return _at(here)
    for folder in registry.projects().get(module.name, ()):
        return _at(folder)
    raise click.ClickException(
        f"There is no project of '{module.name}' here.\n"
        f"Begin one:  tinytorch start {module.name}\n"
        "Or name its folder:  tinytorch check PATH"
    )
