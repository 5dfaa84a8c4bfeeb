"""Try each module as a student has it, through the `tinytorch` command itself.

    python tools/try_starters.py TINYTORCH [MODULE ...]

An untouched starter must score nothing, every task of it failing. The starter with the functions of
`alternative/` in it must score all points. Prints a line for each module.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from overlay import OverlayError, overlay
from workspace import ROOT, Package, Workspace

ALL_POINTS = 100


def attempt(command: str, package: Package) -> list[str]:
    """What is wrong with a module's starter or checks."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = run(command, folder, "start", package.name)
        if started.returncode:
            return [f"{package.name}: it cannot be started: {started.stderr}"]
        project = folder / package.name
        untouched = verdict(command, folder, package)
        shutil.rmtree(project / "src")
        try:
            overlay(package, project / "src")
        except OverlayError as problem:
            return [f"{package.name}: {problem}"]
        solved = verdict(command, folder, package)
    wrong = [*untouched_problems(untouched), *solved_problems(solved)]
    print(
        f"{package.name:<16} untouched {untouched['points']:>3}   "
        f"solved {solved['points']:>3}   {time.monotonic() - began:4.1f} s",
        flush=True,
    )
    return [f"{package.name}: {problem}" for problem in wrong]


def run(command: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=folder,
        env={**os.environ, "TINYTORCH_HOME": str(folder / "home")},
    )


def verdict(command: str, folder: Path, package: Package) -> dict[str, Any]:
    done = run(command, folder, "check", package.name, "--json")
    if not done.stdout:
        raise SystemExit(f"{package.name}: tinytorch check said nothing\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    if bool(done.returncode) == found["passed"]:
        raise SystemExit(f"{package.name}: exit code {done.returncode} contradicts the result")
    return found


def untouched_problems(found: dict[str, Any]) -> Iterator[str]:
    if found["unimportable"]:
        yield f"the untouched starter cannot be imported: {found['unimportable']['explanation']}"
    if found["points"]:
        yield f"the untouched starter scores {found['points']} points"
    for task in found["tasks"]:
        if task["checks_passed"] == task["checks"]:
            yield f"task {task['id']} passes untouched, with {task['checks']} checks"


def solved_problems(found: dict[str, Any]) -> Iterator[str]:
    if found["points"] != ALL_POINTS:
        yield f"the alternative scores {found['points']} points"
    if found["unexpected"]:
        yield f"checks that module.json does not know: {found['unexpected'][:5]}"
    judged = [*found["tasks"], *([found["rest"]] if found["rest"] else [])]
    for each in judged:
        if each["checks_passed"] != each["checks"]:
            what = f"task {each['id']}" if "id" in each else "what is given"
            yield f"the alternative passes {each['checks_passed']} of {each['checks']}: {what}"
            yield f"    {each['first_wrong']}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("command", help="the tinytorch command of an environment with all modules")
    parser.add_argument("modules", nargs="*", help="names; all modules without any")
    options = parser.parse_args()
    modules = [
        package
        for package in Workspace.load(ROOT).of_kind("module")
        if not options.modules or package.name in options.modules
    ]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda package: attempt(options.command, package), modules))
    problems = [problem for several in found for problem in several]
    print(*problems, f"{len(modules)} modules, {len(problems)} problems", sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
