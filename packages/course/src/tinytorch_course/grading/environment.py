"""The environment that submissions are judged in: new, and never the grader's own.

It is copied from what is installed, file by file as RECORD lists them, so it needs no network. Each
module of the course lies in a folder of its own. So a process sees just what it may: the modules
that are submitted are left out, and their reference is nowhere to be found.
"""

from __future__ import annotations

import compileall
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from importlib_metadata import Distribution
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tinytorch_course
from tinytorch_course import installer
from tinytorch_course.course import Course, distribution_of
from tinytorch_course.journey import Journey, State
from tinytorch_course.swapping import record

FOR_CHECKS = ("pytest", "hypothesis")
NOT_IMPORTED = re.compile(r"[\\/](?:tests|f2py|distutils)[\\/]")


class NotAsReleased(Exception):
    """What is installed cannot be graded with; the message says what to run."""


@dataclass(frozen=True)
class Environment:
    root: Path
    course: Course

    @property
    def python(self) -> Path:
        """The interpreter itself, not the grader's virtual environment of it."""
        return Path(getattr(sys, "_base_executable", None) or sys.executable)

    def path_for(self, needed: Iterable[str], submitted: Iterable[str]) -> list[Path]:
        """Folders to import from, for code that builds on `needed` modules and capstones."""
        left_out = set(submitted)
        chosen = [each for each in self.course.members if each.name in {*needed, *left_out}]
        references = [_references(self.root) / c.name for c in chosen if c.name not in left_out]
        metadata = [_metadata(self.root) / c.name for c in chosen if c.name in left_out]
        there = [each for each in (*references, *metadata) if each.is_dir()]
        return [*there, self.root / "command", self.root / "libraries"]

    def reference(self, module: str) -> Path:
        """The folder of the reference's files."""
        return _references(self.root) / module / "tinytorch" / module


def build(root: Path, journey: Journey, names: Iterable[str]) -> Environment:
    """Make the environment in a new folder, with these modules and capstones and all they build on.

    Raises `NotAsReleased` when one of them is not there as it was released.
    """
    wanted = [each for each in journey.course.members if each.name in _closed(journey, names)]
    _refuse_others(journey, [each.name for each in wanted])
    places = journey.interpreter.path
    requirements = list(FOR_CHECKS)
    for member in wanted:
        ours = _find(distribution_of(member.name), places)
        requirements += [line for line in _requirements(ours) if not _is_ours(line)]
        for path, data in _released_files(ours):
            _write(_references(root) / member.name / path, data)
            if path.parts[0].endswith(".dist-info"):
                _write(_metadata(root) / member.name / path, data)
    for each in closure(requirements, places):
        _copy(each, root / "libraries")
    _copy_command(root / "command")
    compileall.compile_dir(root, quiet=2, workers=0, rx=NOT_IMPORTED)
    return Environment(root, journey.course)


def _references(root: Path) -> Path:
    return root / "references"


def _metadata(root: Path) -> Path:
    return root / "metadata"


def _closed(journey: Journey, names: Iterable[str]) -> set[str]:
    chosen = set(names)
    return chosen.union(*(journey.course.needs(name) for name in chosen))


def _refuse_others(journey: Journey, names: list[str]) -> None:
    standings = [journey.standings[name] for name in names]
    missing = tuple(each.name for each in standings if each.state is State.MISSING)
    if missing:
        raise NotAsReleased(
            f"Grading needs the reference of {', '.join(missing)}, which is not installed.\n"
            f"Run first:  {installer.install_missing(journey, missing)}"
        )
    yours = [each.name for each in standings if each.state is State.YOURS]
    if yours:
        raise NotAsReleased(
            f"Grading needs the references, and these are yours: {', '.join(yours)}.\n"
            "Grade in an environment of its own, or run first:  tinytorch restore --all"
        )
    wrong = [each.name for each in standings if each.state is not State.REFERENCE]
    if wrong:
        raise NotAsReleased(
            f"Something is not as it was installed: {', '.join(wrong)}.\n"
            "Find out what:  tinytorch doctor"
        )


def _find(name: str, places: Sequence[str]) -> Distribution:
    for found in Distribution.discover(name=name, path=list(places)):
        return found
    raise NotAsReleased(
        f"Grading needs {name}, which is not installed.\nRun first:  pip install {name}"
    )


def _requirements(installed: Distribution) -> Iterator[str]:
    for line in installed.requires or ():
        marker = Requirement(line).marker
        if marker is None or marker.evaluate({"extra": ""}):
            yield line


def _is_ours(line: str) -> bool:
    return canonicalize_name(Requirement(line).name).startswith("tinytorch-")


def closure(requirements: Iterable[str], places: Sequence[str]) -> list[Distribution]:
    """The packages of these requirements and all that they need, as installed in `places`."""
    found: dict[str, Distribution] = {}
    waiting = list(requirements)
    while waiting:
        name = canonicalize_name(Requirement(waiting.pop()).name)
        if name not in found:
            found[name] = _find(name, places)
            waiting += _requirements(found[name])
    return list(found.values())


def _released_files(installed: Distribution) -> Iterator[tuple[PurePosixPath, bytes]]:
    """What RECORD lists, each file as RECORD says: an edited reference would grade by itself."""
    name = installed.metadata["Name"]
    lines = record.parse(installed.read_text("RECORD") or "")
    if not lines:
        raise NotAsReleased(f"{name} has no RECORD of its files.\nRun first:  tinytorch doctor")
    for line in lines:
        path = PurePosixPath(line.path)
        if not _is_inside(path):
            continue
        data = Path(str(installed.locate_file(line.path))).read_bytes()
        if not record.is_true(line, data):
            raise NotAsReleased(
                f"{line.path} of {name} was edited where it is installed.\n"
                f"Run first:  pip install --force-reinstall --no-deps {name}"
            )
        yield path, data


def _is_inside(path: PurePosixPath) -> bool:
    """Not a command beside the packages, and nothing that Python made itself."""
    return not path.is_absolute() and ".." not in path.parts and path.suffix != ".pyc"


def _copy(installed: Distribution, folder: Path) -> None:
    if not installed.files:
        name = installed.metadata["Name"]
        raise NotAsReleased(
            f"{name} was installed in a way that does not say which files are its own.\n"
            f"Grade in a virtual environment, or run first:  pip install {name}"
        )
    for file in installed.files:
        path = PurePosixPath(file)
        source = Path(str(installed.locate_file(file)))
        if ".." not in path.parts and not path.is_absolute() and source.is_file():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _copy_command(folder: Path) -> None:
    """The part of this command that runs beside a student's code; no starters, no checks."""
    home = Path(tinytorch_course.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "material")
    shutil.copytree(home, folder / home.name, ignore=ignored)


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
