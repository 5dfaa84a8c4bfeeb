"""Run a lesson's notebook as a student has it: on the reference, on their files, beside a swap.

    python tools/try_notebooks.py PYTHON [MODULE]

PYTHON belongs to an environment with the whole course, ipykernel and matplotlib. The notebook is
the one that `tinytorch start --notebook` writes. It must run to its end as it is, and with
`mine = True` on the solution of `alternative/`. A kernel that has the module imported must be
noticed by `tinytorch swap` and `tinytorch restore`, and run what they put there once restarted.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import nbformat
from jupyter_client.manager import KernelManager

import notebook_kernel
from try_swaps import Environment, Wrong, solved_project
from workspace import ROOT, Package, Workspace

CHOICE = "mine = False\n"
RUNNING = "kernel is running"
TIME_LIMIT = 120
"""Seconds for a kernel to start, or to run a line."""


def attempt(environment: Environment, module: Package) -> None:
    """Raises `Wrong`."""
    project = solved_project(environment, module, "--notebook")
    notebook = nbformat.read(project / "lesson.ipynb", as_version=4)
    check_runs_on(environment, notebook, project, environment.site())
    settings = next(cell for cell in notebook.cells if cell.source.startswith(CHOICE))
    settings.source = settings.source.replace(CHOICE, "mine = True\n")
    check_runs_on(environment, notebook, project, project / "src")
    try:
        check_kernel_is_noticed(environment, module, project)
    finally:
        environment.tinytorch("restore", "--all")


def check_runs_on(environment: Environment, notebook: Any, project: Path, source: Path) -> None:
    """The whole notebook runs, and its first code cell says whose files it runs on."""
    python, settings = Path(environment.python), environment.settings()
    notebook_kernel.run(notebook, python, project, settings)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    said = "".join(output.get("text", "") for output in first.outputs)
    if f"running on {source}{os.sep}" not in said:
        raise Wrong(f"the notebook should run on {source}, and says: {said}")


def check_kernel_is_noticed(environment: Environment, module: Package, project: Path) -> None:
    if RUNNING in environment.tinytorch("restore", "--all"):
        raise Wrong("a kernel is said to run before any was started")
    site = environment.site()
    with Kernel(environment) as kernel:
        check_imports(kernel, module, site)
        for words, old, new in (
            (("swap", module.name, str(project)), site, project),
            (("restore", module.name), project, site),
        ):
            said = environment.tinytorch(*words)
            if RUNNING not in said:
                raise Wrong(f"a kernel was running, and `tinytorch {words[0]}` said:\n{said}")
            check_imports(kernel, module, old)
            kernel.restart()
            check_imports(kernel, module, new)
    environment.tinytorch("swap", module.name, str(project))
    if RUNNING in environment.tinytorch("restore", module.name):
        raise Wrong("a kernel is said to run after it has ended")


def check_imports(kernel: Kernel, module: Package, folder: Path) -> None:
    found = kernel.run(f"import {module.import_name} as it; print(it.__file__)").strip()
    if not Path(found).is_relative_to(folder):
        raise Wrong(f"the kernel has {found}, and should have {folder}")


class Kernel:
    """A Jupyter kernel of the environment, running until the `with` block ends.

    Its connection file lies where Jupyter's server puts one.
    """

    def __init__(self, environment: Environment) -> None:
        runtime = Path(environment.settings()["JUPYTER_RUNTIME_DIR"])
        runtime.mkdir(exist_ok=True)
        name = str(runtime / f"kernel-{uuid4()}.json")
        self.manager: Any = KernelManager(kernel_name="python3", connection_file=name)
        self.manager.kernel_spec.argv[0] = environment.python
        self.manager.start_kernel(env=environment.settings(), cwd=str(environment.folder))
        self.client = self.manager.client()
        self.client.start_channels()

    def __enter__(self) -> Self:
        self.client.wait_for_ready(timeout=TIME_LIMIT)
        return self

    def __exit__(self, *_error: object) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def restart(self) -> None:
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=TIME_LIMIT)

    def run(self, code: str) -> str:
        """What it prints."""
        said: list[str] = []

        def note(message: dict[str, Any]) -> None:
            said.append(message["content"].get("text", ""))

        reply = self.client.execute_interactive(code, timeout=TIME_LIMIT, output_hook=note)
        if reply["content"]["status"] != "ok":
            raise Wrong(f"the kernel could not run {code}: {reply['content']}")
        return "".join(said)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("python", help="of an environment with the whole course and ipykernel")
    parser.add_argument("module", nargs="?", default="activations", help="whose lesson to run")
    options = parser.parse_args()
    module = Workspace.load(ROOT).named(options.module)
    if module is None:
        parser.error(f"no module is called {options.module}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        try:
            attempt(Environment(options.python, Path(name).resolve()), module)
        except Wrong as problem:
            print(problem)
            return 1
    print(f"the notebook of {module.name}: the reference, yours, a kernel beside a swap", end="; ")
    print(f"{time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
