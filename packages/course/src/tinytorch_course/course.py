"""The course as it is planned: its modules in order, its capstones, and what builds on what.

The table `course.json` is generated. It knows the modules that are not installed, of which this
machine holds no metadata to read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Module:
    name: str
    number: int
    part: int
    title: str
    depends: tuple[str, ...]
    released: bool

    @property
    def import_name(self) -> str:
        return f"tinytorch.{self.name}"


@dataclass(frozen=True)
class Capstone:
    name: str
    part: int
    title: str
    depends: tuple[str, ...]
    released: bool

    @property
    def import_name(self) -> str:
        return f"tinytorch_{self.name}"


@dataclass(frozen=True)
class Course:
    modules: tuple[Module, ...]
    capstones: tuple[Capstone, ...]

    @property
    def members(self) -> tuple[Module | Capstone, ...]:
        return *self.modules, *self.capstones

    @property
    def parts(self) -> tuple[int, ...]:
        return tuple(sorted({module.part for module in self.modules}))

    def member(self, name: str) -> Module | Capstone:
        """The module or capstone of that exact name; raises `KeyError`."""
        return {member.name: member for member in self.members}[name]

    def find(self, text: str) -> Module | Capstone | None:
        """What is meant by `tensor`, `2`, `02_tensor`, `tinytorch-tensor`, `tinytorch.tensor`."""
        wanted = text.strip().lower().rstrip("/\\")
        for prefix in ("tinytorch-", "tinytorch.", "tinytorch_"):
            wanted = wanted.removeprefix(prefix)
        for module in self.modules:
            number = str(module.number)
            spellings = {module.name, number, number.zfill(2), f"{number.zfill(2)}_{module.name}"}
            if wanted in spellings:
                return module
        return next((each for each in self.capstones if each.name == wanted), None)

    def nearest(self, text: str) -> str | None:
        """The name that looks most like a mistyped one."""
        names = [member.name for member in self.members]
        return next(iter(get_close_matches(text.lower(), names, n=1, cutoff=0.5)), None)

    def needs(self, name: str) -> frozenset[str]:
        """Everything that `name` builds on, directly or not."""
        direct = self.member(name).depends
        return frozenset(direct).union(*(self.needs(each) for each in direct))

    def needed_by(self, name: str) -> tuple[str, ...]:
        """What names `name` among its own dependencies, in the order of the course."""
        return tuple(member.name for member in self.members if name in member.depends)

    def built_on(self, name: str) -> frozenset[str]:
        """Everything that builds on `name`, directly or not."""
        return frozenset(each.name for each in self.members if name in self.needs(each.name))


def distribution_of(name: str) -> str:
    """The name under which a module or capstone is installed."""
    return f"tinytorch-{name}"


def parse(text: str) -> Course:
    """The course written in the JSON of the table."""
    table = json.loads(text)
    modules = (Module(**{**each, "depends": tuple(each["depends"])}) for each in table["modules"])
    capstones = (
        Capstone(**{**each, "depends": tuple(each["depends"])}) for each in table["capstones"]
    )
    return Course(tuple(sorted(modules, key=lambda each: each.number)), tuple(capstones))


@cache
def the_course() -> Course:
    """The course that this version of the command was built for."""
    return parse(files("tinytorch_course").joinpath("course.json").read_text(encoding="utf-8"))
