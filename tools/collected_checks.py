"""The ids of the checks of a module or capstone, as the `tinytorch` command will ask for them.

They are collected by the very process that will run them, on a path that holds the module and what
it needs and nothing else: what a check is called may depend on what is there to check.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from workspace import Package, Workspace


@dataclass(frozen=True)
class Collected:
    ids: list[str]
    """In the order in which pytest runs them."""
    in_process: list[str]
    """Those of them that must run beside the code that they judge."""


class CollectionError(Exception):
    """The checks of a package cannot be collected."""


def collect(workspace: Workspace, package: Package) -> Collected:
    """Nothing for a package without checks."""
    checks = package.checks
    if not checks.is_dir():
        return Collected([], [])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assignment: dict[str, object] = {
            "module": package.import_name,
            "source": str(package.source.resolve()),
            "checks": str(checks.resolve()),
            "ids": [],
            "seconds": 120,
        }
        (folder / "assignment.json").write_text(json.dumps(assignment), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tinytorch_course.checking.child", name],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            cwd=name,
            env=os.environ | environment(workspace, package),
        )
        return ids_in(folder / "journal.jsonl", package, done.stdout + done.stderr)


def environment(workspace: Workspace, package: Package) -> dict[str, str]:
    command = workspace.named("course")
    assert command is not None
    sources = [each.source for each in (*workspace.closure([package]), command)]
    return {
        "PYTHONPATH": os.pathsep.join(map(str, sources)),
        "PYTHONUTF8": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
    }


def ids_in(journal: Path, package: Package, said: str) -> Collected:
    lines = journal.read_text("utf-8").splitlines() if journal.is_file() else []
    events = {event["event"]: event for event in map(json.loads, lines)}
    if "collected" in events and "uncollected" not in events:
        found = events["collected"]
        return Collected(steady(found["ids"], package), found["in_process"])
    told = [str(events[name]) for name in ("unimportable", "uncollected") if name in events]
    raise CollectionError(
        f"{package.folder.name}: its checks cannot be collected\n"
        + "\n".join([*told, said[-2000:]])
    )


def steady(ids: list[str], package: Package) -> list[str]:
    """Refuse ids that differ from run to run: the check of that name would always be missing."""
    for name in ids:
        if re.search(r" at 0x[0-9a-f]+", name):
            raise CollectionError(
                f"{package.folder.name}: {name} has an address in its name: give it other `ids`"
            )
    return ids
