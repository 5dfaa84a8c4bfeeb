"""A lesson as a notebook that runs on the reference and, when asked to, on a student's own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workspace import Package

WELCOME = """\
# {title}: the lesson as a notebook

It lies in your project and can run on two implementations of `{import_name}`:

- `mine = False`: the one that is installed. Every experiment of the lesson works from the first
  day, so read, predict and measure with it.
- `mine = True`: yours, in the folder `src` beside this notebook. What you save there is imported
  again before the next cell runs (autoreload). What is not written yet raises a
  `NotImplementedError` that names its task.

After changing it, restart the kernel and run the next cell first.\
"""

SETTINGS = """\
mine = False

%load_ext autoreload
%autoreload 2

import sys
from pathlib import Path

if mine:
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
