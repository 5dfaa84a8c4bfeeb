"""A package that changed since its release needs a new version and a changelog entry."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from check_versions import check_package, known_tags, newest_entry, releases_of
from sample_workspace import Rewrite
from workspace import Package

TENSOR = "packages/02_tensor/pyproject.toml"
CHANGELOG = "packages/02_tensor/CHANGELOG.md"
STEPS = "packages/02_tensor/src/tinytorch/tensor/steps.py"


@pytest.fixture
def tensor(root: Path) -> Package:
    return Package(root / "packages" / "02_tensor")


@pytest.fixture
def released(root: Path, tensor: Package) -> Package:
    """The module, committed and tagged as released."""
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", "all"],
        ["tag", "tinytorch-tensor-v0.1.0"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    return tensor


def problems(package: Package) -> list[str]:
    tags = known_tags(package.folder.parent.parent)
    fresh = Package(package.folder)
    return list(check_package(fresh, releases_of(fresh, tags)))


def test_nothing_changed_since_the_release(released: Package) -> None:
    assert problems(released) == []


def test_a_change_needs_a_new_version(released: Package, rewrite: Rewrite) -> None:
    rewrite(STEPS, "return 1", "return 0 + 1")
    (problem,) = problems(released)
    assert "changed since its release 0.1.0" in problem


def test_a_new_version_needs_an_entry(released: Package, rewrite: Rewrite) -> None:
    rewrite(TENSOR, 'version = "0.1.0"', 'version = "0.1.1"')
    (problem,) = problems(released)
    assert "the version is 0.1.1, the newest entry of CHANGELOG.md is 0.1.0" in problem
    rewrite(CHANGELOG, "## 0.1.0", "## 0.1.1\n\n- Clearer.\n\n## 0.1.0")
    assert problems(released) == []


def test_tests_may_change_without_a_release(released: Package, rewrite: Rewrite) -> None:
    rewrite("packages/02_tensor/tests/contract/test_steps.py", "== 1", "== 1 + 0")
    assert problems(released) == []


def test_before_the_first_release_version_and_changelog_agree(
    tensor: Package, rewrite: Rewrite
) -> None:
    assert problems(tensor) == []
    rewrite(CHANGELOG, "## 0.1.0", "## 0.2.0")
    assert "the newest entry of CHANGELOG.md is 0.2.0" in problems(tensor)[0]


@pytest.mark.parametrize(
    "heading", ["## 0.1.0", "## [0.1.0]", "## v0.1.0", "## 0.1.0 (2026-01-31)"]
)
def test_headings_of_a_changelog(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text(f"# Changelog\n\n{heading}\n\n- Words.\n\n## 0.0.9\n", encoding="utf-8")
    assert str(newest_entry(path)) == "0.1.0"


def test_a_changelog_without_entries_is_reported(tensor: Package, rewrite: Rewrite) -> None:
    rewrite(CHANGELOG, "## 0.1.0", "")
    assert "has no entry" in problems(tensor)[0]
