"""Building our packages and installing them, with uv where there is one and pip otherwise."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import nox
import nox.virtualenv

import wheelhouse
from workspace import Package, Workspace, third_party


class Installer(Protocol):
    """A nox session, or an environment made beside it."""

    @property
    def venv_backend(self) -> str: ...

    def install(self, *arguments: str) -> None: ...


class Environment:
    """A new virtual environment beside the session's own."""

    def __init__(self, session: nox.Session, folder: Path) -> None:
        self.session = session
        self.folder = folder
        if has_uv():
            self._run(uv(), "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        else:
            self._run(sys.executable, "-m", "venv", "--clear", str(folder))

    @property
    def venv_backend(self) -> str:
        return "uv" if has_uv() else "venv"

    @property
    def python(self) -> str:
        return str(self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))

    def install(self, *arguments: str) -> None:
        if has_uv():
            self._run(uv(), "pip", "install", "--quiet", "--python", self.python, *arguments)
        else:
            self._run(self.python, "-m", "pip", "install", "--quiet", *arguments)

    def check(self) -> None:
        """Fail if what is installed does not fit together."""
        if has_uv():
            self._run(uv(), "pip", "check", "--python", self.python)
        else:
            self._run(self.python, "-m", "pip", "check")

    def _run(self, *command: str) -> None:
        self.session.run(*command, external=True, env={"PYTHONPATH": None})


def has_uv() -> bool:
    return bool(nox.virtualenv.HAS_UV)


def uv() -> str:
    return str(nox.virtualenv.UV)


def build(
    session: nox.Session, workspace: Workspace, packages: Iterable[Package], folder: Path
) -> None:
    """Build a wheel and a source distribution of each package that changed since it was last built.

    The wheel is built from the source distribution, as it would be for somebody who has only that.
    """
    folder.mkdir(exist_ok=True)
    wheelhouse.remove_strangers(workspace, folder)
    changed = wheelhouse.outdated(workspace, packages, folder)
    if not changed:
        return
    command = [uv(), "build"]
    if not has_uv():
        builder = Environment(session, workspace.root / ".nox" / "environments" / "builder")
        builder.install("build")
        command = [builder.python, "-m", "build"]
    for package in changed:
        wheelhouse.remove(package, folder)
        where = ("-o", str(folder), str(package.folder))
        session.run(*command, *where, external=True, silent=True)  # shown where it fails
        wheelhouse.record(workspace, package, folder)


def install(
    target: Installer, workspace: Workspace, packages: Iterable[Package], folder: Path, *others: str
) -> None:
    """Install packages of ours from their wheels, what they declare, and `others`.

    First the libraries, from the index; then ours without any index, so that nobody else's package
    of one of our names can come in. uv must not look into its cache for ours: it takes two wheels
    of one version for the same.
    """
    wanted = list(packages)
    libraries = [*third_party(workspace.closure(wanted)), *others]
    if libraries:
        target.install(*libraries)
    names = [package.distribution for package in wanted]
    fresh = ["--no-cache"] if target.venv_backend == "uv" else []
    target.install(*fresh, "--no-index", "--find-links", str(folder), *names)
