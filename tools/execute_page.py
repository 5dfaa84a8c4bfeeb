"""Execute a page of the site that is a notebook: docs/executed/NAME.md becomes docs/NAME.ipynb.

It does what its reader does, from the installation on, in an environment that holds Jupyter's
kernel, libraries, and nothing of the course. What pip is asked for comes from the wheelhouse. A
page is executed again only when its text or the packages changed.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import executed_notebook
import notebook_kernel
from workspace import ROOT, Workspace

HOME, ENVIRONMENT = "/home/you", "/home/you/.venv"
"""What stands on the page for the folders of the machine that builds the site."""


def sources(docs: Path) -> list[Path]:
    return sorted((docs / "executed").glob("*.md"))


def notebook_path(source: Path) -> Path:
    return source.parent.parent / f"{source.stem}.ipynb"


def fingerprint(workspace: Workspace, source: Path) -> str:
    return executed_notebook.fingerprint(workspace, source, workspace.packages)


def is_outdated(workspace: Workspace, source: Path) -> bool:
    return not executed_notebook.is_stamped(notebook_path(source), fingerprint(workspace, source))


def execute(source: Path, python: Path, wheels: Path, stamp: str) -> None:
    import jupytext

    notebook = jupytext.read(source, fmt="md:myst")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        notebook_kernel.run(notebook, python, folder, settings(python, wheels, folder))
        shown = {str(folder): HOME, str(python.parent.parent): ENVIRONMENT}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = renamed(cell.outputs, shown)
    executed_notebook.write(notebook, stamp, notebook_path(source))


def settings(python: Path, wheels: Path, folder: Path) -> dict[str, str]:
    """Those of an active environment in which pip finds the course, and no other index."""
    search = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return inherited | {
        "PATH": search,
        "VIRTUAL_ENV": str(python.parent.parent),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "TINYTORCH_HOME": str(folder / ".tinytorch"),
    }


def renamed(outputs: Any, shown: dict[str, str]) -> Any:
    text = json.dumps(outputs)
    for folder, name in shown.items():
        text = text.replace(json.dumps(folder)[1:-1], name)
    return json.loads(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="a file of docs/executed")
    parser.add_argument("python", type=Path, help="the Python to run it with")
    parser.add_argument("wheels", type=Path, help="a folder with the course's wheels")
    options = parser.parse_args()
    stamp = fingerprint(Workspace.load(ROOT), options.source)
    execute(options.source, options.python, options.wheels, stamp)
    print(f"{options.source} -> {notebook_path(options.source)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
