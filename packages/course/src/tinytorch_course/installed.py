"""What is installed, read from the packages' metadata. Nothing is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from importlib_metadata import Distribution
from packaging.utils import canonicalize_name

MODULES = "tinytorch.modules"
CAPSTONES = "tinytorch.capstones"


@dataclass(frozen=True)
class Package:
    """One installed distribution."""

    name: str
    version: str | None
    """None when the metadata names none."""
    requires: tuple[str, ...]
    home: Path
    """The folder that holds the metadata, and the files unless the install is editable."""
    project: Path | None
    """The folder that it was installed from, if it was one."""
    editable: bool
    modules: Mapping[str, str]
    capstones: Mapping[str, str]

    @property
    def is_students(self) -> bool:
        """Marked by its version (`0.1.0+student`), or installed from a folder."""
        local = (self.version or "").partition("+")[2]
        return "student" in local.split(".") or self.project is not None


@dataclass(frozen=True)
class Installed:
    packages: Mapping[str, Package]
    """By normalised name; of several, the first on the path, which is the one that Python uses."""
    repeated: tuple[Package, ...]
    """Second metadata of the same name in the same folder, left there by an install that broke."""

    def get(self, name: str) -> Package | None:
        return self.packages.get(canonicalize_name(name))

    def of_the_course(self) -> tuple[Package, ...]:
        return tuple(
            package
            for name, package in sorted(self.packages.items())
            if name.startswith("tinytorch-")
        )

    def providers(self, module: str) -> tuple[Package, ...]:
        """The packages that say they are the module of that name."""
        return tuple(each for each in self.packages.values() if module in each.modules)

    def capstones(self) -> dict[str, str]:
        """From the name of each installed capstone to the module that runs it."""
        found: dict[str, str] = {}
        for package in self.packages.values():
            found = {**package.capstones, **found}
        return found


def read(path: Sequence[str]) -> Installed:
    """The packages on a `sys.path`."""
    packages: dict[str, Package] = {}
    repeated: list[Package] = []
    for package in _packages(path):
        first = packages.setdefault(package.name, package)
        if first is not package and first.home == package.home:
            repeated.append(package)
    return Installed(packages, tuple(repeated))


def _packages(path: Sequence[str]) -> Iterator[Package]:
    """Each metadata folder once: a folder may be on the path twice."""
    for folder in dict.fromkeys(path):
        for distribution in Distribution.discover(path=[folder]):
            package = _package(distribution)
            if package is not None:
                yield package


def _package(distribution: Distribution) -> Package | None:
    """None for what cannot be read, such as the `~nytorch` that a broken uninstall leaves."""
    try:
        return _read(distribution)
    except (OSError, ValueError, AttributeError):  # a missing, undecodable, or malformed file
        return None


def _read(distribution: Distribution) -> Package | None:
    metadata = distribution.metadata
    if "Name" not in metadata:
        return None
    project, editable = _origin(distribution)
    return Package(
        name=canonicalize_name(metadata["Name"]),
        version=metadata.get("Version", None),
        requires=tuple(metadata.get_all("Requires-Dist") or ()),
        home=Path(str(distribution.locate_file(""))),
        project=project,
        editable=editable,
        modules=_entry_points(distribution, MODULES),
        capstones=_entry_points(distribution, CAPSTONES),
    )


def _entry_points(distribution: Distribution, group: str) -> dict[str, str]:
    return {each.name: each.module for each in distribution.entry_points.select(group=group)}


def _origin(distribution: Distribution) -> tuple[Path | None, bool]:
    """The folder that it was installed from, and whether its files still lie there (PEP 610)."""
    origin = distribution.origin
    folder = getattr(origin, "dir_info", None)
    url = urlsplit(getattr(origin, "url", ""))
    if folder is None or url.scheme != "file":
        return None, False
    return Path(url2pathname(url.path)), bool(getattr(folder, "editable", False))
