"""What can be known of an installed package without running a line of it."""

import importlib
import importlib.util
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

import importlib_metadata
from importlib_metadata import Distribution
from packaging.utils import canonicalize_name

from tinytorch.setup.course import Package


@dataclass(frozen=True)
class Evidence:
    """The facts about one package, from which `classify` tells whose it is.

    version: what its metadata says, such as `"0.1.0"` or `"0.1.0+student"`; None without metadata
    folder: the project folder it was installed from; None when it came from an index or a wheel,
        or from the course's own source
    recorded: the folder in which, by the metadata, its code lies; None without metadata
    found: the file that `import` would run; None when there is none
    """

    version: str | None
    folder: Path | None
    recorded: Path | None
    found: Path | None


def gather(
    package: Package, distribution: Distribution | None, path: Sequence[str] | None = None
) -> Evidence:
    """Look at the package's metadata and at where import would find it, on `path` or `sys.path`."""
    spec = locate(package.import_name, path)
    found = Path(spec.origin).resolve() if spec is not None and spec.origin else None
    if distribution is None:
        return Evidence(version=None, folder=None, recorded=None, found=found)
    folder = project_folder(distribution)
    return Evidence(
        version=distribution.version,
        folder=None if folder is not None and _is_course_source(folder, package) else folder,
        recorded=recorded_folder(package, distribution),
        found=found,
    )


def installed_distributions(path: Sequence[str] | None = None) -> dict[str, Distribution]:
    """Every installed distribution by its normalised name; of two with one name, the first."""
    everywhere: Iterable[Any] = (
        importlib_metadata.distributions()
        if path is None
        else importlib_metadata.distributions(path=list(path))
    )
    distributions: dict[str, Distribution] = {}
    for distribution in everywhere:
        # An interrupted installation leaves a folder of metadata with no METADATA in it.
        if distribution.read_text("METADATA") or distribution.read_text("PKG-INFO"):
            distributions.setdefault(canonicalize_name(distribution.name), distribution)
    return distributions


def locate(import_name: str, path: Sequence[str] | None = None) -> ModuleSpec | None:
    """What import would find, without importing it (only the namespace `tinytorch`, no code).

    A folder without `__init__.py` is found too, with no origin.
    """
    importlib.invalidate_caches()
    if path is None:
        return importlib.util.find_spec(import_name)
    spec: ModuleSpec | None = None
    search = list(path)
    for name in itertools.accumulate(import_name.split("."), "{}.{}".format):
        spec = PathFinder.find_spec(name, search)
        if spec is None:
            return None
        search = list(spec.submodule_search_locations or [])
    return spec


def source_url(distribution: Distribution) -> str | None:
    """Where pip took it from when that was not an index, from `direct_url.json` (PEP 610)."""
    return getattr(_origin(distribution), "url", None)


def is_editable(distribution: Distribution) -> bool:
    directory = getattr(_origin(distribution), "dir_info", None)
    return bool(getattr(directory, "editable", False))


def project_folder(distribution: Distribution) -> Path | None:
    """The project folder it was installed from, editable or copied; None for anything else."""
    origin = _origin(distribution)
    if not hasattr(origin, "dir_info") or not hasattr(origin, "url"):
        return None
    return Path(url2pathname(urlparse(origin.url).path)).resolve()


def recorded_folder(package: Package, distribution: Distribution) -> Path:
    """The folder that, by the metadata, holds the code."""
    folder = project_folder(distribution)
    if folder is not None and is_editable(distribution):
        return folder
    inside = package.import_name.replace(".", "/")
    return Path(str(distribution.locate_file(inside))).resolve()


def _origin(distribution: Distribution) -> Any:
    try:
        return distribution.origin
    except ValueError:  # direct_url.json is not JSON
        return None


def _is_course_source(folder: Path, package: Package) -> bool:
    """Whether the folder is the package's own in a checkout of the course."""
    if package.number is None:
        return folder.parts[-2:] == ("capstones", package.name)
    return folder.parts[-2:] == ("packages", f"{package.number:02d}_{package.name}")
