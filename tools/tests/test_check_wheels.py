"""A wheel that holds what it should not, or lacks what it should hold, is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from check_wheels import check_folder, check_metadata, check_paths
from workspace import Package

INFO = "tinytorch_tensor-0.1.0.dist-info"
SOUND = ["tinytorch/tensor/__init__.py", "tinytorch/tensor/py.typed", f"{INFO}/METADATA"]


@pytest.fixture
def tensor(root: Path) -> Package:
    return Package(root / "packages" / "02_tensor")


def test_a_sound_wheel_has_no_problems(tensor: Package) -> None:
    assert list(check_paths(tensor, SOUND)) == []


@pytest.mark.parametrize(
    "stray", ["tinytorch/__init__.py", "tinytorch/layers/x.py", "tests/test_x.py", "tinytorch/x.py"]
)
def test_a_path_outside_of_its_own_folder_is_reported(tensor: Package, stray: str) -> None:
    (problem,) = check_paths(tensor, [*SOUND, stray])
    assert f"holds {stray}, outside tinytorch/tensor/ and" in problem


@pytest.mark.parametrize("missing", SOUND[:2])
def test_a_missing_file_is_reported(tensor: Package, missing: str) -> None:
    (problem,) = check_paths(tensor, [name for name in SOUND if name != missing])
    assert f"holds no {missing}" in problem


def test_a_metapackage_ships_nothing(root: Path) -> None:
    part = Package(root / "packages" / "part1")
    assert list(check_paths(part, ["tinytorch_part1-0.1.0.dist-info/METADATA"])) == []
    (problem,) = check_paths(part, ["tinytorch_part1/__init__.py"])
    assert "a metapackage ships nothing" in problem


def test_another_version_and_no_description_are_reported(tensor: Package) -> None:
    assert list(check_metadata(tensor, b"Version: 0.1.0\n\nWords.\n")) == []
    problems = list(check_metadata(tensor, b"Version: 0.2.0\n\n"))
    assert ["0.2.0" in problems[0], "readme" in problems[1]] == [True, True]


def test_a_missing_changelog_is_reported(tensor: Package) -> None:
    (tensor.folder / "CHANGELOG.md").unlink()
    assert list(check_folder(tensor)) == ["CHANGELOG.md is missing"]
