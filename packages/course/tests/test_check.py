"""`tinytorch check`: the course's checks on a student's files, and what it says of them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import made_up
import pytest


def checked(machine, *arguments: str):
    return machine.json("check", *arguments)


def tasks(told) -> dict[str, tuple[int, int, int]]:
    return {each.id: (each.points, each.checks_passed, each.checks) for each in told.tasks}


def test_an_untouched_starter_scores_nothing(writer, project):
    told = checked(writer, "tensor")
    assert (told.exit_code, told.passed, told.points, told.possible) == (1, False, 0, 100)
    assert tasks(told) == {"2.1": (0, 0, 4), "2.2": (0, 0, 2)}
    assert told.tasks[0].first_wrong.explanation == [
        "double is not written yet (src/tinytorch/tensor/numbers.py, line 8)"
    ]


def test_a_right_solution_scores_everything(writer, project):
    made_up.solve(project)
    told = checked(writer, "tensor")
    assert (told.exit_code, told.passed, told.points, told.unexpected) == (0, True, 100, [])
    assert tasks(told) == {"2.1": (40, 4, 4), "2.2": (60, 2, 2)}
    assert (told.rest.checks_passed, told.rest.checks) == (1, 1)


def test_nothing_is_installed_or_left_behind(writer, project):
    made_up.solve(project)
    before = {path for path in writer.site.rglob("*") if "__pycache__" not in path.parts}
    files = set(project.rglob("*"))
    checked(writer, "tensor")
    assert {p for p in writer.site.rglob("*") if "__pycache__" not in p.parts} == before
    assert set(project.rglob("*")) - files == {project / ".tinytorch" / "progress.json"}


def test_points_are_for_whole_tasks(writer, project):
    """Half of the checks of 2.2 pass: that shows, and gives no points."""
    made_up.solve(project, halve="    return x // 2\n")
    told = checked(writer, "tensor")
    assert tasks(told) == {"2.1": (40, 4, 4), "2.2": (0, 1, 2)}
    assert told.rest is None


def test_one_task(writer, project):
    made_up.solve(project, halve="    return 1 / 0\n")
    told = checked(writer, "tensor", "--task", "2.1")
    assert (told.exit_code, tasks(told)) == (0, {"2.1": (40, 4, 4)})
    assert checked(writer, "tensor", "--task", "2.2").exit_code == 1


def explanation(machine, number: int = 0) -> list[str]:
    return checked(machine, "tensor").tasks[number].first_wrong.explanation


def test_a_wrong_result_is_told_in_the_checks_words(writer, project):
    made_up.solve(project, double="    return x * x\n")
    assert explanation(writer)[0] == "double(1) gave 1, expected 2"


def test_a_comparison_without_words_is_spelled_out(writer, project):
    made_up.solve(project, double="    return 2 * x or None\n")
    assert explanation(writer)[0].startswith("should hold, and does not: None == 0")


def test_an_exception_is_told_with_the_students_own_line(writer, project):
    made_up.solve(project, double="    return x.twice\n")
    assert explanation(writer) == [
        "AttributeError: 'int' object has no attribute 'twice'",
        "in the check: found = numbers.double(x)",
        "src/tinytorch/tensor/numbers.py, line 8 in double",
        "    return x.twice",
    ]


def test_an_error_told_anew_is_shown_where_it_was_raised(writer, project):
    code = """\
    try:
        return x.twice
    except AttributeError as error:
        raise ValueError("double: told anew") from error
"""
    made_up.solve(project, double=code)
    assert explanation(writer) == [
        "ValueError: double: told anew",
        "in the check: found = numbers.double(x)",
        "src/tinytorch/tensor/numbers.py, line 9 in double",
        "    return x.twice",
    ]


def test_a_missing_refusal_is_told(writer, project):
    made_up.solve(project, halve="    return x // 2\n")
    assert explanation(writer, 1)[0] == "an error should be raised here (ValueError), and none is"


def test_what_another_task_lacks_is_named(writer, project):
    made_up.solve(project, double=made_up.DOUBLE)
    assert explanation(writer, 1) == [
        "double is needed here, and is not written yet: it is task 2.1"
    ]


def test_a_missing_function(writer, project):
    file = made_up.numbers_of(project)
    file.write_text(made_up.STARTER.replace("def double", "def duble"))
    assert explanation(writer)[0].startswith("AttributeError: module 'tinytorch.tensor.numbers'")


def test_what_the_code_prints_is_shown_where_it_fails(writer, project):
    made_up.solve(project, double="    print('x is', x)\n    return 7\n")
    assert explanation(writer)[-2:] == ["printed meanwhile:", "    x is 1"]


def test_what_the_code_prints_does_no_harm(writer, project):
    made_up.solve(project, double="    print('x is', x)\n    return 2 * x\n")
    assert checked(writer, "tensor", "--task", "2.1").passed


def test_a_hint_only_if_asked_for(writer, project):
    assert "Think of double." not in writer.invoke("check", "tensor").stdout
    assert "hint: Think of double." in writer.invoke("check", "tensor", "--hint").stdout
    assert checked(writer, "tensor", "--hint").tasks[1].hint == "Think of halve."


def test_what_is_shown(writer, project):
    made_up.solve(project, halve=made_up.HALVE)
    told = writer.invoke("check", "tensor").stdout.splitlines()
    head = f"Tensor  {project}"
    assert [line.rstrip() for line in told] == [
        head,
        "",
        "  ✓ 2.1   Twice                                     40 of 40   4 checks",
        "  ○ 2.2   Half                                       0 of 60   0 of 2 checks",
        "",
        "          halve is not written yet (src/tinytorch/tensor/numbers.py, line 13)",
        '          read: lesson.md, "Half"',
        "",
        "40 of 100 points",
        "Next  tinytorch check tensor --task 2.2 --hint",
    ]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_any_encoding(writer, project, encoding):
    made_up.solve(project, double="    raise ValueError('Größe: 張')\n")
    writer.environment = {"PYTHONIOENCODING": encoding}
    code, out, err = writer.run("check", "tensor")
    assert (code, err) == (1, b"")
    assert b"ValueError: Gr" in out


def test_what_comes_after_a_task_that_passes(writer, project):
    made_up.solve(project, halve=made_up.HALVE)
    told = writer.invoke("check", "tensor", "--task", "2.1").stdout
    assert told.endswith("40 of 40 points\nNext  tinytorch check tensor --task 2.2\n")
    made_up.solve(project)
    told = writer.invoke("check", "tensor", "--task", "2.2").stdout
    assert told.endswith("60 of 60 points\nNext  tinytorch check tensor\n")


def test_in_the_project_no_name_is_needed(writer, project, monkeypatch):
    made_up.solve(project)
    monkeypatch.chdir(project / "src" / "tinytorch")
    assert writer.invoke("check").stdout.endswith("Next  tinytorch check --dependants\n")


def test_beside_the_only_project_no_name_is_needed(writer, project):
    assert checked(writer).module == "tensor"


def test_by_path_and_by_name_from_anywhere(writer, project, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert checked(writer, str(project)).module == "tensor"
    assert Path(checked(writer, "tensor").project) == project


def test_a_copy_without_the_commands_own_folder(writer, project):
    """Somebody may hand on no more than the sources."""
    for file in sorted((project / ".tinytorch").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    (project / ".tinytorch").rmdir()
    project.rename("handed-in")
    assert checked(writer, "handed-in").module == "tensor"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "This folder is no project, and holds none."),
        (("tensor",), "There is no project of 'tensor' here."),
        (("nothing",), "There is no folder 'nothing', and no module of that name."),
        (("empty",), "empty is no project of the course"),
    ],
)
def test_no_project(writer, arguments, said):
    Path("empty").mkdir()
    result = writer.invoke("check", *arguments)
    assert result.exit_code == 1
    assert said in result.stderr


def test_two_projects_must_be_told_apart(writer, project):
    writer.invoke("start", "tensor", "--dir", "another")
    result = writer.invoke("check")
    assert result.exit_code == 1
    assert "several projects here: another, tensor" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--task", "9.9"), "'tensor' has no task 9.9. It has 2.1, 2.2."),
        (("--watch", "--json"), "choose one"),
        (("--time-limit", "0"), "--time-limit"),
    ],
)
def test_misuse(writer, project, options, said):
    result = writer.invoke("check", "tensor", *options)
    assert result.exit_code == 2
    assert said in result.stderr


def test_dependants_run_on_the_students_code(writer, project):
    made_up.solve(project)
    (dependant,) = checked(writer, "tensor", "--dependants").dependants
    assert (dependant.module, dependant.passed) == ("activations", True)
    made_up.solve(project, double="    return x + x if x < 5 else 0\n")
    told = checked(writer, "tensor", "--dependants")
    assert (told.points, told.exit_code) == (100, 1)
    assert told.dependants[0].first_wrong.explanation[0] == "five and five"


def test_results_are_kept_and_shown_by_status(writer, project):
    made_up.solve(project, halve=made_up.HALVE)
    checked(writer, "tensor", "--task", "2.1")
    kept = json.loads((project / ".tinytorch" / "progress.json").read_text("utf-8"))
    assert kept["tasks"] == {"2.1": {"points": 40, "passed": 4, "checks": 4}}
    (shown,) = writer.json("status").projects
    assert (shown.module, shown.points, shown.next_task) == ("tensor", 40, "2.2")
    assert writer.json("status").next[0].command == "tinytorch check tensor --task 2.2"
    assert f"tensor           40 of 100 points  {project}" in writer.invoke("status").stdout


def test_a_task_that_was_not_checked_keeps_its_points(writer, project):
    made_up.solve(project)
    checked(writer, "tensor")
    made_up.solve(project, halve=made_up.HALVE)
    checked(writer, "tensor", "--task", "2.2")
    assert writer.json("status").projects[0].points == 40


def test_a_moved_project_is_known_again_after_a_check(writer, project):
    moved = project.rename(project.with_name("moved"))
    assert writer.json("status").projects == []
    checked(writer, "moved")
    assert [Path(each.folder) for each in writer.json("status").projects] == [moved]


def test_without_the_latest_project_the_one_before_counts(writer, project):
    writer.invoke("start", "tensor", "--dir", "another")
    assert Path(writer.json("status").projects[0].folder).name == "another"
    Path("another").rename("gone")
    assert Path(writer.json("status").projects[0].folder) == project


@pytest.mark.parametrize("text", ["", "{", "[]", '{"projects": 3}', '{"projects": {"tensor": 1}}'])
def test_a_broken_list_of_projects_does_no_harm(writer, project, text):
    (writer.root / "home" / "projects.json").write_text(text)
    assert writer.json("status").projects == []
    assert checked(writer, "tensor").points == 0
    assert len(writer.json("status").projects) == 1


@pytest.mark.parametrize("text", ["", '{"tasks": {"2.1": 3, "2.2": {"points": "x"}}}'])
def test_broken_results_do_no_harm(writer, project, text):
    (project / ".tinytorch" / "progress.json").write_text(text)
    assert writer.json("status").projects[0].points == 0
    made_up.solve(project)
    assert checked(writer, "tensor").points == 100
    assert writer.json("status").projects[0].points == 100


def test_a_finished_project_is_no_next_step(writer, project):
    made_up.solve(project)
    checked(writer, "tensor")
    commands = [each.command for each in writer.json("status").next]
    assert commands == ["tinytorch run xornet", "tinytorch start activations"]


def test_watching_checks_again_after_a_save(writer, project):
    process = writer.start("check", "tensor", "--task", "2.1", "--watch")
    try:
        read_until(process, b"Waiting")
        made_up.solve(project)
        assert b"40 of 40" in read_until(process, b"Waiting")
    finally:
        process.kill()
        process.communicate()


def read_until(process, text: bytes) -> bytes:
    os.set_blocking(process.stdout.fileno(), False)
    seen = b""
    deadline = time.monotonic() + 20
    while text not in seen:
        assert time.monotonic() < deadline, seen
        seen += process.stdout.read(10_000) or b""
        time.sleep(0.05)
    return seen
