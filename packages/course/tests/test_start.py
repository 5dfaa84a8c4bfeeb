"""`tinytorch start`: a whole project or nothing, and never over anything."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import made_up
import pytest


def test_the_project_and_the_next_step(writer):
    result = writer.invoke("start", "tensor")
    assert result.exit_code == 0, result.output
    assert made_up.numbers_of(Path("tensor")).read_text("utf-8") == made_up.STARTER
    assert result.stdout == (
        "Tensor is ready in tensor: 2 tasks, 100 points.\n\n"
        f'Read  {Path("tensor/lesson.md")}, to the end of "Twice"\n'
        f"Write {Path('tensor/src/tinytorch/tensor/numbers.py')}, task 2.1: Twice\n"
        "Check tinytorch check tensor --task 2.1\n"
    )


@pytest.mark.parametrize("spelling", ["tensor", "2", "02_tensor", "tinytorch-tensor", "TENSOR"])
def test_a_module_by_any_of_its_names(writer, spelling):
    assert writer.invoke("start", spelling, "--dir", "mine").exit_code == 0
    assert Path("mine/pyproject.toml").is_file()


def test_what_it_began_as_is_kept(project):
    base = project / ".tinytorch" / "base"
    assert made_up.numbers_of(base).read_text("utf-8") == made_up.STARTER
    facts = json.loads((project / ".tinytorch" / "project.json").read_text("utf-8"))
    assert facts == {"module": "tensor", "reference": "0.1.0"}


def test_another_folder_with_parents(writer):
    result = writer.invoke("start", "tensor", "--dir", "course work/t1")
    assert result.exit_code == 0, result.output
    assert Path("course work/t1/src").is_dir()
    assert f'tinytorch check "{Path("course work/t1")}" --task 2.1' in result.stdout
    assert [each.name for each in Path("course work").iterdir()] == ["t1"]


def test_an_empty_folder_is_taken(writer):
    Path("tensor").mkdir()
    assert writer.invoke("start", "tensor").exit_code == 0
    assert Path("tensor/src").is_dir()


def test_the_notebook_is_written_when_asked_for(writer):
    result = writer.invoke("start", "tensor", "--notebook")
    assert Path("tensor/lesson.ipynb").is_file()
    assert "lesson.ipynb, to the end of" in result.stdout


def test_no_notebook_otherwise(project):
    assert not (project / "lesson.ipynb").exists()


def refused(machine, *arguments: str) -> str:
    before = sorted(map(str, Path().rglob("*")))
    result = machine.invoke("start", *arguments)
    assert result.exit_code == 1, result.output
    assert sorted(map(str, Path().rglob("*"))) == before
    return result.stderr


def test_a_project_is_never_overwritten(writer, project):
    made_up.solve(project)
    said = refused(writer, "tensor")
    assert "'tensor' is a project already, and is left as it is." in said
    assert "Go on with it:  tinytorch check tensor" in said
    assert made_up.RIGHT_DOUBLE in made_up.numbers_of(project).read_text("utf-8")


def test_one_that_is_known_elsewhere_is_named(writer, project, monkeypatch, tmp_path):
    (tmp_path / "another folder").mkdir()
    monkeypatch.chdir(tmp_path / "another folder")
    said = refused(writer, "tensor")
    assert f"There is a project of 'tensor' already: {project}" in said
    assert f"Go on with it:  tinytorch check {project}" in said
    assert "Begin another on purpose:  tinytorch start tensor --dir FOLDER" in said
    assert writer.invoke("start", "tensor", "--dir", "tensor").exit_code == 0
    assert made_up.numbers_of(Path("tensor")).is_file()


def test_one_that_is_gone_is_in_nobodys_way(writer, project, monkeypatch, tmp_path):
    project.rename(project.with_name("moved"))
    assert writer.invoke("start", "tensor").exit_code == 0


@pytest.mark.parametrize("where", [".", "src/tinytorch"])
@pytest.mark.parametrize("options", [(), ("--dir", "again")])
def test_none_begins_within_one_of_its_module(writer, project, monkeypatch, where, options):
    monkeypatch.chdir(project / where)
    said = refused(writer, "tensor", *options)
    assert f"{project} is a project of 'tensor' already" in said
    assert "Go on with it:  tinytorch check\n" in said
    beside = os.path.relpath(project.with_name("tensor-2"))
    assert f"tinytorch start tensor --dir {beside}" in said
    assert writer.invoke("start", "tensor", "--dir", beside).exit_code == 0


def test_none_begins_within_a_copy_that_is_not_known(writer, project, monkeypatch):
    copy = shutil.copytree(project, project.with_name("handed on"))
    monkeypatch.chdir(copy)
    assert f"{copy} is a project of 'tensor' already" in refused(writer, "tensor")


def test_none_begins_within_one_of_another_module(writer, project, monkeypatch):
    monkeypatch.chdir(project)
    said = refused(writer, "activations")
    assert f"{project} is a project of 'tensor', and one of 'activations'" in said
    beside = os.path.join("..", "activations")
    assert f"Begin it beside that:  tinytorch start activations --dir {beside}" in said
    assert writer.invoke("start", "activations", "--dir", beside).exit_code == 0


def test_a_folder_with_something_in_it_is_left_alone(writer):
    for name in "gfedcba":
        made_up.write(Path("tensor", name), "")
    said = refused(writer, "tensor")
    assert "It holds a, b, c, d, e and 2 more." in said


def test_a_file_is_left_alone(writer):
    Path("tensor").write_text("mine")
    assert "'tensor' is a file" in refused(writer, "tensor")


def test_what_it_builds_on_must_be_there(machine):
    made_up.write_material(machine.root / "material")
    machine.install_numpy()
    said = refused(machine, "activations")
    assert "'activations' builds on modules that are not here: tensor." in said
    assert "tinytorch-part1" in said


def test_a_students_own_foundation_will_do(machine):
    made_up.write_material(machine.root / "material")
    machine.install_numpy()
    machine.install_project("tensor")
    assert machine.invoke("start", "activations").exit_code == 0


def test_libraries_must_be_there(machine):
    made_up.write_material(machine.root / "material")
    said = refused(machine, "tensor")
    assert "libraries that are not installed" in said
    assert "numpy>=2.0" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tensr", "The course has no module 'tensr'. Did you mean 'tensor'?"),
        ("xornet", "XORNet is a capstone"),
        ("spatial", "'spatial' is not yet released."),
    ],
)
def test_what_is_no_module_to_write(writer, name, said):
    assert said in refused(writer, name)


def test_without_a_module_is_misuse(writer):
    assert writer.invoke("start").exit_code == 2
