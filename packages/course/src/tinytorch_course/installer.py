"""The exact command that installs into this environment: with pip or uv, whichever is there."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from tinytorch_course.course import distribution_of
from tinytorch_course.journey import Journey, Standing


def install(journey: Journey, *arguments: str) -> str:
    return _pip(journey, "install", *arguments)


def uninstall(journey: Journey, distribution: str) -> str:
    return _pip(journey, "uninstall", distribution)


def reinstall(journey: Journey, standing: Standing) -> str:
    """Brings the reference back: by force, since `0.1.0+student` satisfies `==0.1.0`."""
    distribution = distribution_of(standing.name)
    version = (standing.version or "").partition("+")[0]
    wanted = f"{distribution}=={version}" if version else distribution
    return install(journey, "--force-reinstall", "--no-deps", wanted)


def install_missing(journey: Journey, names: tuple[str, ...]) -> str:
    """Installs these modules and capstones, as a whole part where more than one is missing."""
    wanted: list[str] = []
    for part in journey.course.parts:
        missing = [name for name in names if journey.course.member(name).part == part]
        if len(missing) > 1 and _is_released(journey, part):
            wanted = [f"tinytorch-part{part}"]  # it brings the parts before along
        else:
            wanted += [distribution_of(name) for name in missing]
    return install(journey, *wanted)


def _is_released(journey: Journey, part: int) -> bool:
    """A part comes out as a package once its capstone does."""
    return any(each.released for each in journey.course.capstones if each.part == part)


def _pip(journey: Journey, action: str, *arguments: str) -> str:
    python = journey.interpreter.executable
    if journey.installed.get("pip") and _on_path("pip", python.parent):
        return _spelled("pip", action, *arguments)
    if journey.installed.get("pip") or not shutil.which("uv"):
        return _spelled(_python(python), "-m", "pip", action, *arguments)
    if os.environ.get("VIRTUAL_ENV") == str(journey.interpreter.prefix):
        return _spelled("uv", "pip", action, *arguments)
    return _spelled("uv", "pip", action, "--python", str(python), *arguments)


def _python(executable: Path) -> str:
    return "python" if _on_path("python", executable.parent) else str(executable)


def _on_path(command: str, folder: Path) -> bool:
    """Whether the command that the shell would find is this environment's."""
    found = shutil.which(command)
    return found is not None and Path(found).parent == folder


def _spelled(*command: str) -> str:
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)
