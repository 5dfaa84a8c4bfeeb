"""A small sound workspace: stand-ins of the course's packages, with nothing wrong in them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import course_table
from workspace import Workspace

Rewrite = Callable[[str, str, str], None]
"""Replaces a piece of text in a file: its path, the old piece, the new one."""

COURSE = """
[[module]]
name = "setup"
number = 1
part = 1
title = "Setup"
depends = []

[[module]]
name = "tensor"
number = 2
part = 1
title = "Tensor"
depends = []

[[module]]
name = "activations"
number = 3
part = 1
title = "Activations"
depends = ["tensor"]

[[module]]
name = "layers"
number = 4
part = 2
title = "Layers"
depends = ["activations"]

[[capstone]]
name = "xornet"
part = 1
title = "XORNet"
depends = ["activations"]
"""

PROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "tinytorch-{name}"
version = "0.1.0"
description = "A stand-in."
readme = "README.md"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[tool.hatch.build.targets.wheel]
{wheel}
"""

ENTRY_POINT = """
[project.entry-points."tinytorch.{group}"]
{name} = "{import_name}"
"""

TASK = """
[[tool.tinytorch.tasks]]
id = "{number}.{k}"
title = "Task {k}"
points = 25
functions = ["steps.{function}"]
tests = ["test_steps.py::test_{k}"]
lesson = "task-{k}"
hint = "Return {k}."
hints."{function}" = "Count to {k}."
"""

FUNCTIONS = ("one", "two", "three", "Counter.four")

STEPS = '''
"""What the tasks are about."""

from __future__ import annotations

import functools
import math


def one() -> int:
    return 1


@functools.cache
def two() -> int:
    return 2


def three() -> int:
    return given(3)


def given(value: int) -> int:
    return math.floor(value)


class Counter:
    """A class with a task in it."""

    def four(self) -> int:
        return 4

    def kept(self) -> int:
        return self.four() + 1
'''

ALTERNATIVE = '''
"""Another right answer."""

from __future__ import annotations

import operator

from tinytorch.{name}.steps import given

PAIR = (1, 1)


def one() -> int:
    return operator.index(PAIR[0])


def two() -> int:
    return total(PAIR)


def total(values: tuple[int, ...]) -> int:
    return sum(values)


def three() -> int:
    return given(total((1, 2)))


class Counter:
    def four(self) -> int:
        return self.twice(2)

    def twice(self, value: int) -> int:
        return 2 * value
'''

CONTRACT = """
from tinytorch.{name}.steps import Counter, one, three, two


def test_1():
    assert one() == 1


def test_2():
    assert two() == 2


def test_3():
    assert three() == 3


def test_4():
    assert Counter().four() == 4
    assert Counter().kept() == 5
"""

LESSON = "# A lesson\n\n" + "\n".join(f"## Task {k}\n" for k in range(1, 5))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def write_package(folder: Path, name: str, import_name: str, dependencies: list[str]) -> None:
    """What every package has: metadata, README, changelog, sources."""
    ours = [f"tinytorch-{other}>=0.1,<0.2" for other in dependencies]
    top = import_name.split(".")[0]
    wheel = f'packages = ["src/{top}"]' if import_name else "bypass-selection = true"
    listed = ", ".join(f'"{line}"' for line in ours)
    text = PROJECT.format(name=name, dependencies=listed, wheel=wheel)
    write(folder / "pyproject.toml", text)
    write(folder / "README.md", f"# tinytorch-{name}\n")
    write(folder / "CHANGELOG.md", "# Changelog\n\n## 0.1.0\n\n- First release.\n")
    if import_name:
        source = folder.joinpath("src", *import_name.split("."))
        imports = "".join(f"import tinytorch.{other}.steps\n" for other in dependencies)
        write(source / "__init__.py", f'"""A stand-in."""\n\n{imports}')
        write(source / "py.typed", "")


MILESTONE = """
[tool.tinytorch]
part = 1
title = "XORNet"

[[tool.tinytorch.tasks]]
id = "{name}.1"
title = "All of it"
points = 100
tests = ["test_whole.py"]
hint = "Look at the modules."
"""
MILESTONE_TEST = """\
import tinytorch_{name}


def test_it_is_there():
    assert tinytorch_{name}
"""


def write_module(root: Path, number: int, name: str, title: str, depends: list[str]) -> None:
    folder = root / "packages" / f"{number:02}_{name}"
    write_package(folder, name, f"tinytorch.{name}", depends)
    settings = f'\n[tool.tinytorch]\nnumber = {number}\npart = 1\ntitle = "{title}"\n'
    tasks = "".join(
        TASK.format(number=number, k=k, function=function)
        for k, function in enumerate(FUNCTIONS, start=1)
    )
    entry = ENTRY_POINT.format(group="modules", name=name, import_name=f"tinytorch.{name}")
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(entry + settings + tasks)
    write(folder / "src" / "tinytorch" / name / "steps.py", STEPS)
    write(folder / "alternative" / "steps.py", ALTERNATIVE.format(name=name))
    write(folder / "tests" / "contract" / "test_steps.py", CONTRACT.format(name=name))
    write(folder / "lesson.md", LESSON)


def write_capstone(root: Path, name: str, depends: list[str]) -> None:
    folder = root / "capstones" / name
    write_package(folder, name, f"tinytorch_{name}", depends)
    entry = ENTRY_POINT.format(group="capstones", name=name, import_name=f"tinytorch_{name}")
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(entry + MILESTONE.format(name=name))
    write(folder / "tests" / "milestone" / "test_whole.py", MILESTONE_TEST.format(name=name))


def write_workspace(root: Path) -> None:
    """Three modules, a capstone, the command and a part."""
    write(root / "tools" / "course.toml", COURSE)
    write_module(root, 1, "setup", "Setup", [])
    write_module(root, 2, "tensor", "Tensor", [])
    write_module(root, 3, "activations", "Activations", ["tensor"])
    write_capstone(root, "xornet", ["activations"])
    write_package(root / "packages" / "course", "course", "tinytorch_course", [])
    members = ["setup", "tensor", "activations", "xornet", "course"]
    write_package(root / "packages" / "part1", "part1", "", members)
    write(root / "README.md", "# All\n\n<!-- course table: x -->\n<!-- end of the table -->\n")
    write_tables(root)


def write_tables(root: Path) -> None:
    for path, text in course_table.outdated(Workspace.load(root)).items():
        path.write_text(text, encoding="utf-8")
