"""`tinytorch` itself, which must be a namespace: a folder in many places, without any code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tinytorch_course import installer
from tinytorch_course.diagnosis.finding import Finding, Level
from tinytorch_course.journey import Journey

HIDING = ("tinytorch/__init__.py", "tinytorch.py")


def examine(journey: Journey) -> Iterator[Finding]:
    foreign = journey.installed.get("tinytorch")
    if foreign is not None:
        yield Finding(
            Level.PROBLEM,
            "foreign-tinytorch",
            f"`tinytorch` {foreign.version} from PyPI is installed, which is not this course",
            "The name `tinytorch` on PyPI belongs to somebody else's project. Its files lie where "
            "the course's modules belong, and hide or overwrite them. The course's packages are "
            "called `tinytorch-part1`, `tinytorch-tensor`, and so on.",
            (installer.uninstall(journey, "tinytorch"), "tinytorch doctor"),
            (str(foreign.home),),
        )
    strays = [file for file in _hiding(journey.interpreter.path) if not _owns(journey, file)]
    if strays:
        yield _stray(strays)
    yield from _here(journey)


def _hiding(path: tuple[str, ...]) -> list[Path]:
    """Every such file: when one is deleted, the next would take its place."""
    return [
        file
        for folder in dict.fromkeys(path)
        for name in HIDING
        if (file := Path(folder, name)).is_file()
    ]


def _owns(journey: Journey, file: Path) -> bool:
    """Whether uninstalling the foreign package takes care of the file."""
    foreign = journey.installed.get("tinytorch")
    return foreign is not None and file.is_relative_to(foreign.home)


def _stray(files: list[Path]) -> Finding:
    return Finding(
        Level.PROBLEM,
        "stray-init",
        f"{files[0].name} makes `tinytorch` an ordinary package and hides the modules",
        "The modules share the folder name `tinytorch` because no file claims it. With this file, "
        "Python looks for all of them beside it and nowhere else. Delete it (in a project of your "
        "own, keep only src/tinytorch/<module>/).",
        evidence=tuple(str(file) for file in files),
    )


def _here(journey: Journey) -> Iterator[Finding]:
    """`python script.py` and `python -m` put the script's or the current folder first."""
    here = Path.cwd()
    on_path = {Path(folder) for folder in journey.interpreter.path}
    files = [here / name for name in HIDING if (here / name).is_file()]
    if here in on_path:
        return
    if files:
        yield Finding(
            Level.PROBLEM,
            "stray-init-here",
            f"{files[0].name} in the current folder hides the course from programs started here",
            "Python looks first in the folder of the script that it runs, takes this file for all "
            "of `tinytorch`, and does not find the modules. Delete it, or give it another name.",
            evidence=tuple(str(file) for file in files),
        )
        return
    names = [
        each.name
        for each in journey.modules
        if (here / "tinytorch" / each.name / "__init__.py").is_file()
    ]
    if names:
        yield Finding(
            Level.NOTE,
            "modules-here",
            f"The current folder has its own {', '.join(names)}",
            "Programs that are started from a script in this folder import these, whatever is "
            "installed. Start them with `python -P`, or from another folder, if that is not meant.",
            evidence=tuple(str(here / "tinytorch" / name) for name in names),
        )
