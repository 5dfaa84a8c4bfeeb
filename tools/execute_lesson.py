"""Execute a lesson in an environment of its own and keep the result as a notebook.

The kernel runs in another Python than this script: one that has what the reader of the lesson has,
and no more. A lesson is executed again only when its text or the packages under it changed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import executed_notebook
import notebook_kernel
from workspace import ROOT, Package, Workspace


def notebook_path(package: Package, docs: Path) -> Path:
    return docs / "lessons" / f"{package.folder.name}.ipynb"


def reads(workspace: Workspace, package: Package) -> tuple[Package, ...]:
    """What a lesson may use: its module, what that needs, and what `lesson-requires` names."""
    named = [workspace.named(name) for name in package.lesson_requires]
    return workspace.closure([package, *(found for found in named if found)])


def fingerprint(workspace: Workspace, package: Package) -> str:
    return executed_notebook.fingerprint(workspace, package.lesson, reads(workspace, package))


def is_outdated(workspace: Workspace, package: Package, docs: Path) -> bool:
    stamp = fingerprint(workspace, package)
    return not executed_notebook.is_stamped(notebook_path(package, docs), stamp)


def execute(lesson: Path, python: Path, stamp: str, destination: Path) -> None:
    """Run all cells with `python`'s ipykernel, in an empty folder; a cell that raises stops it."""
    import jupytext

    notebook = jupytext.read(lesson, fmt="md:myst")
    with tempfile.TemporaryDirectory() as folder:
        notebook_kernel.run(notebook, python, Path(folder))
    executed_notebook.write(notebook, stamp, destination)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", help="the module's name, such as tensor")
    parser.add_argument("python", type=Path, help="the Python to run the lesson with")
    parser.add_argument("--root", type=Path, default=ROOT)
    options = parser.parse_args()
    workspace = Workspace.load(options.root)
    package = workspace.named(options.module)
    if package is None or not package.lesson.is_file():
        parser.error(f"no lesson.md of {options.module}")
    destination = notebook_path(package, options.root / "docs")
    execute(package.lesson, options.python, fingerprint(workspace, package), destination)
    print(f"{package.lesson} -> {destination}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
