"""The files around the sources of a starter: what makes a folder of code a student's project."""

from __future__ import annotations

import json
from collections.abc import Mapping

from workspace import Package, Task

PYPROJECT = """\
# Your {title}. The version says whose it is and still satisfies whatever asks for {reference}.

[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{distribution}"
version = "{version}"
description = "{title}, module {number} of TinyTorch, written by a student."
readme = "README.md"
requires-python = "{python}"
dependencies = {dependencies}

[project.entry-points."tinytorch.modules"]
{name} = "{import_name}"

[tool.hatch.build]
dev-mode-dirs = ["src"]    # what `pip install -e .` links; without it, it needs another library

[tool.hatch.build.targets.wheel]
packages = ["src/tinytorch"]

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
pythonpath = ["src"]
testpaths = ["tests"]
"""

README = """\
# {title}, module {number}

Your own `{import_name}`. Read a section of `lesson.md`, write the functions of its task, check it:

    tinytorch check --task {first}

| task | | points | you write |
|---|---|---|---|
{rows}

A function that is yours says `raise NotImplementedError("task ...")`: put your code in its place.
Everything else is given and finished; change it if you like, as long as the checks pass.

In this folder:

{checking}

What your code prints is shown only for the first check that fails, and of that the last lines.

When all tasks pass, let everything that builds on this module run on your code:

{using}

To try your code by hand, in this folder (the installed reference is what `import` finds elsewhere):

    PYTHONPATH=src python                 on Windows: set PYTHONPATH=src, then python

For the lesson as a notebook, make another project beside this one:

    tinytorch start {name} --notebook --dir ../{name}-notebook

The files in `tests/` are a copy to read and to run with pytest. `tinytorch check` uses its own.
"""


def version(package: Package) -> str:
    return f"{package.version}+student"


def pyproject(package: Package) -> str:
    project = package.pyproject["project"]
    return PYPROJECT.format(
        title=package.settings["title"],
        number=package.settings["number"],
        reference=package.version,
        distribution=package.distribution,
        version=version(package),
        python=project["requires-python"],
        dependencies=json.dumps(project.get("dependencies", []), indent=4),
        name=package.name,
        import_name=package.import_name,
    )


def readme(package: Package) -> str:
    name, first = package.name, package.tasks[0].id
    checking = {
        "tinytorch check": "all tasks, with your points",
        f"tinytorch check --task {first} --hint": "a hint, which costs nothing",
        "tinytorch check --watch": "again after every save",
    }
    using = {
        "tinytorch check --dependants": "the checks of those modules",
        f"tinytorch swap {name} .": "yours in place of the reference",
        f"tinytorch restore {name}": "the reference back",
    }
    return README.format(
        title=package.settings["title"],
        number=package.settings["number"],
        import_name=package.import_name,
        name=name,
        first=first,
        checking=listed(checking),
        using=listed(using),
        rows="\n".join(row(package, task) for task in package.tasks),
    )


def listed(commands: Mapping[str, str]) -> str:
    """A line of code for each, what it does in a column of its own."""
    width = max(map(len, commands))
    return "\n".join(f"    {command:<{width}}    {does}" for command, does in commands.items())


def row(package: Package, task: Task) -> str:
    """The functions, by the file that holds them: `memory.py: contiguous_strides, flat_index`."""
    held: dict[str, list[str]] = {}
    for function in task.functions:
        path, name = package.function_location(function)
        held.setdefault(path.as_posix(), []).append(f"`{name}`")
    written = "; ".join(f"{path}: {', '.join(names)}" for path, names in held.items())
    return f"| {task.id} | {task.title} | {task.points} | {written} |"
