"""Writing a new project: all of it or nothing, and never over anything."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from tinytorch_course import json_file
from tinytorch_course.material import Material
from tinytorch_course.project import OWN, Project


def write_project(material: Material, folder: Path, notebook: bool) -> Project:
    """folder: does not exist, or is empty. It is made aside and moved into place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as aside:
        made = Path(aside, folder.name)
        _copy(material.starter, made)
        _copy(material.starter, made / OWN / "base")  # for `tinytorch update`, to merge with
        _ignore(made / OWN)
        if notebook:
            shutil.copyfile(material.notebook, made / "lesson.ipynb")
        facts = {"module": material.name, "reference": material.version}
        json_file.write(made / OWN / "project.json", facts)
        if folder.is_dir():
            folder.rmdir()
        os.rename(made, folder)
    return Project(folder, material)


def _copy(source: Path, target: Path) -> None:
    """Contents only: what is installed may be read-only, a project is not."""
    for folder, _, names in os.walk(source):
        if Path(folder).name == "__pycache__":
            continue
        here = target / Path(folder).relative_to(source)
        here.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(Path(folder, name), here / name)


def _ignore(own: Path) -> None:
    """Results are not what somebody wants in the history of a project; its beginning is."""
    (own / ".gitignore").write_text("progress.json\n", encoding="utf-8")
