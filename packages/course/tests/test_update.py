"""A project follows a newer reference, and nothing of the student's is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import made_up
import pytest

from tinytorch_course import json_file, whole_file
from tinytorch_course.updating import applying, merging


@pytest.fixture
def newer(writer, project):
    """The command now knows a newer reference: `edit` changes a file of its starter."""
    starter = writer.root / "material" / "tensor" / "starter"
    facts = writer.root / "material" / "tensor" / "module.json"
    facts.write_text(facts.read_text().replace('"0.1.0"', '"0.1.1"'))

    def edit(name: str, old: str, new: str) -> None:
        file = starter / name
        text = file.read_text() if file.is_file() else ""
        assert old in text
        made_up.write(file, text.replace(old, new) if old else new)

    return edit


WRITING = ((whole_file, "replace"), (applying, "_replace_base"), (applying, "_note"))
NUMBERS = "src/tinytorch/tensor/numbers.py"


def contents(folder: Path) -> dict[str, bytes]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


def fates(told) -> dict[str, str]:
    return {each.path: each.fate for each in told.files}


def test_nothing_to_do(writer, project):
    made_up.solve(project)
    before = contents(project)
    told = writer.json("update", "tensor")
    assert (told.files, told.exit_code) == ([], 0)
    assert contents(project) == before
    assert "nothing to do" in writer.invoke("update", "tensor").stdout


def test_a_students_bodies_and_newer_given_parts_come_together(writer, project, newer):
    """Even where the line above a body is new: it is no conflict."""
    made_up.solve(project)
    newer(NUMBERS, '"""Twice x."""', '"""Twice x, which is x + x."""')
    newer(NUMBERS, "    return x\n", "    return +x\n")
    newer("lesson.md", "# Numbers", "# All about numbers")
    newer("tests/test_more.py", "", "def test_more():\n    pass\n")
    told = writer.json("update", "tensor")
    assert told.exit_code == 0
    assert fates(told) == {
        "lesson.md": "updated",
        NUMBERS: "merged",
        "tests/test_more.py": "added",
    }
    text = made_up.numbers_of(project).read_text()
    for piece in (made_up.RIGHT_DOUBLE, made_up.RIGHT_HALVE, "which is x + x", "return +x"):
        assert piece in text
    assert json_file.read(project / ".tinytorch" / "project.json")["reference"] == "0.1.1"
    assert writer.json("check", "tensor", "--task", "2.1").passed
    assert writer.json("update", "tensor").files == []


def test_a_students_own_changes_of_given_parts_stay(writer, project, newer):
    file = made_up.numbers_of(project)
    file.write_text('"""My numbers."""\n\nMINE = 1\n' + file.read_text().split("\n", 1)[1])
    made_up.write(project / "notes.txt", "mine")
    newer(NUMBERS, "    return x\n", "    return +x\n")
    assert writer.json("update", "tensor").exit_code == 0
    assert "MINE = 1" in file.read_text()
    assert "return +x" in file.read_text()
    assert (project / "notes.txt").read_text() == "mine"


def test_a_conflict_leaves_theirs_and_lays_the_newer_beside(writer, project, newer):
    file = made_up.numbers_of(project)
    file.write_text(file.read_text().replace("    return x\n", "    return x + 0\n"))
    before = file.read_bytes()
    newer(NUMBERS, "    return x\n", "    return +x\n")
    shown = writer.invoke("update", "tensor", "--dry-run").stdout
    assert "the newer one lies beside it" in shown
    told = writer.json("update", "tensor")
    assert told.exit_code == 1
    assert fates(told) == {NUMBERS: "conflict"}
    assert file.read_bytes() == before
    assert "return +x" in file.with_name("numbers.py.new").read_text()
    assert writer.json("update", "tensor").files == []  # told once


def test_a_task_that_has_moved_is_told(writer, project, newer):
    made_up.solve(project)
    before = made_up.numbers_of(project).read_bytes()
    newer(NUMBERS, "def halve(", "def half_of(")
    (told,) = writer.json("update", "tensor").files
    assert (told.fate, told.lost) == ("conflict", ["halve"])
    assert made_up.numbers_of(project).read_bytes() == before


def test_code_that_is_no_python_is_merged_by_lines(writer, project, newer):
    made_up.solve(project, double="    return x +\n")
    newer(NUMBERS, "    return x\n", "    return +x\n")
    assert fates(writer.json("update", "tensor")) == {NUMBERS: "merged"}
    text = made_up.numbers_of(project).read_text()
    assert "    return x +\n" in text
    assert "return +x" in text


def test_windows_line_ends_stay(writer, project, newer):
    made_up.solve(project)
    file = made_up.numbers_of(project)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    newer(NUMBERS, "    return x\n", "    return +x\n")
    assert fates(writer.json("update", "tensor")) == {NUMBERS: "merged"}
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")


def test_deleted_files(writer, project, newer):
    """One that the student deleted stays so; one that the newer starter lacks goes if untouched."""
    starter = writer.root / "material" / "tensor" / "starter"
    (project / "lesson.md").unlink()
    newer("lesson.md", "# Numbers", "# All about numbers")
    (starter / "tests" / "test_same.py").unlink()
    (starter / "tests" / "test_halve.py").unlink()
    made_up.write(project / "tests" / "test_halve.py", "mine")
    assert fates(writer.json("update", "tensor")) == {
        "lesson.md": "kept",
        "tests/test_halve.py": "kept",
        "tests/test_same.py": "removed",
    }
    assert not (project / "lesson.md").exists()
    assert not (project / "tests" / "test_same.py").exists()
    assert (project / "tests" / "test_halve.py").read_text() == "mine"


def test_a_dry_run_changes_nothing(writer, project, newer):
    newer("lesson.md", "# Numbers", "# All about numbers")
    before = contents(project)
    told = writer.json("update", "tensor", "--dry-run")
    assert (fates(told), told.done) == ({"lesson.md": "updated"}, False)
    assert contents(project) == before


def test_undo_brings_back_every_byte(writer, project, newer):
    made_up.solve(project)
    before = contents(project)
    newer(NUMBERS, "    return x\n", "    return +x\n")
    newer("tests/test_more.py", "", "x = 1\n")
    (writer.root / "material" / "tensor" / "starter" / "tests" / "test_same.py").unlink()
    writer.json("update", "tensor")
    assert contents(project) != before
    result = writer.invoke("update", "tensor", "--undo")
    assert result.exit_code == 0, result.output
    assert contents(project) == before
    assert "was not updated" in writer.invoke("update", "tensor", "--undo").output


def test_undo_keeps_what_was_written_since(writer, project, newer):
    newer(NUMBERS, "    return x\n", "    return +x\n")
    writer.json("update", "tensor")
    made_up.solve(project)
    written = made_up.numbers_of(project).read_bytes()
    writer.invoke("update", "tensor", "--undo")
    assert made_up.numbers_of(project).with_name("numbers.py.later").read_bytes() == written


@pytest.mark.parametrize("step", range(8))
def test_an_update_that_is_cut_short_is_taken_back(writer, project, newer, monkeypatch, step):
    """At any write: the next update begins from what was there."""
    made_up.solve(project)
    newer(NUMBERS, "    return x\n", "    return +x\n")
    newer("lesson.md", "# Numbers", "# All about numbers")
    newer("tests/test_more.py", "", "x = 1\n")
    count = 0

    def counted(real):
        def call(*arguments, **options):
            nonlocal count
            count += 1
            if count > step:
                raise KeyboardInterrupt
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for owner, name in WRITING:
            patch.setattr(owner, name, counted(getattr(owner, name)))
        assert writer.invoke("update", "tensor").exit_code != 0
    told = writer.json("update", "tensor")
    text = made_up.numbers_of(project).read_text()
    assert made_up.RIGHT_DOUBLE in text
    assert "return +x" in text
    assert (project / "tests" / "test_more.py").is_file()
    assert told.to == "0.1.1"
    assert writer.json("update", "tensor").files == []


def test_an_older_command_refuses(writer, project):
    file = project / ".tinytorch" / "project.json"
    file.write_text(json.dumps({"module": "tensor", "reference": "0.2.0"}))
    result = writer.invoke("update", "tensor")
    assert result.exit_code == 1
    assert "this command knows 0.1.0" in result.output


def test_a_project_that_nobody_began_is_refused(writer, project):
    shutil.rmtree(project / ".tinytorch" / "base")
    assert "nobody knows what it began as" in writer.invoke("update", "tensor").output


@pytest.mark.parametrize(
    ("base", "theirs", "new", "expected"),
    [
        ("abc", "abc", "abc", "abc"),
        ("abc", "xabc", "abcy", "xabcy"),
        ("abcd", "abXcd", "abcdY", "abXcdY"),
        ("abc", "ac", "abcd", "acd"),
        ("abc", "aXc", "aXc", "aXc"),
        ("abc", "aXc", "aYc", None),
        ("", "a", "", "a"),
        ("", "a", "b", None),
        ("abc", "", "abc", ""),
        ("abc", "", "abcd", None),
    ],
)
def test_lines_are_merged(base, theirs, new, expected):
    found = merging.merge(list(base), list(theirs), list(new))
    assert found == (None if expected is None else list(expected))
