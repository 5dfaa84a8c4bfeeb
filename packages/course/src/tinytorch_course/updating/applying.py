"""Doing what was planned, in a way that can be undone and that a kill does not tear.

First everything that will change is copied to `.tinytorch/before-update`, with a note of what will
be done; then it is done, file by file, each written aside and renamed. While the note says that it
was not finished, the next update begins by going back.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tinytorch_course import json_file, whole_file
from tinytorch_course.material import Material
from tinytorch_course.project import OWN
from tinytorch_course.updating.plan import Change, Fate

BACKUP = "before-update"
NOTE = "note.json"


def apply(project: Path, changes: Sequence[Change], material: Material) -> None:
    own = project / OWN
    _back_up(project, changes)
    for name, content in _written(changes).items():
        if content is None:
            (project / name).unlink()
        else:
            whole_file.replace(project / name, content)
    _replace_base(own, material)
    facts = {**json_file.read(own / "project.json"), "reference": material.version}
    json_file.write(own / "project.json", facts)
    _note(own, is_finished=True)


def is_torn(project: Path) -> bool:
    """Whether an update was begun and not finished."""
    return json_file.read(project / OWN / BACKUP / NOTE).get("finished") is False


def can_undo(project: Path) -> bool:
    return (project / OWN / BACKUP / NOTE).is_file()


def undo(project: Path) -> str:
    """Bring back what was there before the last update; returns the reference's version then.

    What was written since then in files that it changed is kept beside them, as `FILE.later`.
    """
    own = project / OWN
    backup = own / BACKUP
    note = json_file.read(backup / NOTE)
    for name, written in note["files"].items():
        before, now = backup / "files" / name, project / name
        if note["finished"] and now.is_file() and _hash(now.read_bytes()) != written:
            shutil.copyfile(now, project / f"{name}.later")
        if before.is_file():
            whole_file.replace(now, before.read_bytes())
        else:
            now.unlink(missing_ok=True)
    shutil.rmtree(own / "base", ignore_errors=True)
    shutil.copytree(backup / "base", own / "base")
    shutil.copyfile(backup / "project.json", own / "project.json")
    shutil.rmtree(backup)
    return str(json_file.read(own / "project.json").get("reference"))


def _back_up(project: Path, changes: Sequence[Change]) -> None:
    own = project / OWN
    aside = own / f".{BACKUP}"
    shutil.rmtree(aside, ignore_errors=True)
    written = _written(changes)
    for name in written:
        if (project / name).is_file():
            target = aside / "files" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project / name, target)
    aside.mkdir(parents=True, exist_ok=True)
    shutil.copytree(own / "base", aside / "base")
    shutil.copyfile(own / "project.json", aside / "project.json")
    hashes = {name: _hash(content) for name, content in written.items()}
    json_file.write(aside / NOTE, {"files": hashes, "finished": False})
    shutil.rmtree(own / BACKUP, ignore_errors=True)
    os.rename(aside, own / BACKUP)


def _written(changes: Sequence[Change]) -> dict[str, bytes | None]:
    """What will lie where; None for a file that goes."""
    found = {each.path: each.content for each in changes if each.content is not None}
    beside = {f"{each.path}.new": each.beside for each in changes if each.beside is not None}
    return {**found, **beside, **{c.path: None for c in changes if c.fate is Fate.REMOVED}}


def _hash(content: bytes | None) -> str:
    return hashlib.sha256(content).hexdigest() if content is not None else ""


def _note(own: Path, is_finished: bool) -> None:
    note = json_file.read(own / BACKUP / NOTE)
    json_file.write(own / BACKUP / NOTE, {**note, "finished": is_finished})


def _replace_base(own: Path, material: Material) -> None:
    shutil.rmtree(own / "base", ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(material.starter, own / "base", ignore=ignored, copy_function=shutil.copyfile)
