"""What the command brings of each module is complete, the same each time, and tells no solution."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import material
from check_material import check_material
from collected_checks import Collected, CollectionError
from material import needed_to_write, write_material
from sample_workspace import Rewrite
from workspace import ROOT, Workspace

CHECKS = "packages/02_tensor/tests/contract/test_steps.py"
CHILD = Path("packages/course/src/tinytorch_course/checking")


@pytest.fixture
def workspace(root: Path) -> Workspace:
    """The sample, in which the command can really collect checks."""
    shutil.copytree(ROOT / CHILD, root / CHILD)
    return Workspace.load(root)


def written(workspace: Workspace, folder: Path) -> Path:
    modules = [package for package in workspace.of_kind("module") if package.name == "tensor"]
    write_material(workspace, folder, modules)
    return folder / "tensor"


def description(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "module.json").read_text("utf-8"))
    return found


def test_the_description(workspace: Workspace, tmp_path: Path) -> None:
    found = description(written(workspace, tmp_path / "out"))
    assert found["name"] == "tensor"
    assert (found["version"], found["student_version"]) == ("0.1.0", "0.1.0+student")
    assert found["checks"] == [f"test_steps.py::test_{k}" for k in range(1, 5)]
    assert found["in_process"] == []
    assert found["tasks"][3] == {
        "id": "2.4",
        "title": "Task 4",
        "points": 25,
        "functions": ["steps.Counter.four"],
        "files": ["src/tinytorch/tensor/steps.py"],
        "tests": ["test_steps.py::test_4"],
        "lesson": "task-4",
        "heading": "Task 4",
        "hint": "Return 4.",
        "hints": {"Counter.four": "Count to 4."},
    }


def test_every_parametrized_check_has_its_id(
    workspace: Workspace, rewrite: Rewrite, tmp_path: Path
) -> None:
    parameters = 'import pytest\n\n\n@pytest.mark.parametrize("k", ["a", "b"])\ndef test_1(k):'
    rewrite(CHECKS, "def test_1():", parameters)
    found = description(written(workspace, tmp_path / "out"))["checks"]
    assert found[:2] == ["test_steps.py::test_1[a]", "test_steps.py::test_1[b]"]


def test_checks_that_must_run_beside_the_code_are_listed(
    workspace: Workspace, rewrite: Rewrite, tmp_path: Path
) -> None:
    marked = 'import pytest\n\n\n@pytest.mark.in_process("writes through a view")\ndef test_2():'
    rewrite(CHECKS, "def test_2():", marked)
    found = description(written(workspace, tmp_path / "out"))
    assert found["in_process"] == ["test_steps.py::test_2"]
    assert "test_steps.py::test_2" in found["checks"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def test_1():", "def test_1(:", "SyntaxError"),
        ("import Counter", "import Abacus, Counter", "Abacus"),
        (
            "def test_1():",
            'import pytest\n\n\n@pytest.mark.parametrize("k", [len, object()], ids=str)\n'
            "def test_1(k):",
            "has an address in its name",
        ),
    ],
)
def test_checks_that_cannot_be_collected_stop_the_build(
    workspace: Workspace, rewrite: Rewrite, tmp_path: Path, old: str, new: str, said: str
) -> None:
    rewrite(CHECKS, old, new)
    with pytest.raises(CollectionError, match=said):
        written(workspace, tmp_path / "out")


def test_the_starter_is_a_project(workspace: Workspace, tmp_path: Path) -> None:
    starter = written(workspace, tmp_path / "out") / "starter"
    project = tomllib.loads((starter / "pyproject.toml").read_text("utf-8"))["project"]
    assert (project["name"], project["version"]) == ("tinytorch-tensor", "0.1.0+student")
    assert project["entry-points"]["tinytorch.modules"] == {"tensor": "tinytorch.tensor"}
    assert (starter / "tests" / "test_steps.py").is_file()
    assert (starter / "lesson.md").is_file()
    readme = (starter / "README.md").read_text("utf-8")
    assert "| 2.4 | Task 4 | 25 | steps.py: `Counter.four` |" in readme
    assert "tinytorch check --task 2.1" in readme


def test_what_a_command_does_stands_in_one_column(workspace: Workspace, tmp_path: Path) -> None:
    readme = (written(workspace, tmp_path / "out") / "starter" / "README.md").read_text("utf-8")
    told = ("the checks of those modules", "yours in place of the reference", "the reference back")
    lines = [next(line for line in readme.splitlines() if line.endswith(end)) for end in told]
    assert lines[1].startswith("    tinytorch swap tensor .  ")
    assert len({line.index(end) for line, end in zip(lines, told, strict=True)}) == 1


def test_a_capstone_brings_the_checks_of_its_milestone(
    workspace: Workspace, tmp_path: Path
) -> None:
    chosen = [package for package in workspace.of_kind("capstone") if package.name == "xornet"]
    write_material(workspace, tmp_path / "out", chosen)
    folder = tmp_path / "out" / "xornet"
    assert sorted(each.name for each in folder.iterdir()) == ["checks", "module.json"]
    facts = json.loads((folder / "module.json").read_text("utf-8"))
    assert facts["import_name"] == "tinytorch_xornet"
    assert facts["checks"] == ["test_whole.py::test_it_is_there"]


def test_dependencies_are_the_references(workspace: Workspace, tmp_path: Path) -> None:
    modules = [package for package in workspace.of_kind("module") if package.name == "activations"]
    write_material(workspace, tmp_path / "out", modules)
    file = tmp_path / "out" / "activations" / "starter" / "pyproject.toml"
    project = tomllib.loads(file.read_text("utf-8"))["project"]
    assert project["dependencies"] == ["tinytorch-tensor>=0.1,<0.2"]


def test_the_notebook_chooses_between_the_reference_and_the_students_files(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(workspace, tmp_path / "out")
    monkeypatch.chdir(folder / "starter")
    cells = json.loads((folder / "lesson.ipynb").read_text("utf-8"))["cells"]
    assert [each["cell_type"] for each in cells[:2]] == ["markdown", "code"]
    code = "".join(cells[1]["source"])
    assert "%autoreload 2" in code
    program = "".join(line for line in code.splitlines(True) if not line.startswith("%"))
    for mine in (False, True):
        source = folder / "starter" / "src" if mine else workspace.packages[1].source
        done = subprocess.run(
            [sys.executable, "-P", "-c", program.replace("mine = False", f"mine = {mine}")],
            env={**os.environ, "PYTHONPATH": str(workspace.packages[1].source)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith(f"running on {source.resolve()}")


def test_it_is_the_same_each_time(workspace: Workspace, tmp_path: Path) -> None:
    first, second = (written(workspace, tmp_path / name) for name in ("a", "b"))
    files = sorted(file.relative_to(first) for file in first.rglob("*") if file.is_file())
    assert files == sorted(f.relative_to(second) for f in second.rglob("*") if f.is_file())
    for file in files:
        assert (first / file).read_bytes() == (second / file).read_bytes(), file


def test_what_was_there_before_is_gone(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "out" / "old").mkdir(parents=True)
    written(workspace, tmp_path / "out")
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["tensor"]


def test_writing_needs_what_the_modules_need(workspace: Workspace) -> None:
    names = {line.partition(">")[0] for line in needed_to_write(workspace)}
    assert names == {"hypothesis", "jupytext", "packaging", "pytest"}


BODY = (
    "    total = 0\n    for value in range(12):\n        total += value * value\n    return total\n"
)


@pytest.fixture
def wheel(
    workspace: Workspace, rewrite: Rewrite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """One in which a task's body is long enough to be known again."""
    monkeypatch.setattr(material, "collect", lambda *_: Collected([], []))
    rewrite("packages/02_tensor/src/tinytorch/tensor/steps.py", "    return 1\n", BODY)
    write_material(workspace, tmp_path / "out")
    return packed(tmp_path)


def packed(folder: Path) -> Path:
    wheel = folder / "course.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in filter(Path.is_file, (folder / "out").rglob("*")):
            inside = file.relative_to(folder / "out")
            archive.write(file, f"tinytorch_course/material/{inside.as_posix()}")
    return wheel


def problems(workspace: Workspace, wheel: Path) -> list[str]:
    return list(check_material(workspace, wheel))


def test_a_sound_wheel(workspace: Workspace, wheel: Path) -> None:
    assert problems(workspace, wheel) == []


@pytest.mark.parametrize("file", ["lesson.ipynb", "checks/test_steps.py", "starter/README.md"])
def test_a_solution_anywhere_is_reported(
    workspace: Workspace, wheel: Path, tmp_path: Path, file: str
) -> None:
    leak = tmp_path / "out" / "tensor" / file
    text = BODY.replace("\n", "\\n") if file.endswith("ipynb") else BODY
    leak.write_text(leak.read_text("utf-8") + text, "utf-8")
    (problem,) = problems(workspace, packed(tmp_path))
    assert problem.endswith(f"tensor/{file} holds the solution of tensor.steps.one")


def test_a_body_that_was_not_emptied_is_reported(
    workspace: Workspace, wheel: Path, tmp_path: Path
) -> None:
    source = tmp_path / "out" / "tensor" / "starter" / "src" / "tinytorch" / "tensor" / "steps.py"
    text = source.read_text("utf-8")
    source.write_text(text.replace('raise NotImplementedError("task 2.2: two")', "return 2"))
    assert problems(workspace, packed(tmp_path)) == ["the starter of tensor holds the body of two"]


def test_a_missing_module_is_reported(workspace: Workspace, wheel: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "out" / "activations")
    told = problems(workspace, packed(tmp_path))
    assert "the material of activations is not of version 0.1.0" in told
    assert "the material of activations has no starter/pyproject.toml" in told
