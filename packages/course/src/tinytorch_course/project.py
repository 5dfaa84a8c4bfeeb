"""A student's project of one module: where it is, and which module it is of."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

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
        return f" {_typed(path)}"

    def beside(self, name: str) -> str:
        """A folder of that name beside it, as it is typed here."""
        return _typed(os.path.relpath(self.root.with_name(name)))


def _typed(path: str) -> str:
    return f'"{path}"' if " " in path else path


def enclosing(folder: Path) -> Project | None:
    """The project that a folder is or lies in. The folder need not be there."""
    place = Path(os.path.abspath(folder))
    for each in (place, *place.parents):
        material = material_of(module_of(each) or "")
        if material is not None:
            return Project(each, material)
    return None


def module_of(folder: Path) -> str | None:
    """The module that a folder is a project of, if it is one."""
    name = json_file.read(folder / OWN / "project.json").get("module")
    return name if isinstance(name, str) else _named_in_pyproject(folder)


def _named_in_pyproject(folder: Path) -> str | None:
    try:
        text = (folder / "pyproject.toml").read_text(encoding="utf-8")
        name = str(tomllib.loads(text).get("project", {}).get("name", ""))
    except (OSError, ValueError):
        return None
    known = {f"tinytorch-{module.name}": module.name for module in the_course().modules}
    return known.get(name.lower().replace("_", "-"))


def start_command(module: str) -> str:
    """What begins a module from here: beside the project that we are in, never inside of it."""
    inside = enclosing(Path.cwd())
    if inside is None:
        return f"tinytorch start {module}"
    return f"tinytorch start {module} --dir {inside.beside(module)}"


def find(text: str | None, command: str) -> Project:
    """The project that is meant: by a path, by a module's name, or by being in it.

    Raises `click.ClickException` with what to type instead, for that command.
    """
    if text is None:
        return _around(Path.cwd(), command)
    member = the_course().find(text)
    if not isinstance(member, Module):
        return _at(Path(text)) if Path(text).is_dir() else _nothing(text, command)
    inside = enclosing(Path.cwd())
    if inside and inside.material.name == member.name and Path(text).name == text:
        return _at(inside.root)
    if module_of(Path(text)):
        return _at(Path(text))
    return _of(member, command)


def _around(here: Path, command: str) -> Project:
    for folder in (here, *here.parents):
        if module_of(folder) is not None:
            return _at(folder)
    inside = [each for each in sorted(here.iterdir()) if (each / OWN / "project.json").is_file()]
    if len(inside) == 1:
        return _at(inside[0])
    if inside:
        names = ", ".join(each.name for each in inside)
        raise click.ClickException(
            f"There are several projects here: {names}.\n"
            f"Say which:  tinytorch {command} {inside[0].name}"
        )
    raise click.ClickException(
        f"This folder is no project, and holds none.\n{_ways_on(command)}\n"
        f"Or name a project's folder:  tinytorch {command} FOLDER"
    )


def _nothing(text: str, command: str) -> NoReturn:
    near = None if the_course().find(text) else the_course().nearest(text)
    meant = f" Did you mean '{near}'?" if near else ""
    raise click.ClickException(
        f"There is no folder '{text}', and no module of that name.{meant}\n{_ways_on(command)}"
    )


def _ways_on(command: str) -> str:
    """To the project that we are in, else to those that are known, else to a first one."""
    inside = enclosing(Path.cwd())
    if inside:
        return f"You are in your project of '{inside.material.name}':  tinytorch {command}"
    known = registry.projects()
    names = [module.name for module in the_course().modules if module.name in known]
    lines = [f"Your project of '{name}':  tinytorch {command} {name}" for name in names]
    return "\n".join(lines) or f"Begin a project:  {start_command(the_course().modules[0].name)}"


def _at(folder: Path) -> Project:
    material = material_of(module_of(folder) or "")
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


def _of(module: Module, command: str) -> Project:
    """The one last started or checked, wherever it is."""
    for folder in registry.projects().get(module.name, ()):
        return _at(folder)
    inside = enclosing(Path.cwd())
    raise click.ClickException(
        f"There is no project of '{module.name}' here.\n"
        f"Begin one:  {start_command(module.name)}\n"
        f"Or name its folder:  tinytorch {command} FOLDER"
        + (f"\n{_ways_on(command)}" if inside else "")
    )
