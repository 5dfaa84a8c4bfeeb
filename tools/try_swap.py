"""Swap modules for their alternative solutions, as a student would, and bring the references back.

    python tools/try_swap.py in FOLDER TINYTORCH PYTHON MODULE ...
    python tools/try_swap.py back FOLDER TINYTORCH PYTHON MODULE ...

TINYTORCH and PYTHON are of an environment with all modules. `in` begins a project of each module in
FOLDER, lays the functions of `alternative/` into it, and swaps it in; `back` restores. Both look
whether Python imports what it should, and whether every file of a reference is as RECORD says.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from overlay import overlay
from workspace import ROOT, Package, Workspace

LOOK = """
import base64, hashlib, importlib, importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    module = importlib.import_module(f"tinytorch.{name}")
    files = importlib.metadata.distribution(f"tinytorch-{name}").files
    code = [f for f in files if f.parts[0] == "tinytorch" and f.suffix == ".py" and f.hash]
    digests = {f: hashlib.new(f.hash.mode, f.locate().read_bytes()).digest() for f in code}
    spelt = {f: base64.urlsafe_b64encode(d).rstrip(b"=").decode() for f, d in digests.items()}
    whole = bool(code) and all(f.hash.value == spelt[f] for f in code)
    found[name] = {"file": module.__file__, "is_reference": whole}
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Environment:
    tinytorch: str
    python: str
    folder: Path

    def run(self, *words: str) -> str:
        """Raises `SystemExit` with what a command said that failed."""
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=self.folder,
            env={**os.environ, "TINYTORCH_HOME": str(self.folder / "home")},
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def look(self, names: Sequence[str]) -> dict[str, dict[str, object]]:
        found: dict[str, dict[str, object]] = json.loads(
            self.run(self.python, "-P", "-c", LOOK, *names)
        )
        return found


def swap_in(here: Environment, packages: Sequence[Package]) -> None:
    for package in packages:
        here.run(here.tinytorch, "start", package.name)
        project = here.folder / package.name
        shutil.rmtree(project / "src")
        overlay(package, project / "src")
        here.run(here.tinytorch, "swap", package.name, str(project))
    for name, told in here.look([package.name for package in packages]).items():
        file = Path(str(told["file"])).resolve()
        if not file.is_relative_to((here.folder / name / "src").resolve()):
            raise SystemExit(f"{name} was swapped, and is imported from {file}")
    states = json.loads(here.run(here.tinytorch, "status", "--json"))["modules"]
    yours = {each["name"] for each in states if each["state"] == "yours"}
    if yours != {package.name for package in packages}:
        raise SystemExit(f"tinytorch status says that these are yours: {', '.join(sorted(yours))}")


def bring_back(here: Environment, packages: Sequence[Package]) -> None:
    for package in packages:
        here.run(here.tinytorch, "restore", package.name)
    for name, told in here.look([package.name for package in packages]).items():
        if not told["is_reference"]:
            raise SystemExit(f"{name} was restored, and {told['file']} is not as RECORD says")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("direction", choices=("in", "back"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("tinytorch")
    parser.add_argument("python")
    parser.add_argument("modules", nargs="+")
    options = parser.parse_args()
    modules = Workspace.load(ROOT).of_kind("module")
    chosen = [package for package in modules if package.name in options.modules]
    here = Environment(options.tinytorch, options.python, options.folder.resolve())
    act = swap_in if options.direction == "in" else bring_back
    act(here, chosen)
    print(f"{options.direction}: {', '.join(package.name for package in chosen)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
