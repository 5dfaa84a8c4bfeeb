"""Each thing that can be wrong in the graph is reported, with what to change."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_graph
from sample_workspace import Rewrite
from workspace import Workspace

SETUP, TENSOR = "packages/01_setup/pyproject.toml", "packages/02_tensor/pyproject.toml"
ACTIVATIONS = "packages/03_activations/pyproject.toml"
XORNET = "capstones/xornet/pyproject.toml"
PART = "packages/part1/pyproject.toml"
INIT = "packages/02_tensor/src/tinytorch/tensor/__init__.py"
NEEDS_TENSOR = '"tinytorch-tensor>=0.1,<0.2"'


def problems(root: Path) -> list[str]:
    return check_graph.problems(Workspace.load(root))


def test_a_sound_workspace_has_no_problems(root: Path) -> None:
    assert problems(root) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (ACTIVATIONS, f"[{NEEDS_TENSOR}]", "[]", "add tinytorch-tensor to dependencies"),
        (SETUP, "dependencies = []", f"dependencies = [{NEEDS_TENSOR}]", "does not know"),
        (ACTIVATIONS, ">=0.1,<0.2", ">=0.2,<0.3", "does not allow the current version 0.1.0"),
        (ACTIVATIONS, ">=0.1,<0.2", ">=0.1", "allows 0.2, which may break it"),
        (ACTIVATIONS, ">=0.1,<0.2", "<0.2", "has no lower bound; write >=0.1,<0.2"),
        (PART, '"tinytorch-setup>=0.1,<0.2", ', "", "add tinytorch-setup to dependencies"),
        (PART, '"tinytorch-course>=0.1,<0.2"', "", "add tinytorch-course to dependencies"),
        (PART, "tinytorch-setup>=0.1,<0.2", "tinytorch-gone>=0.1,<0.2", "holds tinytorch-gone"),
        (TENSOR, "number = 2", "number = 3", "number is 3, tools/course.toml has 2"),
        (TENSOR, 'title = "Tensor"', 'title = "Tensors"', "title is 'Tensors'"),
        (TENSOR, 'tensor = "tinytorch.tensor"', 'tensor = "tinytorch"', "entry-points"),
        ("tools/course.toml", 'name = "xornet"', 'name = "other"', "no capstone of tools/course"),
        (
            "README.md",
            "| yes |",
            "| no |",
            "README.md: outdated; run `python",
        ),
        ("packages/course/src/tinytorch_course/course.json", "Setup", "Set-up", "outdated; run"),
        (INIT, "stand-in", 'x"""\nimport tinytorch.activations\n"""', "does not declare"),
        (INIT, "stand-in", 'x"""\nimport tinytorch.layers\n"""', "no package of the workspace"),
        (INIT, "stand-in", 'x"""\nimport pytest\n"""', "add pytest to dependencies"),
        (TENSOR, "points = 25", "points = 24", "add up to 96: make it 100"),
        (TENSOR, 'id = "2.3"', 'id = "2.5"', "should have the id 2.3"),
        (TENSOR, "steps.three", "steps.five", "steps.py defines no five"),
        (TENSOR, "steps.three", "stops.three", "no file of tinytorch.tensor holds stops.three"),
        (TENSOR, "steps.Counter.four", "steps.Counter.nine", "defines no Counter.nine"),
        (TENSOR, "test_steps.py::test_2", "test_steps.py::test_9", "has no test_9"),
        (TENSOR, "test_steps.py::test_2", "test_none.py", "tests/contract has no test_none.py"),
        (TENSOR, 'lesson = "task-4"', 'lesson = "task-9"', "no heading with the anchor task-9"),
        (TENSOR, 'hints."two"', 'hints."too"', "hints speaks of too, which is none of"),
        (TENSOR, '"Count to 2."', '""', "task 2.2: the hint of two is empty"),
        (TENSOR, 'title = "Task 2"', 'title = ""', "task 2.2: title is missing"),
        (TENSOR, "number = 2", 'number = 2\nlesson-requires = ["layers"]', "not reached yet"),
        (TENSOR, "number = 2", 'number = 2\nlesson-requires = ["art"]', "which is no module"),
        (XORNET, 'title = "XORNet"', 'title = "Xor"', "title is 'Xor'"),
        (XORNET, "points = 100", "points = 90", "add up to 90: make it 100"),
        (XORNET, "test_whole.py", "test_part.py", "tests/milestone has no test_part.py"),
        (XORNET, "[[tool.tinytorch.tasks]]", "[tool.other]", "it has no tasks"),
    ],
)
def test_a_break_is_reported(
    root: Path, rewrite: Rewrite, path: str, old: str, new: str, said: str
) -> None:
    rewrite(path, old, new)
    assert any(said in problem for problem in problems(root)), problems(root)


def test_too_few_tasks_are_reported(root: Path) -> None:
    path = root / TENSOR
    head, *tasks = path.read_text("utf-8").split("[[tool.tinytorch.tasks]]")
    path.write_text("[[tool.tinytorch.tasks]]".join([head, *tasks[:3]]), encoding="utf-8")
    assert any("3 tasks: a module has 4 to 8" in problem for problem in problems(root))


def test_an_import_of_what_a_dependency_declares_is_allowed(root: Path, rewrite: Rewrite) -> None:
    init = "capstones/xornet/src/tinytorch_xornet/__init__.py"
    rewrite(init, "import tinytorch.activations", "import tinytorch.tensor")
    assert problems(root) == []


def test_a_library_declared_by_a_dependency_is_allowed(root: Path, rewrite: Rewrite) -> None:
    rewrite(TENSOR, "dependencies = []", 'dependencies = ["pytest>=8"]')
    rewrite("packages/03_activations/src/tinytorch/activations/steps.py", "math", "pytest, math")
    assert problems(root) == []
