"""Building a project's wheel, aside and without a network, and looking into it."""

from __future__ import annotations

import os
import subprocess
import sys
from configparser import ConfigParser, Error
from pathlib import Path

from importlib_metadata import version
from packaging.requirements import Requirement

from tinytorch_course import installer
from tinytorch_course.journey import Journey
from tinytorch_course.swapping.project import Project
from tinytorch_course.swapping.refusal import Refusal
from tinytorch_course.swapping.wheel import Wheel

BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
TIME_LIMIT = 120.0
LAST_LINES = 8


def build(project: Project, folder: Path) -> Wheel:
    """The project's wheel, in `folder`. hatchling comes with the course and runs as it is."""
    command = [sys.executable, "-P", "-c", BUILD, str(folder)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=project.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT,
        )
    except subprocess.TimeoutExpired as error:
        raise Refusal(
            "build-hangs",
            f"its build was not done after {TIME_LIMIT:.0f} s",
            "Something that it runs while building does not end.",
        ) from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-LAST_LINES:]
        raise Refusal(
            "build-fails",
            "it does not build",
            f"That is what hatchling {version('hatchling')} wrote last, making a wheel of it.",
            evidence=tuple(said),
        )
    return Wheel(wheels[0])


def check(wheel: Wheel, project: Project) -> None:
    """Raises `Refusal` for a wheel that brings more than the module, or not the module."""
    _check_content(wheel, project)
    _check_commands(wheel)


def _check_content(wheel: Wheel, project: Project) -> None:
    root = f"tinytorch/{project.module.name}/"
    outside = [name for name in wheel.others(root) if not _is_hidden(name)]
    if outside:
        raise Refusal(
            "wheel-outside",
            "its wheel holds files outside its own module",
            f"They would be installed outside {root}. Write in pyproject.toml:",
            _PACKAGES,
            tuple(outside[:5]),
        )
    if f"{root}__init__.py" not in wheel.names:
        raise Refusal(
            "wheel-empty",
            f"its wheel does not hold {root}__init__.py",
            "The file is in your project, but the build leaves it out (a .gitignore, perhaps, or "
            "the settings of the build). Write in pyproject.toml:",
            _PACKAGES,
            wheel.names[:5],
        )


def _is_hidden(name: str) -> bool:
    """As the `.DS_Store` that macOS leaves in folders. It is not installed."""
    return any(part.startswith(".") for part in name.split("/"))


_PACKAGES = ("[tool.hatch.build.targets.wheel]", 'packages = ["src/tinytorch"]')


def _check_commands(wheel: Wheel) -> None:
    name = f"{wheel.info}/entry_points.txt"
    if name not in wheel.names:
        return
    parser = ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    try:
        parser.read_string(wheel.read(name).decode("utf-8", "replace"))
    except Error:
        return
    scripts = [each for each in ("console_scripts", "gui_scripts") if parser.has_section(each)]
    if scripts:
        raise Refusal(
            "brings-commands",
            "it installs commands",
            "A module brings none. Remove [project.scripts] from its pyproject.toml.",
            evidence=tuple(parser.options(scripts[0])),
        )


def check_requirements(wheel: Wheel, journey: Journey) -> None:
    """Raises `Refusal` when the project declares what is not installed."""
    for text in wheel.metadata.get_all("Requires-Dist") or ():
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        found = journey.installed.get(wanted.name)
        if found is None or not wanted.specifier.contains(found.version or "0", prereleases=True):
            raise Refusal(
                "missing-dependency",
                f"it needs {wanted}",
                f"{found.version} is installed." if found else "That is not installed.",
                (installer.install(journey, str(wanted)),),
            )
