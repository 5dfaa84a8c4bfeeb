"""The course's own table: its modules and capstones, and what each builds on.

A package that is not installed has no metadata to read, so the table of all of them travels with
this module. `course.json` is generated; its rows are in the course's order.
"""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Package:
    """A module of the course, or (with no number) one of its capstones."""

    name: str
    number: int | None
    part: int
    title: str
    depends: tuple[str, ...]
    released: bool

    @property
    def distribution(self) -> str:
        """The name pip knows it by."""
        return f"tinytorch-{self.name}"

    @property
    def import_name(self) -> str:
        return f"tinytorch_{self.name}" if self.number is None else f"tinytorch.{self.name}"

    @property
    def label(self) -> str:
        """Two characters: the module's number, or `--` for a capstone."""
        return "--" if self.number is None else f"{self.number:02d}"


@dataclass(frozen=True)
class Course:
    """The modules in the course's order, and the capstones, one at the end of each part."""

    modules: tuple[Package, ...]
    capstones: tuple[Package, ...]

    @property
    def packages(self) -> tuple[Package, ...]:
        """All of them as they are met: each part's modules, then its capstone."""
        return tuple(
            sorted(self.modules + self.capstones, key=lambda p: (p.part, p.number is None))
        )

    def package(self, name: str) -> Package:
        """The package of that name; ValueError, with the nearest name, when there is none."""
        named = {package.name: package for package in self.packages}
        if name not in named:
            raise ValueError(unknown_name(name, list(named)))
        return named[name]


def load_course() -> Course:
    """The course this version of tinytorch-setup knows."""
    text = resources.files(__package__).joinpath("course.json").read_text(encoding="utf-8")
    tables: dict[str, list[dict[str, Any]]] = json.loads(text)
    return Course(
        modules=tuple(map(_package, tables["modules"])),
        capstones=tuple(map(_package, tables["capstones"])),
    )


def unknown_name(name: str, known: Sequence[str]) -> str:
    """What to tell somebody who asked for a package that is not in the course."""
    near = difflib.get_close_matches(name.lower().replace("tinytorch-", ""), known, n=1)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    return (
        f"there is no module or capstone {name!r} in the course. {meant}It has: {', '.join(known)}"
    )


def _package(row: Mapping[str, Any]) -> Package:
    return Package(
        name=row["name"],
        number=row.get("number"),
        part=row["part"],
        title=row["title"],
        depends=tuple(row["depends"]),
        released=row["released"],
    )
