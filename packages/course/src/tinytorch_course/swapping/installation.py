"""What is installed of a module now: the files and folders that an exchange takes out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from importlib_metadata import Distribution
from packaging.utils import canonicalize_name

from tinytorch_course.course import Module
from tinytorch_course.installed import Package
from tinytorch_course.journey import Journey
from tinytorch_course.swapping import record
from tinytorch_course.swapping.refusal import Refusal

INSTALLERS_OWN = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files that an installer adds to the metadata, and that no wheel brings."""


@dataclass(frozen=True)
class Installation:
    package: Package
    module: Module
    info: str
    """The name of the metadata folder."""
    prefix: Path

    @property
    def site(self) -> Path:
        return self.package.home

    @property
    def folder(self) -> str:
        """The module's own, which an editable install does without."""
        return f"tinytorch/{self.module.name}"

    @property
    def lines(self) -> tuple[record.Line, ...]:
        """What RECORD says; empty without one."""
        file = self.site / self.info / "RECORD"
        return record.parse(file.read_text(encoding="utf-8")) if file.is_file() else ()

    def units(self) -> tuple[str, ...]:
        """The two folders as wholes, and each other file of the package; all relative to `site`."""
        found = dict.fromkeys((self.folder, self.info, *self._others()))
        return tuple(each for each in found if os.path.lexists(self.site / each))

    def _others(self) -> Iterator[str]:
        """A `.pth` of an editable install, a finder, a command. Nothing outside the environment."""
        for each in self.lines:
            path = PurePosixPath(each.path)
            inside = path.is_relative_to(self.folder) or path.is_relative_to(self.info)
            if not inside and self._is_ours(self.site / path):
                yield each.path

    def _is_ours(self, file: Path) -> bool:
        real = os.path.realpath(file.parent)
        near = (os.path.realpath(self.prefix), os.path.realpath(self.site))
        return file.is_file() and any(Path(real).is_relative_to(each) for each in near)

    def files(self) -> dict[str, bytes]:
        """What a wheel of it would hold: the module's files and its metadata, without bytecode."""
        found = {}
        for top in (self.folder, self.info):
            for file in sorted((self.site / top).rglob("*")):
                name = file.relative_to(self.site).as_posix()
                is_added = name in {f"{self.info}/{each}" for each in INSTALLERS_OWN}
                if file.is_file() and not is_added and "__pycache__" not in file.parts:
                    found[name] = file.read_bytes()
        return found

    def holds_code(self) -> bool:
        return (self.site / self.folder / "__init__.py").is_file()

    def edited(self) -> tuple[str, ...]:
        """Files that are not as RECORD says: changed, or added, or gone."""
        lines = {each.path: each for each in self.lines}
        files = self.files()
        differ = [
            name
            for name, data in files.items()
            if name not in lines or not _agrees(lines[name], data)
        ]
        inside = (each for each in lines if each.startswith(f"{self.folder}/"))
        gone = [each for each in inside if each not in files and not each.endswith(".pyc")]
        return tuple(sorted(differ + gone)) if lines else ()


def _agrees(line: record.Line, data: bytes) -> bool:
    return record.is_true(line, data)


def find(journey: Journey, module: Module, package: Package) -> Installation:
    """Raises `Refusal` when the metadata cannot tell what belongs to the package."""
    infos = sorted(_infos(package))
    if len(infos) != 1 or not infos[0].endswith(".dist-info"):
        raise Refusal(
            "unclear-metadata",
            f"it is unclear which files of {package.name} are installed",
            "Its metadata is there twice, or was written by a very old installer.",
            ("tinytorch doctor",),
            tuple(str(package.home / each) for each in infos),
        )
    return Installation(package, module, infos[0], journey.interpreter.prefix)


def _infos(package: Package) -> Iterator[str]:
    for each in package.home.iterdir():
        if each.suffix in {".dist-info", ".egg-info"} and _name(each) == package.name:
            yield each.name


def _name(info: Path) -> str | None:
    try:
        return canonicalize_name(Distribution.at(info).metadata["Name"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
