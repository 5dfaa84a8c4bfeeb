"""The exact versions that a term is graded with: written once, and held to.

A frozen file is a requirements file, so `pip install -r FILE` makes an environment that it fits.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from importlib_metadata import distributions
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tinytorch_course import whole_file
from tinytorch_course.grading.environment import FOR_CHECKS, closure

HEAD = """\
# What the submissions of a term are graded with. Install it:  pip install -r {name}
# Grade with it:  tinytorch grade --frozen {name} ...
"""


class Thawed(Exception):
    """What is installed is not what was frozen; the message says what differs."""


def frozen_requirements() -> tuple[str, ...]:
    """`name==version` of the course as it is installed and of everything that it needs."""
    ours = [each for each in _installed() if each.startswith("tinytorch-")]
    found = closure([*ours, *FOR_CHECKS], sys.path)
    lines = {canonicalize_name(each.metadata["Name"]): each.version for each in found}
    return tuple(f"{name}=={version}" for name, version in sorted(lines.items()))


def freeze(file: Path) -> None:
    """Write them to a file, aside and renamed."""
    text = HEAD.format(name=file.name) + "\n".join(frozen_requirements()) + "\n"
    whole_file.replace(file, text.encode("utf-8"))


def hold(file: Path) -> None:
    """Raises `Thawed` unless what is installed is just what the file says."""
    installed = _installed()
    differing = [
        f"{name} {installed.get(name, 'is missing')} (frozen: {version})"
        for name, version in _read(file)
        if installed.get(name) != version
    ]
    if differing:
        raise Thawed(
            f"What is installed is not what {file} says:\n  "
            + "\n  ".join(differing[:10])
            + f"\nMake an environment for it, and grade there:  pip install -r {file}"
        )


def _installed() -> dict[str, str]:
    found: dict[str, str] = {}
    for each in distributions():
        found.setdefault(canonicalize_name(each.metadata["Name"] or ""), each.version)
    return found


def _read(file: Path) -> Iterator[tuple[str, str]]:
    for text in file.read_text(encoding="utf-8").splitlines():
        line = text.partition("#")[0].strip()
        if not line:
            continue
        try:
            requirement = Requirement(line)
            (only,) = requirement.specifier
        except (InvalidRequirement, ValueError) as error:
            raise Thawed(f"{file}: {line!r} is not of the form name==version") from error
        yield canonicalize_name(requirement.name), only.version
