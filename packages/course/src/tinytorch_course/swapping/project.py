"""A student's project as it lies in a folder, and what it must be to take a module's place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tinytorch_course.course import Course, Module, distribution_of
from tinytorch_course.swapping.refusal import Refusal

BACKEND = "hatchling.build"
ALIKE = 0.8
"""Names this similar are taken for the same one with a slip of the keyboard."""


@dataclass(frozen=True)
class Project:
    folder: Path
    module: Module
    version: Version

    @property
    def source(self) -> Path:
        """The folder that an editable install puts on the path."""
        return self.folder / "src"


def read(folder: Path, module: Module, course: Course, reference_version: str) -> Project:
    """The project in a folder; raises `Refusal` for one that cannot be this module."""
    folder = _existing(folder)
    table = _pyproject(folder)
    _check_name(folder, table, module, course)
    wanted = f"{reference_version.partition('+')[0]}+student"
    version = _version(table, wanted)
    _check_backend(table)
    project = Project(folder, module, version)
    _check_source(project)
    return project


def default_folder(module: Module, here: Path) -> Path:
    """The current folder if it is the module's project, else the one of its name in there.

    Where neither is, the current folder may be the project with something wrong in it.
    """
    below = here / module.name
    if _claims(here, module) or (not below.is_dir() and (here / "pyproject.toml").is_file()):
        return here
    return below


def _claims(folder: Path, module: Module) -> bool:
    try:
        table = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return canonicalize_name(_name(table)) == distribution_of(module.name)


def _existing(folder: Path) -> Path:
    """The absolute folder. Somebody may have named its `pyproject.toml`."""
    folder = folder.parent if folder.name == "pyproject.toml" else folder
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise Refusal(
            "no-folder",
            f"there is no folder {folder}",
            "Give the folder of your project, the one with its pyproject.toml.",
        )
    if not (folder / "pyproject.toml").is_file():
        raise Refusal(
            "no-project",
            f"{folder} is not a project",
            "It holds no pyproject.toml, so nothing says what it is." + _elsewhere(folder),
        )
    return folder


def _elsewhere(folder: Path) -> str:
    near = [*folder.parents, *sorted(each for each in folder.iterdir() if each.is_dir())]
    for each in near:
        if (each / "pyproject.toml").is_file():
            return f" There is one in {each}: is that the project?"
    return " `tinytorch start` makes a project."


def _pyproject(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # not TOML, or not UTF-8
        raise Refusal(
            "bad-pyproject",
            "its pyproject.toml cannot be read",
            f"{_sentence(error)}.",
            evidence=(str(folder / "pyproject.toml"),),
        ) from error


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:].rstrip(".")


def _name(table: Mapping[str, Any]) -> str:
    project = table.get("project")
    name = project.get("name") if isinstance(project, dict) else None
    return name if isinstance(name, str) else ""


def _check_name(folder: Path, table: Mapping[str, Any], module: Module, course: Course) -> None:
    proper, name = distribution_of(module.name), _name(table)
    if canonicalize_name(name) == proper:
        return
    line = f'name = "{proper}"'
    other = course.find(name) if name else None
    if other is not None and other.name != module.name:
        raise Refusal(
            "other-module",
            f"the project is {name}, not {proper}",
            f"{folder} would take the place of another module. If that is meant:",
            (f'tinytorch swap {other.name} "{folder}"',),
        )
    looks_like = SequenceMatcher(None, canonicalize_name(name), proper).ratio() >= ALIKE
    said = f"its name is misspelt: {name!r}" if looks_like else f"its name is {name!r}"
    raise Refusal(
        "wrong-name",
        said if name else "it has no name",
        f"Only a package called {proper} takes the reference's place; under another name it would "
        "lie beside it and be ignored, or overwrite its files. Write in pyproject.toml, below "
        "[project]:",
        (line,),
    )


def _version(table: Mapping[str, Any], wanted: str) -> Version:
    text = table["project"].get("version")
    fix = (f'version = "{wanted}"',)
    if not isinstance(text, str):
        raise Refusal(
            "no-version",
            "its pyproject.toml says no version",
            "What depends on the module asks for its version. Write below [project]:",
            fix,
        )
    try:
        version = Version(text)
    except InvalidVersion as error:
        raise Refusal(
            "bad-version", f"{text!r} is not a version", "Write below [project]:", fix
        ) from error
    if "student" not in (version.local or "").split("."):
        raise Refusal(
            "not-students",
            f"its version {version} does not say that it is yours",
            "With `+student` behind the reference's version your copy still satisfies all that "
            "depends on it, and everybody can tell the two apart. Write below [project]:",
            fix,
        )
    return version


def _check_backend(table: Mapping[str, Any]) -> None:
    system = table.get("build-system")
    backend = system.get("build-backend") if isinstance(system, dict) else None
    if backend == BACKEND:
        return
    raise Refusal(
        "other-backend",
        f"it is built by {backend or 'setuptools'}, which may not be here",
        "A swap needs no network, so it builds with what came with the course. Write in "
        "pyproject.toml:",
        ("[build-system]", 'requires = ["hatchling"]', f'build-backend = "{BACKEND}"'),
    )


def _check_source(project: Project) -> None:
    namespace = project.source / "tinytorch"
    package = namespace / project.module.name
    stray = namespace / "__init__.py"
    if stray.is_file():
        raise Refusal(
            "stray-init",
            "src/tinytorch/__init__.py hides every other module",
            "The modules share the folder name `tinytorch` because no file claims it. With this "
            "file Python would look for all of them in your project. Delete it.",
            evidence=(str(stray),),
        )
    if not (package / "__init__.py").is_file():
        there = tuple(str(each) for each in sorted(project.folder.rglob("__init__.py"))[:5])
        raise Refusal(
            "no-package",
            f"src/tinytorch/{project.module.name}/__init__.py is not there",
            f"That is where Python finds {project.module.import_name}."
            + (" The project has other packages." if there else ""),
            evidence=there,
        )
    outside = [*_importable(project.source, {"tinytorch"}), *_importable(namespace, {package.name})]
    if outside:
        raise Refusal(
            "outside",
            "it holds code outside its own module",
            f"A module's package brings src/tinytorch/{project.module.name}/ and nothing else: the "
            "rest could hide other modules or libraries. Move it in there, or out of src/.",
            evidence=tuple(str(each) for each in outside),
        )


def _importable(folder: Path, expected: set[str]) -> Iterator[Path]:
    """What an editable install of this folder would let Python import beside what it should."""
    for each in sorted(folder.iterdir()):
        if each.name in expected or not each.stem.isidentifier() or each.name == "__pycache__":
            continue
        if each.suffix in {".py", ".pyc", ".so", ".pyd"} or (each.is_dir() and not each.suffix):
            yield each
