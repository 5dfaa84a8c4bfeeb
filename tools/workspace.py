"""The packages of the workspace, read from their pyproject.toml. Every other tool asks here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent

Kind = Literal["module", "part", "command", "capstone"]


@dataclass(frozen=True)
class Task:
    """One task of a module: what a student writes, and what judges it."""

    id: str
    title: str
    points: int
    functions: tuple[str, ...]
    tests: tuple[str, ...]
    lesson: str
    """The anchor of a heading in lesson.md."""
    hint: str
    hints: Mapping[str, str]
    """Of single functions, by their name in the file: `function` or `Class.method`."""


@dataclass(frozen=True)
class Entry:
    """What tools/course.toml says of one module or capstone."""

    name: str
    part: int
    title: str
    depends: tuple[str, ...]
    number: int | None = None


@dataclass(frozen=True)
class Course:
    """The course's own graph: tools/course.toml."""

    modules: tuple[Entry, ...]
    capstones: tuple[Entry, ...]

    @classmethod
    def load(cls, root: Path) -> Course:
        table = tomllib.loads((root / "tools" / "course.toml").read_text(encoding="utf-8"))

        def entries(key: str) -> tuple[Entry, ...]:
            return tuple(Entry(**{**row, "depends": tuple(row["depends"])}) for row in table[key])

        return cls(entries("module"), entries("capstone"))

    def module(self, name: str) -> Entry | None:
        return next((entry for entry in self.modules if entry.name == name), None)

    def capstone(self, name: str) -> Entry | None:
        return next((entry for entry in self.capstones if entry.name == name), None)


@dataclass(frozen=True)
class Package:
    """One installable package: a folder of packages/ or capstones/ with a pyproject.toml."""

    folder: Path

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "pyproject.toml").read_text(encoding="utf-8"))

    @property
    def distribution(self) -> str:
        return canonicalize_name(self.pyproject["project"]["name"])

    @property
    def name(self) -> str:
        """The name within the course: `tensor` for the distribution `tinytorch-tensor`."""
        return self.distribution.removeprefix("tinytorch-")

    @property
    def version(self) -> Version:
        return Version(self.pyproject["project"]["version"])

    @property
    def kind(self) -> Kind:
        if self.folder.parent.name == "capstones":
            return "capstone"
        if re.fullmatch(r"\d\d_\w+", self.folder.name):
            return "module"
        if re.fullmatch(r"part\d", self.folder.name):
            return "part"
        return "command"

    @property
    def import_name(self) -> str | None:
        """What the package is imported as; a metapackage holds nothing to import."""
        if self.kind == "part":
            return None
        return f"tinytorch.{self.name}" if self.kind == "module" else f"tinytorch_{self.name}"

    @property
    def source(self) -> Path:
        """The folder that goes on a path to import the package from its sources."""
        return self.folder / "src"

    @property
    def source_root(self) -> Path:
        """The folder of the package's own modules."""
        return self.source.joinpath(*(self.import_name or "").split("."))

    @property
    def tests(self) -> Path:
        return self.folder / "tests"

    @property
    def checks(self) -> Path:
        """The tests that judge anybody's implementation: a module's contract, a milestone."""
        return self.tests / ("milestone" if self.kind == "capstone" else "contract")

    @property
    def alternative(self) -> Path:
        return self.folder / "alternative"

    @property
    def lesson(self) -> Path:
        return self.folder / "lesson.md"

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        lines: list[str] = self.pyproject["project"].get("dependencies", [])
        return tuple(Requirement(line) for line in lines)

    @property
    def our_requirements(self) -> tuple[Requirement, ...]:
        return tuple(r for r in self.requirements if is_ours(r.name))

    @property
    def third_party_requirements(self) -> tuple[Requirement, ...]:
        return tuple(r for r in self.requirements if not is_ours(r.name))

    @property
    def optional_requirements(self) -> tuple[Requirement, ...]:
        extras: dict[str, list[str]] = self.pyproject["project"].get("optional-dependencies", {})
        return tuple(Requirement(line) for lines in extras.values() for line in lines)

    @property
    def test_requirements(self) -> tuple[str, ...]:
        """What only the tests need, from `[dependency-groups] test`."""
        return tuple(self.pyproject.get("dependency-groups", {}).get("test", []))

    @property
    def parity_requirements(self) -> tuple[str, ...]:
        """What only the tests beside PyTorch need, from `[dependency-groups] parity`."""
        return tuple(self.pyproject.get("dependency-groups", {}).get("parity", []))

    @property
    def settings(self) -> dict[str, Any]:
        table: dict[str, Any] = self.pyproject.get("tool", {}).get("tinytorch", {})
        return table

    @property
    def lesson_requires(self) -> tuple[str, ...]:
        return tuple(self.settings.get("lesson-requires", []))

    @property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(
            Task(
                id=str(row.get("id", "")),
                title=str(row.get("title", "")),
                points=int(row.get("points", 0)),
                functions=tuple(row.get("functions", [])),
                tests=tuple(row.get("tests", [])),
                lesson=str(row.get("lesson", "")),
                hint=str(row.get("hint", "")),
                hints=dict(row.get("hints", {})),
            )
            for row in self.settings.get("tasks", [])
        )

    @property
    def has_build_hook(self) -> bool:
        """Whether the build runs code of its own, which may read the whole workspace."""
        build = self.pyproject.get("tool", {}).get("hatch", {}).get("build", {})
        targets = build.get("targets", {}).values()
        return "hooks" in build or any("hooks" in target for target in targets)

    def function_location(self, function: str) -> tuple[Path, str]:
        """Where a task's function is: `memory.Stride.of` → (`memory.py`, `Stride.of`).

        The path is relative to `source_root`. Raises LookupError if no file has that name.
        """
        names = function.split(".")
        for length in range(len(names) - 1, 0, -1):
            path = Path(*names[:length]).with_suffix(".py")
            if (self.source_root / path).is_file():
                return path, ".".join(names[length:])
        raise LookupError(f"no file of {self.import_name} holds {function}")


@dataclass(frozen=True)
class Workspace:
    """All packages, in the order of the course: modules, capstones, the command, the parts."""

    root: Path
    packages: tuple[Package, ...]
    course: Course

    @classmethod
    def load(cls, root: Path = ROOT) -> Workspace:
        folders = sorted(
            path.parent
            for place in ("packages", "capstones")
            for path in (root / place).glob("*/pyproject.toml")
        )
        order: list[Kind] = ["module", "capstone", "command", "part"]
        packages = sorted(map(Package, folders), key=lambda package: order.index(package.kind))
        return cls(root, tuple(packages), Course.load(root))

    def of_kind(self, *kinds: Kind) -> tuple[Package, ...]:
        return tuple(package for package in self.packages if package.kind in kinds)

    @property
    def importable(self) -> tuple[Package, ...]:
        return tuple(package for package in self.packages if package.import_name)

    def find(self, distribution: str) -> Package | None:
        wanted = canonicalize_name(distribution)
        return next((p for p in self.packages if p.distribution == wanted), None)

    def named(self, name: str) -> Package | None:
        return self.find(f"tinytorch-{name}")

    def closure(self, roots: Iterable[Package]) -> tuple[Package, ...]:
        """The packages and all of ours that they need, directly or not, in workspace order.

        Raises LookupError if one of them is declared but not in the workspace.
        """
        needed: set[Package] = set()
        waiting = list(roots)
        while waiting:
            package = waiting.pop()
            if package in needed:
                continue
            needed.add(package)
            for requirement in package.our_requirements:
                found = self.find(requirement.name)
                if found is None:
                    raise LookupError(
                        f"{package.distribution} depends on {requirement.name}, "
                        "which no folder of packages/ or capstones/ provides"
                    )
                waiting.append(found)
        return tuple(package for package in self.packages if package in needed)


def is_ours(distribution: str) -> bool:
    return canonicalize_name(distribution).startswith("tinytorch-")


def third_party(packages: Iterable[Package]) -> list[str]:
    """The third-party requirements of all packages, each line once, sorted."""
    return sorted({str(r) for package in packages for r in package.third_party_requirements})
