"""The material of two small modules under the names of real ones, and answers to their tasks.

`tensor` has two tasks and something given; `activations` builds on it.
"""

from __future__ import annotations

import json
from pathlib import Path

STARTER = '''\
"""Numbers."""

from __future__ import annotations


def double(x: int) -> int:
    """Twice x."""
    raise NotImplementedError("task 2.1: double")


def halve(x: int) -> int:
    """Half of an even x; raises ValueError for an odd one."""
    raise NotImplementedError("task 2.2: halve")


def same(x: int) -> int:
    """This is given."""
    return x
'''
DOUBLE = '    raise NotImplementedError("task 2.1: double")\n'
HALVE = '    raise NotImplementedError("task 2.2: halve")\n'
RIGHT_DOUBLE = "    return x + x\n"
RIGHT_HALVE = '    if x % 2:\n        raise ValueError("odd")\n    return x // 2\n'

CHECKS = {
    "conftest.py": """\
import tinytorch.tensor as module

assert module
""",
    "test_double.py": """\
import pytest

from tinytorch.tensor import numbers


@pytest.mark.parametrize("x", [1, 2, 3])
def test_double(x):
    found = numbers.double(x)
    assert found == 2 * x, f"double({x}) gave {found}, expected {2 * x}"


def test_of_nothing():
    assert numbers.double(0) == 0
""",
    "test_halve.py": """\
import pytest

from tinytorch.tensor import numbers


def test_halve_undoes_double():
    assert numbers.halve(numbers.double(4)) == 4


def test_odd_numbers_are_refused():
    with pytest.raises(ValueError):
        numbers.halve(3)
""",
    "test_same.py": """\
from tinytorch.tensor import numbers


def test_same():
    assert numbers.same(1) == 1
""",
}
DEPENDANT = """\
from tinytorch.tensor import numbers


def test_it_stands_on_double():
    assert numbers.double(5) == 10, "five and five"
"""
MILESTONE = """\
import tinytorch_xornet


def test_training():
    assert tinytorch_xornet.train() == 21
"""
TENSOR_IDS = [
    *(f"test_double.py::test_double[{x}]" for x in (1, 2, 3)),
    "test_double.py::test_of_nothing",
    "test_halve.py::test_halve_undoes_double",
    "test_halve.py::test_odd_numbers_are_refused",
    "test_same.py::test_same",
]


def write_material(folder: Path) -> None:
    halving = [name for name in TENSOR_IDS if name.startswith("test_halve")]
    tasks = [task("2.1", "Twice", "double", 40), task("2.2", "Half", "halve", 60, halving)]
    describe(folder / "tensor", "tensor", 2, tasks, TENSOR_IDS, ["numpy>=2.0"])
    starter = folder / "tensor" / "starter"
    write(starter / "src" / "tinytorch" / "tensor" / "__init__.py", "from . import numbers\n")
    write(starter / "src" / "tinytorch" / "tensor" / "numbers.py", STARTER)
    write(starter / "pyproject.toml", '[project]\nname = "tinytorch-tensor"\n')
    write(starter / "lesson.md", "# Numbers\n\n## Twice\n\n## Half\n")
    write(folder / "tensor" / "lesson.ipynb", '{"cells": []}')
    for name, text in CHECKS.items():
        write(starter / "tests" / name, text)
        write(folder / "tensor" / "checks" / name, text)
    ids = ["test_on_top.py::test_it_stands_on_double"]
    needs = ["tinytorch-tensor>=0.1,<0.2"]
    top = task("3.1", "Top", "on_top", 100) | {"files": ["src/tinytorch/activations/top.py"]}
    describe(folder / "activations", "activations", 3, [top], ids, needs)
    write(folder / "activations" / "checks" / "test_on_top.py", DEPENDANT)
    write(folder / "activations" / "starter" / "src" / "tinytorch" / "activations" / "top.py", "")


def write_milestone(folder: Path) -> None:
    """What the made-up capstone must do on somebody's modules."""
    ids = ["test_whole.py::test_training"]
    tasks = [task("xornet.1", "All of it", "whole", 100)]
    describe(folder / "xornet", "xornet", None, tasks, ids, ["tinytorch-networks>=0.1,<0.2"])
    write(folder / "xornet" / "checks" / "test_whole.py", MILESTONE)


def task(
    name: str, title: str, function: str, points: int, tests: list[str] | None = None
) -> dict[str, object]:
    return {
        "id": name,
        "title": title,
        "points": points,
        "functions": [f"numbers.{function}"],
        "files": ["src/tinytorch/tensor/numbers.py"],
        "tests": tests or [f"test_{function}.py"],
        "lesson": title.lower(),
        "heading": title,
        "hint": f"Think of {function}.",
    }


def describe(
    folder: Path,
    name: str,
    number: int | None,
    tasks: list[dict[str, object]],
    ids: list[str],
    requirements: list[str],
) -> None:
    facts = {
        "name": name,
        "number": number,
        "import_name": f"tinytorch.{name}" if number else f"tinytorch_{name}",
        "part": 1,
        "title": name.capitalize(),
        "version": "0.1.0",
        "student_version": "0.1.0+student",
        "distribution": f"tinytorch-{name}",
        "requirements": requirements,
        "tasks": tasks,
        "checks": ids,
        "in_process": [],
    }
    write(folder / "module.json", json.dumps(facts))


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def numbers_of(project: Path) -> Path:
    return project / "src" / "tinytorch" / "tensor" / "numbers.py"


def solve(project: Path, double: str = RIGHT_DOUBLE, halve: str = RIGHT_HALVE) -> None:
    """Write these bodies in the place of what the starter has."""
    text = STARTER.replace(DOUBLE, double).replace(HALVE, halve)
    numbers_of(project).write_text(text, encoding="utf-8")
