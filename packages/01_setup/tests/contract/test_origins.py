"""Task 1.6: whose code is it."""

from pathlib import Path

import pytest

from tinytorch.setup import Evidence, classify

SITE = Path("/env/site-packages/tinytorch/tensor")
PROJECT = Path("/home/ada/tensor")
OTHER = Path("/somewhere/tinytorch/tensor/__init__.py")


def evidence(
    version: str | None = "0.1.0",
    folder: Path | None = None,
    recorded: Path | None = SITE,
    found: Path | None = SITE / "__init__.py",
) -> Evidence:
    return Evidence(version=version, folder=folder, recorded=recorded, found=found)


def test_a_plain_wheel_is_the_reference() -> None:
    assert classify(evidence()) == "reference"


@pytest.mark.parametrize("version", ["0.1.0.post1", "0.2.0rc1", "1.0+cpu", "10.0"])
def test_other_versions_are_the_reference_too(version: str) -> None:
    assert classify(evidence(version=version)) == "reference"


@pytest.mark.parametrize("version", ["0.1.0+student", "1.2+student"])
def test_a_version_marked_student_is_yours(version: str) -> None:
    assert classify(evidence(version=version)) == "student"


def test_a_copy_from_a_project_folder_is_yours_whatever_its_version() -> None:
    assert classify(evidence(folder=PROJECT)) == "student"


def test_an_editable_project_is_yours() -> None:
    found = PROJECT / "src" / "tinytorch" / "tensor" / "__init__.py"
    assert classify(evidence("0.1.0+student", PROJECT, PROJECT, found)) == "student"
    assert classify(evidence("0.1.0", PROJECT, PROJECT, found)) == "student"


@pytest.mark.parametrize("version", ["0.1.0", "0.1.0+student"])
@pytest.mark.parametrize("folder", [None, PROJECT])
def test_code_from_elsewhere_shadows_what_is_installed(version: str, folder: Path | None) -> None:
    assert classify(evidence(version, folder, found=OTHER)) == "shadowed"


def test_a_folder_whose_name_begins_alike_is_elsewhere() -> None:
    beside = SITE.with_name("tensor_old") / "__init__.py"
    assert classify(evidence(found=beside)) == "shadowed"


@pytest.mark.parametrize("version", ["0.1.0", "0.1.0+student"])
@pytest.mark.parametrize("folder", [None, PROJECT])
def test_metadata_without_code_is_broken(version: str, folder: Path | None) -> None:
    assert classify(evidence(version, folder, found=None)) == "broken"


def test_code_without_metadata_is_unpackaged() -> None:
    assert classify(evidence(version=None, recorded=None, found=OTHER)) == "unpackaged"


def test_neither_is_absent() -> None:
    assert classify(evidence(version=None, recorded=None, found=None)) == "absent"
