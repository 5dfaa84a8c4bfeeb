"""The tree that is judged: the module's starter with the submission's files laid over it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tinytorch_course.grading.passed_by import is_never_code, is_passed_by
from tinytorch_course.material import Material

COMPILED = {".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib"}
"""Nobody can read these, and the course is written in Python."""


def stage(material: Material, code: Path, source: Path) -> tuple[str, ...]:
    """Make `source`, a folder to import `tinytorch.<module>` from and nothing else.

    What a submission leaves out is the starter's: somebody may hand in only the files they wrote.
    Returns the names of files that were left out.
    """
    home = source / "tinytorch" / material.name
    shutil.copytree(material.starter / "src" / "tinytorch" / material.name, home)
    left_out = []
    for file in _files(code, is_never_code if _is_package(material, code) else is_passed_by):
        name = file.relative_to(code)
        if file.suffix in COMPILED:
            left_out.append(name.as_posix())
            continue
        target = home / name
        if target.is_dir():
            shutil.rmtree(target)
        _make_folder(target.parent, home)
        shutil.copyfile(file, target)
    return tuple(left_out)


def _is_package(material: Material, code: Path) -> bool:
    """Whether it is the module's folder itself, and no project in which its files lie about."""
    is_named = (code.parent.name, code.name) == ("tinytorch", material.name)
    return is_named or (code / "__init__.py").is_file()


def _files(code: Path, is_left_out: Callable[[str], bool]) -> Iterator[Path]:
    for each in sorted(code.iterdir()):
        if each.is_dir() and not is_left_out(each.name):
            yield from _files(each, is_left_out)
        elif each.is_file():
            yield each


def _make_folder(folder: Path, home: Path) -> None:
    """A folder may stand where the starter has a file of that name."""
    for each in reversed((folder, *folder.parents)):
        if each.is_relative_to(home) and each.is_file():
            each.unlink()
    folder.mkdir(parents=True, exist_ok=True)
