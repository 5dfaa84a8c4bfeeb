"""Which packages must be built anew: those whose files changed since their wheel was built.

The wheelhouse holds one wheel and one source distribution a package, and `built.json`, which says
from what they were built.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from workspace import Package, Workspace

UNSHIPPED = {"__pycache__", ".hypothesis", "build", "dist", "_build", "material"}
"""Folders of what is made by building and testing."""


def fingerprint(workspace: Workspace, package: Package) -> str:
    """A hash of all that a package is built from.

    A package whose build runs a hook may read the whole workspace and use its tools, so it is built
    from all of it.
    """
    folders = [package.folder]
    if package.has_build_hook:
        folders = [workspace.root / "tools", *(other.folder for other in workspace.packages)]
    digest = hashlib.sha256()
    for path in sorted(file for folder in folders for file in shipped_files(folder)):
        digest.update(path.relative_to(workspace.root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def shipped_files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and UNSHIPPED.isdisjoint(path.relative_to(folder).parts)
    ]


def outdated(workspace: Workspace, packages: Iterable[Package], wheelhouse: Path) -> list[Package]:
    """The packages that have no wheel of their present files."""
    built = read_record(wheelhouse)
    return [
        package
        for package in packages
        if built.get(package.distribution) != fingerprint(workspace, package)
        or len(artifacts(package, wheelhouse)) != 2
    ]


def artifacts(package: Package, wheelhouse: Path) -> list[Path]:
    """The built files of a package, of any version."""
    stem = package.distribution.replace("-", "_")
    return [
        path
        for pattern in (f"{stem}-*.whl", f"{stem}-*.tar.gz")
        for path in wheelhouse.glob(pattern)
    ]


def remove(package: Package, wheelhouse: Path) -> None:
    for path in artifacts(package, wheelhouse):
        path.unlink()


def remove_strangers(workspace: Workspace, wheelhouse: Path) -> None:
    """Drop what was built of packages that the workspace no longer holds."""
    known = {path for package in workspace.packages for path in artifacts(package, wheelhouse)}
    for path in (*wheelhouse.glob("*.whl"), *wheelhouse.glob("*.tar.gz")):
        if path not in known:
            path.unlink()


def record(workspace: Workspace, package: Package, wheelhouse: Path) -> None:
    """Note that a package has just been built from its present files."""
    built = read_record(wheelhouse) | {package.distribution: fingerprint(workspace, package)}
    (wheelhouse / "built.json").write_text(json.dumps(built, indent=2), encoding="utf-8")


def read_record(wheelhouse: Path) -> dict[str, str]:
    path = wheelhouse / "built.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}
