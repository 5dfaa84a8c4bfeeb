"""The tree that is judged: the module's starter with the submission's files laid over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tinytorch_course.grading.finding import PASSED_BY
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
    for file in _files(code):
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


def _files(code: Path) -> Iterator[Path]:
    for each in sorted(code.iterdir()):
        if each.is_dir() and each.name not in PASSED_BY:
            yield from _files(each)
        elif each.is_file():
            yield each


def _make_folder(folder: Path, home: Path) -> None:
    """A folder may stand where the starter has a file of that name."""
    for each in reversed((folder, *folder.parents)):
        if each.is_relative_to(home) and each.is_file():
            each.unlink()
    folder.mkdir(parents=True, exist_ok=True)
