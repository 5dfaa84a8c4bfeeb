"""Whatever a student's code does to the process it runs in, `check` ends, and says what it was."""

from __future__ import annotations

import os
import sys
import time

import made_up
import pytest

LIMIT = ("--time-limit", "0.8")


def checked(machine, *arguments: str):
    return machine.json("check", "tensor", *arguments)


def passed(told) -> list[bool]:
    return [each.passed for each in told.tasks]


def first(told, number: int = 0) -> str:
    return told.tasks[number].first_wrong.explanation[0]


def test_a_syntax_error(writer, project):
    made_up.solve(project, double="    return x +\n")
    told = checked(writer)
    assert (told.points, told.passed) == (0, False)
    assert told.unimportable.explanation == [
        "SyntaxError: invalid syntax",
        "src/tinytorch/tensor/numbers.py, line 8",
        "    return x +",
    ]
    shown = writer.invoke("check", "tensor").stdout
    assert "It cannot be imported, so nothing was checked." in shown


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import numpie\n", "ModuleNotFoundError: No module named 'numpie'"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
        ("import os\nos._exit(0)\n", "it ended Python, with exit code 0"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    ],
)
def test_what_goes_wrong_at_import(writer, project, code, said):
    file = made_up.numbers_of(project)
    file.write_text(code + made_up.STARTER.replace("from __future__ import annotations", ""))
    told = checked(writer)
    assert (told.points, told.exit_code) == (0, 1)
    assert told.unimportable.explanation[0] == said


def test_a_module_that_is_not_in_the_project(writer, project):
    writer.write(writer.site / "tinytorch" / "tensor" / "numbers.py", "")
    for file in sorted((project / "src" / "tinytorch").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    told = checked(writer)
    assert told.points == 0
    assert "not from your project" in told.unimportable.explanation[0]


def test_an_infinite_loop_at_import(writer, project):
    made_up.write(made_up.numbers_of(project), "while True:\n    pass\n")
    told = checked(writer, *LIMIT)
    said, where = told.unimportable.explanation
    assert said == "it was not done after 1.6 s"
    assert where.startswith("src/tinytorch/tensor/numbers.py, line ")


def test_an_infinite_loop(writer, project):
    """It costs its own task; the others are judged all the same."""
    made_up.solve(project, double="    while x != 1:\n        pass\n    return 2\n")
    began = time.monotonic()
    told = checked(writer, *LIMIT)
    assert time.monotonic() - began < 15
    assert [task.checks_passed for task in told.tasks] == [1, 0]
    assert first(told) == "it was not done after 0.8 s"
    assert told.tasks[0].first_wrong.explanation[1].endswith("in double")
    assert told.tasks[1].first_wrong is not None


def test_an_infinite_loop_is_told_of_the_task_that_it_is_in(writer, project):
    made_up.solve(project, double="    while x:\n        pass\n    return 0\n")
    told = checked(writer, *LIMIT)
    assert first(told) == "it was not done after 0.8 s"
    assert first(told, 1) == "double (task 2.1) does not come to an end, and is needed here"


def test_two_infinite_loops_are_told_of_one_by_one(writer, project):
    loop = "    while x:\n        pass\n    return 0\n"
    made_up.solve(project, double=loop, halve=loop)
    told = checked(writer, *LIMIT)
    assert first(told, 1).startswith("double (task 2.1)")  # halve(double(4)) meets it first
    made_up.solve(project, halve=loop)
    assert first(checked(writer, *LIMIT), 1) == "it was not done after 0.8 s"


def test_a_sleep_that_no_signal_wakes(writer, project):
    made_up.solve(project, halve="    import time\n    time.sleep(1000)\n")
    told = checked(writer, *LIMIT)
    assert passed(told) == [True, False]
    assert first(told, 1) == "it was not done after 0.8 s"


@pytest.mark.parametrize("code", [0, 3])
def test_a_process_that_ends_itself(writer, project, code):
    made_up.solve(project, double=f"    import os\n    os._exit({code})\n")
    told = checked(writer)
    assert passed(told) == [False, False]
    assert first(told) == f"it ended Python, with exit code {code}"
    assert first(told, 1) == f"it ended Python, with exit code {code}"
    assert told.tasks[0].checks_passed == 0


def test_an_exit_in_one_task_leaves_the_others(writer, project):
    made_up.solve(project, halve="    import os\n    os._exit(0)\n")
    assert passed(checked(writer)) == [True, False]


def test_sys_exit_in_a_function(writer, project):
    made_up.solve(project, double="    import sys\n    sys.exit(0)\n")
    told = checked(writer)
    assert first(told) == "SystemExit: 0"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that end a process")
def test_a_crash(writer, project):
    made_up.solve(project, double="    import ctypes\n    return ctypes.string_at(0)\n")
    told = checked(writer)
    assert first(told) == "it ended Python, with the signal SIGSEGV"
    assert "in double" in told.tasks[0].first_wrong.explanation[1]


def test_deep_recursion(writer, project):
    made_up.solve(project, double="    return double(x)\n")
    told = checked(writer)
    assert passed(told) == [False, False]
    assert first(told).startswith("RecursionError: maximum recursion depth exceeded")


def test_an_output_flood(writer, project):
    """50 MB a call, kept from filling memory or the report."""
    flood = "    import sys\n    for _ in range(50):\n        sys.stdout.write('flood ' * 170000)\n"
    made_up.solve(project, double=f"{flood}    return 2 * x if x else 7\n")
    told = checked(writer, "--task", "2.1")
    assert told.tasks[0].checks_passed == 3
    assert first(told).startswith("should hold, and does not: 7 == 0")
    assert len(told.tasks[0].first_wrong.printed) < 5000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to such a limit")
def test_more_memory_than_a_check_needs(writer, project):
    """Asked for and never touched: it would cost nothing if it were granted."""
    code = "    import mmap\n    return len([mmap.mmap(-1, 2**30) for _ in range(12)])\n"
    made_up.solve(project, double=code)
    told = checked(writer, "--task", "2.1")
    assert "Cannot allocate memory" in first(told)


def test_windows_line_ends_and_a_byte_order_mark(writer, project):
    made_up.solve(project)
    file = made_up.numbers_of(project)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert checked(writer, "--task", "2.1").passed


def test_a_source_that_is_not_utf_8(writer, project):
    made_up.solve(project)
    file = made_up.numbers_of(project)
    file.write_bytes(file.read_bytes() + "SIZE = 'Größe'\n".encode("cp1252"))
    told = checked(writer)
    assert told.points == 0
    assert told.unimportable.explanation[0].startswith("SyntaxError: (unicode error)")
    assert "numbers.py" in told.unimportable.explanation[1]


def test_the_projects_own_tests_and_settings_count_for_nothing(writer, project):
    made_up.write(project / "tests" / "test_double.py", "def test_double():\n    pass\n")
    made_up.write(project / "conftest.py", "import os\nos._exit(0)\n")
    made_up.write(project / "pytest.ini", "[pytest]\naddopts = --collect-only\n")
    assert checked(writer).points == 0


def test_the_users_settings_of_pytest_count_for_nothing(writer, project, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    made_up.solve(project)
    assert checked(writer, "--task", "2.1").passed


def test_results_that_lie_do_not_outlive_a_check(writer, project):
    file = project / ".tinytorch" / "progress.json"
    file.write_text('{"tasks": {"2.1": {"points": 40}, "2.2": {"points": 60}}}')
    assert checked(writer).points == 0
    assert writer.json("status").projects[0].points == 0


def test_checks_that_vanish_have_not_passed(writer, project):
    """What is expected is a list, not what was found."""
    made_up.solve(project)
    checks = writer.root / "material" / "tensor" / "checks" / "test_halve.py"
    checks.write_text(checks.read_text().replace("def test_odd", "def odd"))
    told = checked(writer)
    assert passed(told) == [True, False]
    assert told.tasks[1].checks_passed == 1


def test_checks_that_cannot_be_loaded_have_not_passed(writer, project):
    made_up.solve(project)
    checks = writer.root / "material" / "tensor" / "checks" / "test_halve.py"
    checks.write_text("from tinytorch.tensor.numbers import halv\n" + checks.read_text())
    told = checked(writer)
    assert passed(told) == [True, False]
    assert "cannot import name 'halv'" in first(told, 1)


def test_shared_fixtures_that_cannot_be_loaded_are_told(writer, project):
    fixtures = writer.root / "material" / "tensor" / "checks" / "conftest.py"
    fixtures.write_text("from tinytorch.tensor import decimals\n")
    told = checked(writer)
    assert told.points == 0
    assert "cannot import name 'decimals'" in told.unimportable.explanation[0]


@pytest.mark.skipif(os.name == "nt", reason="a group of processes is ended differently there")
def test_nothing_it_started_lives_on(writer, project, tmp_path):
    pid = tmp_path / "pid"
    code = (
        "    import subprocess, sys\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"    open({str(pid)!r}, 'w').write(str(child.pid))\n    return 2 * x\n"
    )
    made_up.solve(project, double=code)
    checked(writer, "--task", "2.1")
    deadline = time.monotonic() + 10
    while is_alive(int(pid.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in _state(pid)


def _state(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""
