"""`tinytorch start`: a whole project or nothing, and never over anything."""

from __future__ import annotations

import json
from pathlib import Path

import made_up
import pytest


def test_the_project_and_the_next_step(writer):
    result = writer.invoke("start", "tensor")
    assert result.exit_code == 0, result.output
    assert made_up.numbers_of(Path("tensor")).read_text("utf-8") == made_up.STARTER
    assert result.stdout == (
        "Tensor is ready in tensor: 2 tasks, 100 points.\n\n"
        f'Read  {Path("tensor/lesson.md")}, from the beginning to "Twice"\n'
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
    assert "lesson.ipynb, from the beginning" in result.stdout


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
