"""`tinytorch check`: the course's checks on a student's files, and what it says of them."""

from __future__ import annotations

import json
import os
import shutil
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
        "where x = 1",
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
        "where x = 1",
        "src/tinytorch/tensor/numbers.py, line 9 in double",
        "    return x.twice",
    ]


def test_a_missing_refusal_is_told(writer, project):
    made_up.solve(project, halve="    return x // 2\n")
    assert explanation(writer, 1) == [
        "this should raise a ValueError, and raises nothing",
        "in the check: numbers.halve(3)",
    ]


def test_another_error_than_the_one_awaited_is_told(writer, project):
    made_up.solve(project, halve="    return {4: 2}[x] if x % 2 else x // 2\n")
    assert explanation(writer, 1)[:3] == [
        "KeyError: 3",
        "in the check: numbers.halve(3)",
        "which should raise a ValueError",
    ]


def test_what_is_written_and_wrong_comes_before_what_is_not_written(writer, one_task):
    made_up.solve(one_task, double="    return 3 * x\n")
    file = made_up.numbers_of(one_task)
    code = made_up.HALVE.replace("2.2: halve", "2.1: same")
    file.write_text(file.read_text().replace("    return x\n", code))
    assert explanation(writer)[0] == "double(2) gave 6"


def test_an_error_raised_in_what_is_given_shows_the_tasks_own_line(writer, project):
    made_up.solve(project, double="    return same(x)\n")
    file = made_up.numbers_of(project)
    file.write_text(file.read_text().replace("    return x\n", "    return x.missing\n"))
    assert explanation(writer)[-2:] == [
        "src/tinytorch/tensor/numbers.py, line 8 in double",
        "    return same(x)",
    ]


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


@pytest.mark.parametrize("command", ["check", "update"])
def test_where_no_project_is_the_known_ones_are_named(
    writer, project, monkeypatch, tmp_path, command
):
    writer.invoke("start", "activations")
    monkeypatch.chdir(tmp_path)
    for arguments in ((), ("nothing",)):
        said = writer.invoke(command, *arguments).stderr
        for name in ("tensor", "activations"):
            assert f"Your project of '{name}':  tinytorch {command} {name}\n" in said


def test_in_a_project_it_is_the_one_that_is_named(writer, monkeypatch):
    writer.invoke("start", "activations")
    monkeypatch.chdir("activations")
    for name in ("tensor", "nothing"):
        said = writer.invoke("check", name).stderr
        assert "You are in your project of 'activations':  tinytorch check\n" in said
        assert "tinytorch check tensor" not in said
    beside = os.path.join("..", "tensor")
    begin = f"Begin one:  tinytorch start tensor --dir {beside}\n"
    assert begin in writer.invoke("check", "tensor").stderr
    assert writer.invoke("start", "tensor", "--dir", beside).exit_code == 0


def test_where_none_is_known_one_can_be_begun(writer):
    for arguments in ((), ("nothing",)):
        said = writer.invoke("check", *arguments).stderr
        assert "Begin a project:  tinytorch start setup\n" in said


@pytest.mark.parametrize("where", [".", "src/tinytorch"])
def test_in_a_project_its_modules_name_means_it(writer, project, monkeypatch, where):
    """Whatever folder of that name lies there: the package, or a project begun there by mistake."""
    shutil.copytree(project, project / "tensor")
    made_up.solve(project)
    monkeypatch.chdir(project / where)
    told = checked(writer, "tensor")
    assert (Path(told.project), told.points) == (project, 100)


def test_in_a_project_one_within_it_has_a_path(writer, project, monkeypatch):
    inner = shutil.copytree(project, project / "tensor")
    monkeypatch.chdir(project)
    for path in (os.path.join(".", "tensor"), os.path.join("tensor", "")):
        assert Path(checked(writer, path).project) == inner


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
    row = {"points": 40, "passed": 4, "checks": 4, "source": kept["source"]}
    assert kept["tasks"] == {"2.1": row}
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


THREE = """\
import pytest

from tinytorch.tensor import numbers


@pytest.mark.parametrize("name", ["double", "same"])
def test_of_zero(name):
    assert getattr(numbers, name)(0) == 0


def test_double():
    assert numbers.double(2) == 4, f"double(2) gave {numbers.double(2)}"


def test_halve_undoes_double():
    assert numbers.halve(numbers.double(4)) == 4
"""
THREE_IDS = ["test_of_zero[double]", "test_of_zero[same]", "test_double"]


@pytest.fixture
def one_task(writer, project):
    """All three functions in one task."""
    folder = writer.root / "material" / "tensor"
    ids = [f"test_three.py::{name}" for name in (*THREE_IDS, "test_halve_undoes_double")]
    task = made_up.task("2.1", "All", "double", 100, ["test_three.py"])
    task["functions"] = ["numbers.double", "numbers.halve", "numbers.same"]
    made_up.write(folder / "checks" / "test_three.py", THREE)
    made_up.describe(folder, "tensor", 2, [task], ids, ["numpy>=2.0"])
    return project


def functions(machine) -> dict[str, list[str]]:
    return vars(checked(machine, "tensor").tasks[0].functions)


def test_which_functions_are_right(writer, one_task):
    made_up.solve(one_task, halve=made_up.HALVE)
    told = {"right": ["double", "same"], "wrong": [], "unwritten": ["halve"], "unclear": []}
    assert functions(writer) == told
    shown = writer.invoke("check", "tensor").stdout
    assert "          right: double, same; not written: halve\n" in shown


def test_which_functions_are_wrong(writer, one_task):
    made_up.solve(one_task, double="    return 3 * x\n")
    told = {"right": ["same"], "wrong": ["double"], "unwritten": [], "unclear": ["halve"]}
    assert functions(writer) == told


def test_a_function_is_wrong_that_raises(writer, one_task):
    made_up.solve(one_task, halve="    return x / 0\n")
    told = {"right": ["double", "same"], "wrong": ["halve"], "unwritten": [], "unclear": []}
    assert functions(writer) == told


def test_who_calls_a_wrong_function_is_not_accused(writer, one_task):
    made_up.solve(one_task, double="    return 3 * same(x)\n", halve="    return double(x) // 4\n")
    file = made_up.numbers_of(one_task)
    file.write_text(file.read_text().replace("return x\n", "return x + 1\n"))
    found = functions(writer)
    assert (found["wrong"], found["right"]) == (["same"], [])
    assert found["unclear"] == ["double", "halve"]


def test_what_all_that_fail_call_is_suspected(writer, one_task):
    """No check speaks of `base`, which two others stand on."""
    folder = writer.root / "material" / "tensor"
    ids = [f"test_three.py::{name}" for name in (*THREE_IDS, "test_halve_undoes_double")]
    task = made_up.task("2.1", "All", "double", 100, ["test_three.py"])
    task["functions"] = [f"numbers.{name}" for name in ("base", "double", "halve", "same")]
    made_up.describe(folder, "tensor", 2, [task], ids, ["numpy>=2.0"])
    calls = "    return {} * base(x)\n"
    made_up.solve(one_task, double=calls.format(2), halve=made_up.RIGHT_HALVE)
    file = made_up.numbers_of(one_task)
    code = file.read_text().replace("    return x\n", calls.format(1))
    file.write_text(code + "\n\ndef base(x: int) -> int:\n    return x + 1\n")
    told = {"right": [], "wrong": ["base"], "unwritten": [], "unclear": ["double", "halve", "same"]}
    assert functions(writer) == told


def test_one_function_alone_is_not_told_apart(writer, project):
    made_up.solve(project, double="    return 7\n")
    assert "wrong:" not in writer.invoke("check", "tensor").stdout


def test_a_missing_return_is_told(writer, project):
    made_up.solve(project, double="    x + x\n")
    assert explanation(writer)[:2] == [
        "double(1) gave None, expected 2",
        "it returned None: is a `return` missing?",
    ]
    made_up.solve(project, double="    return same(x) + x\n")
    file = made_up.numbers_of(project)
    file.write_text(file.read_text().replace("return x\n", "x\n"))
    found = explanation(writer)
    assert found[1].startswith("something in this line is None")
    assert found[4].endswith("in double")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("np.float64(0.5) and np.float32(-inf)", "0.5 and -inf"),
        ("array([1., 2.], dtype=float32)", "[1., 2.]"),
        ("array([[0.]], dtype=float16)", "[[0.]] in float16"),
        ("np.True_ is not np.int64(3)", "True is not 3"),
    ],
)
def test_numbers_are_shown_without_numpys_names(writer, project, raised, said):
    made_up.solve(project, double=f"    raise ValueError({raised!r})\n")
    assert explanation(writer)[0] == f"ValueError: {said}"


def test_a_check_that_only_tells_of_a_failure_is_not_shown(writer, project):
    checks = writer.root / "material" / "tensor" / "checks" / "test_double.py"
    line = "    assert found =="
    checks.write_text(checks.read_text().replace(line, f"    pytest.fail('no')\n{line}"))
    made_up.solve(project)
    assert explanation(writer) == ["no"]


def test_of_several_failures_at_once_the_first_is_told(writer, project):
    """hypothesis raises those that it found for one property together."""
    group = "ExceptionGroup('2 distinct failures', [ValueError('one'), ValueError('two')])"
    made_up.solve(project, double=f"    raise {group}\n")
    assert explanation(writer)[0] == "ValueError: one"


def test_what_a_failure_of_given_parts_means_is_told(writer, project):
    made_up.solve(project)
    file = made_up.numbers_of(project)
    file.write_text(file.read_text().replace("return x\n", "return x + 1\n"))
    told = writer.invoke("check", "tensor")
    assert told.exit_code == 1
    assert "100 of 100 points" in told.stdout
    shown = " ".join(told.stdout.split())
    assert "something that was given does not work" in shown


def test_a_hint_of_the_function_that_fails(writer, one_task):
    file = writer.root / "material" / "tensor" / "module.json"
    facts = json.loads(file.read_text())
    facts["tasks"][0]["hints"] = {"halve": "Divide by two."}
    file.write_text(json.dumps(facts))
    hints = []
    for double in (made_up.DOUBLE, "    return 3 * x\n", made_up.RIGHT_DOUBLE):
        made_up.solve(one_task, double=double, halve="    return x / 0\n")
        hints.append(checked(writer, "tensor", "--hint").tasks[0].hint)
    assert hints == ["Think of double.", "Think of double.", "Divide by two."]
    assert "hint: Divide by two." in writer.invoke("check", "tensor", "--hint").stdout


def test_a_tasks_id_alone(writer, project):
    made_up.solve(project, halve=made_up.HALVE)
    told = checked(writer, "2.1")
    assert (told.exit_code, tasks(told)) == (0, {"2.1": (40, 4, 4)})
    assert "It has 2.1, 2.2." in writer.invoke("check", "2.9").stderr


def test_a_misspelt_module(writer, project):
    said = writer.invoke("check", "tensr").stderr
    assert "no module of that name. Did you mean 'tensor'?" in said
    assert "Did you mean" not in writer.invoke("check", "xyzxyz").stderr


def test_after_the_dependants_comes_the_swap(writer, project, monkeypatch):
    made_up.solve(project)
    told = writer.invoke("check", "tensor", "--dependants").stdout
    assert told.endswith("Next  tinytorch swap tensor\n")
    monkeypatch.chdir(project)
    assert writer.invoke("check", "--dependants").stdout.endswith("Next  tinytorch swap tensor .\n")
    made_up.solve(project, double="    return 7\n")
    assert "tinytorch swap" not in writer.invoke("check", "--dependants").stdout


def test_after_the_swap_comes_the_milestone_and_the_next_module(writer, project, monkeypatch):
    made_up.solve(project)
    shutil.rmtree(writer.site / "tinytorch" / "tensor")
    shutil.rmtree(writer.site / "tinytorch_tensor-0.1.0.dist-info")
    writer.write(writer.site / "_tensor.pth", f"{project / 'src'}\n")
    mine = {"version": "0.1.0+student", "files": False, "project": project, "editable": True}
    writer.install("tensor", **mine)
    told = writer.invoke("check", "tensor", "--dependants").stdout
    assert told.endswith("Next  tinytorch run xornet\nThen  tinytorch start activations\n")
    monkeypatch.chdir(project)
    beside = os.path.join("..", "activations")
    told = writer.invoke("check", "--dependants").stdout
    assert told.endswith(f"Then  tinytorch start activations --dir {beside}\n")
    made_up.solve(project, double="    return 7\n")
    assert "Then" not in writer.invoke("check", "--dependants").stdout


def test_dependants_include_the_capstones_that_can_run(writer, project):
    made_up.write_milestone(writer.root / "material")
    train = "def train():\n    return numbers.double(10) + 1\n"
    writer.write_package(writer.site, "xornet", f"from tinytorch.tensor import numbers\n{train}")
    made_up.solve(project)
    told = checked(writer, "tensor", "--dependants")
    assert [(each.module, each.passed) for each in told.dependants] == [
        ("activations", True),
        ("xornet", True),
    ]
    made_up.solve(project, double="    return 11 if x == 10 else 2 * x\n")
    told = checked(writer, "tensor", "--dependants")
    assert (told.exit_code, told.points) == (1, 100)
    assert [each.passed for each in told.dependants] == [True, False]
