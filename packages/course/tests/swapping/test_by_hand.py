"""A project that an installer put in the reference's place is the same to all as a swapped one."""

from __future__ import annotations

import shutil

import made_up
import pytest

OLD, NEW = "reference 0.1.0", "mine 0.1.0+student"
BY_HAND = {
    "[tool.hatch.build.": '[tool.hatch.build]\ndev-mode-dirs = ["src"]\n\n[tool.hatch.build.',
}
"""As `tinytorch start` writes it: an editable install then needs nothing but hatchling."""
OPTIONS = ("--no-deps", "--no-build-isolation", "--quiet")


@pytest.fixture
def student(place):
    """Somebody who begins the module before they install anything."""
    made_up.write_material(place.machine.root / "material")
    return place


def install(student, installer: str, project, editable: bool) -> None:
    install = {"pip": student.pip, "uv": student.uv}[installer]
    install("install", *OPTIONS, *(["-e"] if editable else []), str(project))


@pytest.mark.parametrize("editable", [True, False], ids=["editable", "copy"])
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_the_same_as_a_swap(student, installer, editable):
    before = student.files()
    result = student.machine.invoke("start", "tensor")
    assert (result.exit_code, result.stderr) == (0, "")
    assert student.files() == before
    install(student, installer, student.project(changes=BY_HAND), editable)
    assert (student.state(), student.runs()) == ("yours", NEW)
    assert student.machine.run("run", "xornet")[1].split() == [b"mine"]
    student.pip("check")
    result = student.restore()
    assert result.exit_code == 0, result.output
    assert student.files() == before
    assert (student.state(), student.runs()) == ("reference", OLD)


def test_what_is_yours_is_not_kept_as_the_reference(student):
    student.swap(student.project())
    shutil.rmtree(student.home)
    student.machine.invoke("start", "tensor")
    assert student.kept("reference") == []
    assert student.restore().exit_code == 1


def test_a_new_environment_is_given_the_reference_that_another_kept(student):
    """Somebody makes a new environment, installs the course, and then their project by hand."""
    before = student.files()
    student.machine.invoke("start", "tensor")
    move_to_another_environment(student)
    install(student, "pip", student.project(changes=BY_HAND), editable=True)
    result = student.restore()
    assert result.exit_code == 0, result.output
    assert student.files() == before


def test_what_was_edited_in_another_environment_stays_there(student):
    file = student.site / "tinytorch" / "tensor" / "memory.py"
    file.write_text("def strides():\n    return 'edited'\n")
    student.machine.invoke("start", "tensor")
    move_to_another_environment(student)
    install(student, "pip", student.project(changes=BY_HAND), editable=True)
    result = student.restore()
    assert result.exit_code == 1
    assert "no reference is kept that could come back" in result.stdout
    assert "replaced before either saw it" in result.stdout
    assert "--force-reinstall --no-deps tinytorch-tensor==0.1.0" in result.stdout


def move_to_another_environment(student) -> None:
    (own,) = (each.parents[3] for each in student.kept("reference"))
    own.rename(own.with_name("another"))


def test_a_project_is_begun_even_where_nothing_can_be_kept(student):
    student.home.mkdir()
    (student.home / "environments").write_text("")
    result = student.machine.invoke("start", "tensor")
    assert result.exit_code == 0
    assert "could not be kept for `tinytorch restore tensor`" in result.stderr
    assert student.machine.invoke("check", "tensor").exit_code == 1
