"""A lesson as a notebook that runs on a student's own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workspace import Package

WELCOME = """\
# {title}: the lesson, on your own code

This notebook lies in your project. The next cell imports `{import_name}` from the folder
`src` beside it, and import again whatever you save there (autoreload): write a function in its
file, save, and run a cell again. Until a task is written, cells that need it raise a
`NotImplementedError` that names the task.

After a restart of the kernel, run that cell first.\
"""

SETTINGS = """\
%load_ext autoreload
%autoreload 2

import sys
from pathlib import Path

sys.path.insert(0, str(Path("src").resolve()))

import {import_name}

print("running on", {import_name}.__file__)\
"""


def write_notebook(package: Package, destination: Path) -> None:
    """jupytext is needed where lessons are made into notebooks, and nowhere else."""
    import jupytext

    lesson = jupytext.read(package.lesson, fmt="md:myst")
    facts = {"title": package.settings["title"], "import_name": package.import_name}
    lesson.cells[:0] = [
        cell("markdown", WELCOME.format(**facts)),
        cell("code", SETTINGS.format(**facts)),
    ]
    for number, each in enumerate(lesson.cells):
        each["id"] = f"cell-{number}"  # a random one would make every build differ
    lesson.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    lesson.nbformat, lesson.nbformat_minor = 4, 5
    destination.write_text(json.dumps(lesson, indent=1, ensure_ascii=False) + "\n", "utf-8")


def cell(kind: str, source: str) -> Any:
    from nbformat import v4

    new: dict[str, Any] = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell}
    return new[kind](source)
