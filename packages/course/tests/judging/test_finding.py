"""However a module's code was packed, it is found and graded."""

from __future__ import annotations

import ast
import shutil
import zipfile

import made_up
import pytest
from made_up_submissions import PYPROJECT, SOLVED, project

from tinytorch_course.grading.grade import Outcome, Weight


def remarks(grade) -> str:
    found = (each for each in grade.all_remarks if each.weight is not Weight.INFORMATION)
    return "\n".join(each.text for each in found)


def only_files(folder):
    made_up.write(folder / "numbers.py", SOLVED)


def only_src(folder):
    shutil.copytree(project(folder.with_name("whole")) / "src", folder)


def only_the_package(folder):
    shutil.copytree(project(folder.with_name("whole")) / "src" / "tinytorch" / "tensor", folder)


def in_a_folder_in_a_folder(folder):
    project(folder / "ada-tensor-main" / "tensor")


def beside_what_nobody_wrote(folder):
    project(folder / "tensor")
    project(folder / "tensor" / "build" / "lib", halve="    return 7\n")
    project(folder / "__MACOSX" / "tensor", halve="    return 7\n")
    project(folder / "tensor" / ".tinytorch" / "base", halve="    return 7\n")


PACKINGS = {
    each.__name__: each
    for each in (
        project,
        only_files,
        only_src,
        only_the_package,
        in_a_folder_in_a_folder,
        beside_what_nobody_wrote,
    )
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_it_is_found(graded, tmp_path, packing):
    PACKINGS[packing](tmp_path / "ada")
    grade = graded(tmp_path / "ada")
    assert grade.score == 100
    assert not remarks(grade)


def test_a_wheel(graded, tmp_path):
    source = project(tmp_path / "ada") / "src" / "tinytorch"
    wheel = tmp_path / "tinytorch_tensor-0.1.0+student-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in sorted(source.rglob("*.py")):
            archive.write(file, f"tinytorch/{file.relative_to(source)}")
        metadata = "Metadata-Version: 2.4\nName: tinytorch-tensor\nVersion: 0.1.0+student\n"
        archive.writestr("tinytorch_tensor-0.1.0+student.dist-info/METADATA", metadata)
    grade = graded(wheel)
    assert grade.score == 100
    assert not remarks(grade)


def test_a_stray_init_is_left_out_and_told(graded, tmp_path):
    folder = project(tmp_path / "ada")
    made_up.write(folder / "src" / "tinytorch" / "__init__.py", "raise SystemExit\n")
    grade = graded(folder)
    assert grade.score == 100
    assert "src/tinytorch/__init__.py was left out" in remarks(grade)


def test_a_misspelt_distribution_is_told(graded, tmp_path):
    grade = graded(project(tmp_path / "ada", pyproject=PYPROJECT.replace("tensor", "tensr")))
    assert grade.score == 100
    assert "called 'tinytorch-tensr' and not 'tinytorch-tensor'" in remarks(grade)


def test_a_project_of_an_older_reference_is_told(graded, tmp_path):
    grade = graded(project(tmp_path / "ada", pyproject=PYPROJECT.replace("0.1.0", "0.0.9")))
    assert grade.score == 100
    assert "begun from tensor 0.0.9, and is graded by the checks of 0.1.0" in remarks(grade)


BROKEN = {
    "nothing": "",
    "half a line": "name = ",
    "no version": "[project]\nname = 3\n",
    "a deep list": f"x = {'[' * 5000}",
    "a number without end": PYPROJECT.replace("0.1.0+student", "1" * 5000),
    "a long dotted key": f"{PYPROJECT}{'.'.join('a' * 20_000)} = 1\n",
    "much of it": PYPROJECT + "# a comment\n" * 20_000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_pyproject_costs_nothing(graded, tmp_path, text):
    grade = graded(project(tmp_path / "ada", pyproject=text))
    assert grade.score == 100
    assert "cannot be swapped in" in remarks(grade) or "is no version" in remarks(grade)
    assert grade.seconds < 10


@pytest.mark.parametrize("name", ["build", "dist", "env", "alternative"])
@pytest.mark.parametrize("packing", [project, only_the_package])
def test_a_subpackage_may_have_the_name_of_what_is_passed_by(graded, tmp_path, name, packing):
    folder = tmp_path / "ada"
    packing(folder)
    home = folder / "src" / "tinytorch" / "tensor" if packing is project else folder
    made_up.write(home / name / "counting.py", SOLVED)
    made_up.write(home / "numbers.py", f"from .{name}.counting import *\n")
    grade = graded(folder)
    assert grade.score == 100
    assert not remarks(grade)


def test_an_environment_in_the_zip_costs_nothing(graded, tmp_path):
    folder = project(tmp_path / "ada")
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        for k in range(10_001):
            archive.writestr(f".venv/lib/f{k}.py", "")
        for file in folder.rglob("*"):
            archive.write(file, file.relative_to(folder))
    grade = graded(tmp_path / "ada.zip")
    assert grade.score == 100
    assert not remarks(grade)


def likeness_of(grade) -> list[str]:
    found = (each for each in grade.all_remarks if not each.to_student)
    return [each.text for each in found]


def test_files_that_no_task_names_are_not_compared(graded, tmp_path, monkeypatch):
    parsed = []
    real = ast.parse
    monkeypatch.setattr(ast, "parse", lambda text, *more: parsed.append(len(text)) or real(text))
    folder = project(tmp_path / "ada")
    made_up.write(folder / "src" / "tinytorch" / "tensor" / "notes.py", "x;" * 200_000 + "\n")
    assert graded(folder).score == 100
    assert max(parsed) < 10_000


def test_too_large_a_file_is_not_compared_and_told(graded, tmp_path):
    folder = project(tmp_path / "ada", first="# a comment\n" * 10_000)
    grade = graded(folder)
    assert grade.score == 100
    assert likeness_of(grade) == ["numbers.py is too large to be compared with the reference"]


def test_a_number_that_cannot_be_written_is_compared_all_the_same(graded, tmp_path):
    halve = f"    big = 0x{'f' * 5000}\n" + made_up.RIGHT_HALVE
    assert graded(project(tmp_path / "ada", halve=halve)).score == 100


def test_a_misspelt_package_is_missing(graded, tmp_path):
    folder = project(tmp_path / "ada")
    home = folder / "src" / "tinytorch"
    (home / "tensor").rename(home / "tensr")
    (home / "tensr" / "numbers.py").rename(home / "tensr" / "counting.py")
    grade = graded(folder)
    (section,) = grade.sections
    assert {item.outcome for item in section.items} == {Outcome.MISSING}
    assert section.items[0].reason[1] == "it has tinytorch/tensr: is that a misspelling?"


@pytest.mark.parametrize("name", ["empty", "other.zip", "missing.rar"])
def test_nothing_of_the_module(graded, tmp_path, name):
    source = tmp_path / name
    if name == "empty":
        source.mkdir()
    else:
        made_up.write(source, "nothing")
    grade = graded(source)
    assert (grade.score, grade.possible) == (0, 100)
    assert {item.outcome for _, item in grade.items} == {Outcome.MISSING}


def test_compiled_files_are_left_out(graded, tmp_path):
    folder = project(tmp_path / "ada")
    (folder / "src" / "tinytorch" / "tensor" / "numbers.so").write_bytes(b"\x7fELF")
    grade = graded(folder)
    assert grade.score == 100
    assert "compiled files were left out, nobody can read them: numbers.so" in remarks(grade)


def test_a_file_where_the_starter_has_a_folder_and_the_other_way_round(graded, tmp_path):
    folder = project(tmp_path / "ada")
    home = folder / "src" / "tinytorch" / "tensor"
    (home / "numbers.py").unlink()
    made_up.write(home / "numbers.py" / "__init__.py", SOLVED)
    assert graded(folder).score == 0
