"""Where on this machine projects were started or checked, so that `status` can show their points.

A list of folders in the user's data folder. It is a memory, not the truth: a project that was moved
or deleted is left out, and one that was moved is known again once it has been checked.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from tinytorch_course import json_file

HOME = "TINYTORCH_HOME"
"""An environment variable that names another folder for the command's own data."""


def home() -> Path:
    """The folder of the command's own data."""
    chosen = os.environ.get(HOME)
    return Path(chosen) if chosen else user_data_path("tinytorch", appauthor=False)


def remember(module: str, folder: Path) -> None:
    """Put a project before all others of its module."""
    path = os.path.realpath(folder)
    known = _read()
    others = [each for each in known.get(module, []) if each != path]
    json_file.write(_file(), {"projects": known | {module: [path, *others]}})


def projects() -> dict[str, tuple[Path, ...]]:
    """By module, the projects that are still there, the latest first."""
    found = {
        module: tuple(Path(path) for path in paths if is_there(module, Path(path)))
        for module, paths in _read().items()
    }
    return {module: folders for module, folders in found.items() if folders}


def is_there(module: str, folder: Path) -> bool:
    return json_file.read(folder / ".tinytorch" / "project.json").get("module") == module


def _file() -> Path:
    return home() / "projects.json"


def _read() -> dict[str, list[str]]:
    known = json_file.read(_file()).get("projects")
    if not isinstance(known, dict):
        return {}
    return {module: paths for module, paths in known.items() if isinstance(paths, list)}
