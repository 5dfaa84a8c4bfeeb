"""Finding a module's code in what was handed in, however it was packed.

A project, its `src`, a wheel, the module's folder alone, or just the files that a task names: all
are taken for what they are. What is odd about the packing is remarked upon; it is the code that is
graded.
"""

from __future__ import annotations

import email.parser
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from tinytorch_course.course import distribution_of
from tinytorch_course.grading.grade import Remark, Weight
from tinytorch_course.grading.passed_by import is_passed_by
from tinytorch_course.material import Material

MOST_FOLDERS = 5_000
LARGEST_METADATA = 2**16
"""Bytes. A pyproject.toml of the course has six thousand at most."""
MOST_DOTS = 50
"""In a line: a dotted key takes a reader time that grows with the square of its parts."""


@dataclass(frozen=True)
class Found:
    """A module's code in a submission."""

    folder: Path
    """Holds the files of `tinytorch.<module>`, or some of them."""
    remarks: tuple[Remark, ...]


def find(material: Material, folder: Path) -> Found | None:
    """The module's code below a folder; None if there is none."""
    home = _package_folder(material, folder) or _loose_files(material, folder)
    if home is None:
        return None
    return Found(home, (*_about_metadata(material, folder, home), *_about_namespace(folder)))


def why_not(material: Material, folder: Path) -> tuple[str, ...]:
    """What a student reads whose submission holds nothing of the module."""
    wanted = f"tinytorch/{material.name}"
    there = [each for each in _folders(folder) if each.parent.name == "tinytorch"]
    lines = [f"the submission has no folder {wanted}, and none of the files that its tasks name"]
    names = [each.name for each in there]
    near = get_close_matches(material.name, names, n=1, cutoff=0.6)
    if near:
        lines.append(f"it has tinytorch/{near[0]}: is that a misspelling?")
    elif names:
        lines.append(f"it has {', '.join(f'tinytorch/{name}' for name in names[:5])}")
    return tuple(lines)


def _package_folder(material: Material, folder: Path) -> Path | None:
    """`tinytorch/<module>` with Python files in it: first in a `src`, and the outermost first."""
    found = [
        each
        for each in _folders(folder)
        if each.name == material.name and each.parent.name == "tinytorch" and _has_code(each)
    ]
    found.sort(key=lambda each: (each.parent.parent.name != "src", len(each.parts), str(each)))
    return found[0] if found else None


def _loose_files(material: Material, folder: Path) -> Path | None:
    """A folder that holds files of tasks by their names, and is no part of another module."""
    wanted = {_within_module(material, file) for task in material.tasks for file in task.files}
    for each in (folder, *_folders(folder)):
        is_free = "tinytorch" not in each.relative_to(folder).parts
        if is_free and any((each / file).is_file() for file in wanted):
            return each
    return None


def _within_module(material: Material, file: str) -> str:
    """`memory.py` for `src/tinytorch/tensor/memory.py`."""
    return file.removeprefix(f"src/tinytorch/{material.name}/")


def _folders(folder: Path) -> Iterator[Path]:
    """Level by level, so that what lies further out comes first; not into what nobody wrote."""
    level, seen = [folder], 0
    while level:
        below = []
        for each in level:
            names = sorted(entry.name for entry in os.scandir(each) if entry.is_dir())
            below += [each / name for name in names if not is_passed_by(name)]
        seen += len(below)
        if seen > MOST_FOLDERS:
            return
        yield from below
        level = below


def _has_code(folder: Path) -> bool:
    return any(folder.rglob("*.py"))


def _about_namespace(folder: Path) -> Iterator[Remark]:
    for each in (folder, *_folders(folder)):
        if each.name == "tinytorch" and (each / "__init__.py").is_file():
            name = (each / "__init__.py").relative_to(folder).as_posix()
            yield Remark(
                Weight.WARNING,
                f"{name} was left out: no package of the course has that file, since it hides all "
                "other modules. Delete it.",
            )


def _about_metadata(material: Material, folder: Path, home: Path) -> Iterator[Remark]:
    """What `tinytorch swap` would refuse, and what it was written against."""
    try:
        told = _metadata(folder, home)
    except Unreadable as problem:
        yield Remark(
            Weight.WARNING,
            f"{problem}: the code was graded all the same, but it cannot be swapped in with that",
        )
        return
    if told is None:
        return
    name, version = told
    proper = distribution_of(material.name)
    if canonicalize_name(name) != proper:
        yield Remark(
            Weight.WARNING,
            f"the project is called {name!r} and not {proper!r}: its code was graded all the same, "
            "but it cannot be swapped in under that name",
        )
    yield from _about_version(material, version)


def _about_version(material: Material, text: str) -> Iterator[Remark]:
    try:
        version = Version(text)
    except ValueError:  # a number of thousands of digits is one that is no InvalidVersion
        yield Remark(Weight.WARNING, f"its version {text!r} is no version")
        return
    if version.public != material.version:
        yield Remark(
            Weight.WARNING,
            f"it was begun from {material.name} {version.public}, and is graded by the checks of "
            f"{material.version}",
        )


class Unreadable(Exception):
    """What a project says of itself cannot be read; the message says why."""


def _metadata(folder: Path, home: Path) -> tuple[str, str] | None:
    """Name and version, of the nearest pyproject.toml around the code or of a wheel's METADATA.

    Raises `Unreadable`.
    """
    for each in (home, *home.parents):
        if (each / "pyproject.toml").is_file():
            return _of_pyproject(each / "pyproject.toml")
        for file in sorted(each.glob("*.dist-info/METADATA")):
            return _of_wheel(file)
        if each == folder:
            return None
    return None


def _of_pyproject(file: Path) -> tuple[str, str]:
    """It is read in the grader's own process, so not everything is."""
    if file.stat().st_size > LARGEST_METADATA:
        raise Unreadable(f"its pyproject.toml has more than {LARGEST_METADATA // 1024} KiB")
    try:
        text = file.read_text(encoding="utf-8")
        if any(line.count(".") > MOST_DOTS for line in text.split("\n")):
            raise Unreadable(f"its pyproject.toml has a line with more than {MOST_DOTS} dots")
        project = tomllib.loads(text)["project"]
        return str(project["name"]), str(project["version"])
    except (OSError, RecursionError, ValueError) as error:
        raise Unreadable(f"its pyproject.toml cannot be read: {error}") from error
    except (KeyError, TypeError) as error:
        raise Unreadable("its pyproject.toml has no [project] with a name and a version") from error


def _of_wheel(file: Path) -> tuple[str, str]:
    """From its beginning: behind the headers comes a whole README."""
    with file.open("rb") as content:
        text = content.read(LARGEST_METADATA).decode("utf-8", "replace")
    parsed = email.parser.HeaderParser().parsestr(text)
    return str(parsed["Name"]), str(parsed["Version"])
