"""Put second right solutions in the place of references, and run on them all that builds on them.

    python tools/try_swaps.py [--report FILE] PYTHON [MODULE ...]

PYTHON belongs to an environment with the whole course, pytest, pytest-xdist and pip; without a
MODULE, all are swapped. Each module is begun with `tinytorch start`, solved by what `alternative/`
holds, and swapped. While it is, the contract tests of all that depends on it run, and the
milestones of the capstones; with all swapped, every test of the capstones too. Afterwards
`tinytorch restore` must bring the references back to the byte.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from overlay import overlay
from workspace import ROOT, Package, Workspace

IMPORT = "import importlib, sys; print(importlib.import_module(sys.argv[1]).__file__)"
SITE = "import sysconfig; print(sysconfig.get_path('purelib'))"
PYTEST = ("-c", str(ROOT / "pyproject.toml"), "-q", "-p", "no:cacheprovider", "-n", "auto")


class Wrong(Exception):
    """Something is not as it must be."""


@dataclass(frozen=True)
class Environment:
    """The environment that modules are swapped in, and an empty folder to work in."""

    python: str
    folder: Path

    def run(self, *arguments: str, shown: bool = False) -> str:
        """What it prints. Raises `Wrong` with all that it said if it fails."""
        done = subprocess.run(
            [self.python, "-P", *arguments],
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.PIPE,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=self.folder,
            env=self.settings(),
        )
        if done.returncode:
            said = "" if shown else f":\n{done.stdout}{done.stderr}"
            raise Wrong(f"{' '.join(arguments[:4])} ended with {done.returncode}{said}")
        return done.stdout or ""

    def settings(self) -> dict[str, str]:
        """This process's environment variables; what is kept, and notes on kernels, apart."""
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        kernels = {"JUPYTER_RUNTIME_DIR": str(self.folder / "kernels")}
        return inherited | kernels | {"TINYTORCH_HOME": str(self.folder / "home")}

    def tinytorch(self, *arguments: str) -> str:
        return self.run("-m", "tinytorch_course", *arguments)

    def site(self) -> Path:
        return Path(self.run("-c", SITE).strip())

    def files(self) -> dict[str, str]:
        """All files of the environment's packages but bytecode, with their hashes."""
        site = self.site()
        return {
            file.relative_to(site).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in site.rglob("*")
            if file.is_file() and "__pycache__" not in file.parts
        }


def attempt(environment: Environment, modules: Sequence[Package], tests: Sequence[str]) -> None:
    """tests: arguments for pytest. Raises `Wrong`."""
    names = [module.name for module in modules]
    before = environment.files()
    projects = [solved_project(environment, module) for module in modules]
    try:
        for module, project in zip(modules, projects, strict=True):
            environment.tinytorch("swap", module.name, str(project))
        check_swapped(environment, modules, projects)
        environment.run("-m", "pytest", *PYTEST, *tests, shown=True)
        check_swapped(environment, modules, projects)
    finally:
        environment.tinytorch("restore", *(["--all"] if len(names) != 1 else names))
    check_restored(environment, modules, before)


def solved_project(environment: Environment, module: Package, *options: str) -> Path:
    environment.tinytorch("start", module.name, *options)
    project = environment.folder / module.name
    shutil.rmtree(project / "src")
    overlay(module, project / "src")
    return project


def check_swapped(
    environment: Environment, modules: Sequence[Package], projects: Sequence[Path]
) -> None:
    """The projects' files are what Python imports, and everybody says that they are yours."""
    for module, project in zip(modules, projects, strict=True):
        found = Path(environment.run("-c", IMPORT, str(module.import_name)).strip())
        if not found.is_relative_to(project.resolve()):
            raise Wrong(f"{module.import_name} comes from {found}, and not from {project}")
    check_states(environment, {module.name for module in modules})
    environment.run("-m", "pip", "--disable-pip-version-check", "check")


def check_states(environment: Environment, yours: Iterable[str]) -> None:
    told = json.loads(environment.tinytorch("status", "--json"))
    found = {each["name"] for each in told["modules"] if each["state"] == "yours"}
    others = {each["state"] for each in told["modules"]} - {"yours", "reference", "unreleased"}
    if found != set(yours) or others:
        raise Wrong(f"status says yours of {sorted(found)}, and of others {sorted(others)}")


def check_restored(
    environment: Environment, modules: Sequence[Package], before: dict[str, str]
) -> None:
    check_states(environment, ())
    after = environment.files()
    if differ := sorted(name for name in before | after if before.get(name) != after.get(name)):
        raise Wrong(f"not as it was before the swap: {', '.join(differ[:5])}")
    names = {module.distribution for module in modules}
    for installed in distributions(path=[str(environment.site())]):
        if installed.name in names and (bad := sorted(untrue_lines(installed))):
            raise Wrong(f"RECORD of {installed.name} does not hold for {', '.join(bad)}")


def untrue_lines(installed: Distribution) -> Iterator[str]:
    for file in installed.files or ():
        if file.hash is not None:
            digest = hashlib.new(file.hash.mode, file.read_binary()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
                yield str(file)


def judges_of(workspace: Workspace, modules: Sequence[Package]) -> list[Path]:
    """The contracts of what builds on the modules, and the milestones of such capstones.

    A single module's own contract is judged with `alone`, on an overlay; here it counts where all
    are swapped, or nothing builds on the module. All tests of a capstone take too long to run for
    each module, and do where all are swapped.
    """
    concerned = [
        package
        for package in workspace.of_kind("module", "capstone")
        if set(workspace.closure([package])) & set(modules)
    ]
    others = [package for package in concerned if [package] != modules]
    whole = len(modules) > 1
    return [
        each.tests if whole and each.kind == "capstone" else each.checks
        for each in others or concerned
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("python", help="of an environment with the whole course")
    parser.add_argument("--report", default=os.devnull, help="a file for pytest's JUnit report")
    parser.add_argument("modules", nargs="*", help="names; all modules without any")
    options = parser.parse_args()
    workspace = Workspace.load(ROOT)
    modules = [
        package
        for package in workspace.of_kind("module")
        if not options.modules or package.name in options.modules
    ]
    began = time.monotonic()
    judges = judges_of(workspace, modules)
    tests = [f"--junitxml={options.report}", *map(str, judges)]
    with tempfile.TemporaryDirectory() as name:
        try:
            attempt(Environment(options.python, Path(name).resolve()), modules, tests)
        except Wrong as problem:
            print(problem)
            return 1
    swapped = ", ".join(module.name for module in modules)
    where = ", ".join(str(each.relative_to(ROOT)) for each in judges)
    print(f"swapped and restored: {swapped}; ran on it: {where}; {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
