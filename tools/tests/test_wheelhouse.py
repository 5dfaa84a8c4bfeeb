"""A wheel is built again when, and only when, what it is built from changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import wheelhouse
from sample_workspace import Rewrite
from workspace import Workspace


@pytest.fixture
def house(root: Path) -> Path:
    """A wheelhouse in which everything has just been built."""
    folder = root / "wheelhouse"
    folder.mkdir()
    workspace = Workspace.load(root)
    for package in workspace.packages:
        stem = f"{package.distribution.replace('-', '_')}-0.1.0"
        (folder / f"{stem}-py3-none-any.whl").touch()
        (folder / f"{stem}.tar.gz").touch()
        wheelhouse.record(workspace, package, folder)
    return folder


def outdated(root: Path, house: Path) -> list[str]:
    workspace = Workspace.load(root)
    return [p.name for p in wheelhouse.outdated(workspace, workspace.packages, house)]


def test_nothing_is_outdated_after_a_build(root: Path, house: Path) -> None:
    assert outdated(root, house) == []


def test_a_changed_source_is_outdated(root: Path, house: Path, rewrite: Rewrite) -> None:
    rewrite("packages/02_tensor/src/tinytorch/tensor/steps.py", "return 1", "return 0")
    assert outdated(root, house) == ["tensor"]


def test_a_missing_wheel_is_outdated(root: Path, house: Path) -> None:
    (house / "tinytorch_tensor-0.1.0-py3-none-any.whl").unlink()
    assert outdated(root, house) == ["tensor"]


def test_a_build_hook_depends_on_all(root: Path, house: Path, rewrite: Rewrite) -> None:
    target = "[tool.hatch.build.targets.wheel]"
    hook = '[tool.hatch.build.targets.wheel.hooks.custom]\npath = "x.py"'
    rewrite("packages/course/pyproject.toml", target, f"{hook}\n\n{target}")
    workspace = Workspace.load(root)
    command = workspace.named("course")
    assert command is not None
    wheelhouse.record(workspace, command, house)
    assert outdated(root, house) == []
    rewrite("packages/02_tensor/lesson.md", "# A lesson", "# The lesson")
    assert outdated(root, house) == ["tensor", "course"]
    for package in workspace.packages:
        wheelhouse.record(workspace, package, house)
    rewrite("tools/course.toml", "Tensor", "Tensors")
    assert outdated(root, house) == ["course"]


def test_what_the_build_itself_writes_makes_nothing_outdated(root: Path, house: Path) -> None:
    (root / "packages" / "course" / "material").mkdir()
    (root / "packages" / "course" / "material" / "module.json").write_text("{}")
    assert outdated(root, house) == []


def test_what_is_gone_from_the_workspace_is_dropped(root: Path, house: Path) -> None:
    (house / "tinytorch_gone-0.1.0-py3-none-any.whl").touch()
    wheelhouse.remove_strangers(Workspace.load(root), house)
    assert len(list(house.glob("*.whl"))) == len(json.loads((house / "built.json").read_text()))
