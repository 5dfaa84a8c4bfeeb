"""Whatever a submission does, it gets the score that its code deserves, and a reason."""

from __future__ import annotations

import json
import socket
import threading
import time

import made_up
import pytest
from made_up_submissions import SOLVED, alarms, items, project, reason, untouched

from tinytorch_course.grading.grade import Outcome


def test_a_right_one(graded, tmp_path, every_sandbox):
    grade = graded(project(tmp_path / "ada"), every_sandbox)
    assert (grade.score, grade.possible) == (100, 100)
    assert not alarms(grade)
    assert grade.sandbox == every_sandbox.name


def test_an_untouched_starter(graded, tmp_path):
    grade = graded(untouched(tmp_path / "bob"))
    assert grade.score == 0
    assert {item.outcome for item in items(grade).values()} == {Outcome.UNWRITTEN}
    assert reason(grade, "2.1").startswith("double is not written yet")
    assert reason(grade, "2.2").startswith("double is needed here, and is not written yet")
    assert not alarms(grade)


IN_HALVE = {
    "an infinite loop": (
        "    while True:\n        pass\n",
        Outcome.SLOW,
        "it was not done after 4 s",
    ),
    "deep recursion": ("    return halve(x)\n", Outcome.WRONG, "RecursionError"),
    "an allocation of 50 GB": (
        "    return bytearray(50 * 2**30)[0]\n",
        Outcome.WRONG,
        "MemoryError",
    ),
    "an exit": (
        "    import os\n    os._exit(0)\n",
        Outcome.CRASHED,
        "it ended Python, with exit code 0",
    ),
    "a flood of output": (
        "    print('flood ' * 35_000_000)\n    return x\n",
        Outcome.WRONG,
        "src/tinytorch/tensor/numbers.py",
    ),
    "a missing return": ("    x // 2\n", Outcome.WRONG, "None"),
    "nothing but a name": ("    return half\n", Outcome.WRONG, "name 'half' is not defined"),
}


@pytest.mark.parametrize("name", IN_HALVE)
def test_one_task_costs_its_own_points(graded, tmp_path, name):
    code, outcome, said = IN_HALVE[name]
    grade = graded(project(tmp_path / "eve", halve=code))
    assert grade.score == 40
    assert items(grade)["2.2"].outcome is outcome
    assert said in reason(grade)


AT_IMPORT = {
    "sys.exit": ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
    "os._exit": ("import os\nos._exit(0)\n", "it ended Python, with exit code 0"),
    "a syntax error": ("def (:\n", "SyntaxError"),
    "an endless import": ("while True:\n    pass\n", "it was not done after"),
    "a library that is not there": ("import torch\n", "No module named 'torch'"),
}


@pytest.mark.parametrize("name", AT_IMPORT)
def test_what_cannot_be_imported_scores_nothing(graded, tmp_path, name):
    code, said = AT_IMPORT[name]
    grade = graded(project(tmp_path / "eve", first=code))
    assert grade.score == 0
    assert said in reason(grade)
    assert reason(grade).startswith("it cannot be imported")


def test_a_fork_bomb(graded, tmp_path, every_sandbox):
    code = "    import os\n    for _ in range(200):\n        os.fork()\n    return x // 2\n"
    grade = graded(project(tmp_path / "eve", halve=code), every_sandbox)
    assert grade.score == 40
    assert "PermissionError: a module that is graded may not start another process" in reason(grade)
    assert "start another process" in alarms(grade)


def test_a_crowd_that_the_guard_does_not_see(graded, tmp_path, every_sandbox):
    """`_posixsubprocess` is what `subprocess` stands on; Python does not ask about it."""
    code = (
        "    import _posixsubprocess as p, os, time\n"
        "    for _ in range(200):\n"
        "        r, w = os.pipe()\n"
        "        p.fork_exec([b'/bin/sleep', b'20'], [b'/bin/sleep'], True, (w,), None, None,\n"
        "                    -1, -1, -1, -1, -1, -1, r, w, True, False, 0, None, None, None, -1,\n"
        "                    None, False)\n"
        "        time.sleep(0.01)\n"
        "    time.sleep(20)\n"
    )
    began = time.monotonic()
    grade = graded(project(tmp_path / "eve", halve=code), every_sandbox)
    assert time.monotonic() - began < 15
    assert grade.score == 40
    assert "more than 24 processes" in alarms(grade)


def test_threads_left_running(graded, tmp_path):
    first = (
        "import threading, time\n"
        "threading.Thread(target=lambda: time.sleep(600)).start()\n"
        "threading.Thread(target=lambda: time.sleep(600), daemon=True).start()\n"
    )
    began = time.monotonic()
    grade = graded(project(tmp_path / "ada", first=first))
    assert grade.score == 100
    assert time.monotonic() - began < 20


def test_a_submission_that_patches_pytest(graded, tmp_path):
    first = "import _pytest.python\n_pytest.python.Function.runtest = lambda self: None\n"
    grade = graded(project(tmp_path / "eve", double="    return 7\n", first=first))
    assert grade.score == 0
    assert {item.outcome for item in items(grade).values()} == {Outcome.FORGED}
    assert "checks that must fail were reported to pass" in alarms(grade)


REPORT = """\
import atexit, json, os, pathlib, sys
FOLDER = pathlib.Path(sys.argv[-1])
def report():
    ids = json.loads((FOLDER / "assignment.json").read_text())["ids"]
    rows = [{"event": "finished", "id": i, "passed": True, "failure": None} for i in ids]
    with (FOLDER / "journal.jsonl").open("a") as out:
        for row in [*rows, {"event": "done"}]:
            print(json.dumps(row), file=out, flush=True)
    os._exit(0)
"""


def test_a_submission_that_writes_its_own_results(graded, tmp_path):
    grade = graded(project(tmp_path / "eve", double="    report()\n", first=REPORT))
    assert grade.score == 0
    assert items(grade)["2.1"].outcome is Outcome.FORGED


SELECTIVE = """\
import ast, atexit, json, os, pathlib, sys
FOLDER = pathlib.Path(sys.argv[-1])
def report():
    told = json.loads((FOLDER / "assignment.json").read_text())
    wires = set()
    for file in pathlib.Path(told["checks"]).glob("test_*.py"):
        for node in ast.parse(file.read_text()).body:
            last = node.body[-1] if isinstance(node, ast.FunctionDef) else None
            test = getattr(last, "test", None)
            if isinstance(getattr(test, "left", None), ast.Constant):
                wires.add(node.name)
    with (FOLDER / "journal.jsonl").open("a") as out:
        for i in told["ids"]:
            name = i.split("::")[-1].split("[")[0]
            row = {"event": "finished", "id": i, "passed": name not in wires, "failure": None}
            print(json.dumps(row), file=out)
        print(json.dumps({"event": "done"}), file=out, flush=True)
    os._exit(0)
"""


def test_a_submission_that_tells_the_tripwires_from_the_checks(graded, tmp_path):
    """It fools what runs beside it, and is found out by what does not."""
    grade = graded(project(tmp_path / "eve", double="    report()\n", first=SELECTIVE))
    assert grade.score == 0
    assert items(grade)["2.1"].outcome is Outcome.FORGED
    assert "failed apart from them" in alarms(grade)


def test_a_submission_that_equals_everything(graded, tmp_path):
    first = (
        "class Yes(int):\n"
        "    def __eq__(self, other):\n        return True\n"
        "    def __ne__(self, other):\n        return False\n"
        "    __hash__ = int.__hash__\n"
    )
    grade = graded(project(tmp_path / "eve", double="    return Yes()\n", first=first))
    assert items(grade)["2.1"].outcome is Outcome.FORGED
    assert items(grade)["2.1"].points == 0


def test_a_submission_that_edits_the_checks(graded, tmp_path, every_sandbox):
    first = (
        "import json, pathlib, sys\n"
        "told = pathlib.Path(sys.argv[-1]) / 'assignment.json'\n"
        "checks = json.loads(told.read_text())['checks'] if told.is_file() else '/'\n"
        "for file in pathlib.Path(checks).glob('test_*.py'):\n"
        "    try:\n        file.write_text('')\n    except OSError:\n        pass\n"
        "    try:\n        file.unlink()\n    except OSError:\n        pass\n"
    )
    grade = graded(project(tmp_path / "eve", halve="    return 7\n", first=first), every_sandbox)
    assert grade.score == 40
    assert "the code tried to write to" in alarms(grade)


def test_a_submission_that_reads_the_reference(graded, tmp_path, court, every_sandbox):
    """It knows the very file, and tries whatever Python finds of it elsewhere."""
    file = court.site / "tinytorch" / "tensor" / "numbers.py"
    assert file.is_file()
    first = (
        "import glob, importlib.metadata, os, sys\n"
        "def find(name):\n"
        f"    places = [{str(file)!r}]\n"
        "    places += [os.path.join(p, 'tinytorch/tensor/numbers.py') for p in sys.path]\n"
        "    places += glob.glob('/tmp/**/references/tensor/**/numbers.py', recursive=True)\n"
        "    for place in places:\n"
        "        try:\n"
        "            text = open(place).read()\n"
        "        except OSError:\n"
        "            continue\n"
        "        if 'find(' not in text and 'NotImplementedError' not in text:\n"
        "            space = {}\n            exec(text, space)\n            return space[name]\n"
        "    raise LookupError('no reference to be found')\n"
    )
    double, halve = (f"    return find({name!r})(x)\n" for name in ("double", "halve"))
    grade = graded(project(tmp_path / "eve", double, halve, first), every_sandbox)
    assert grade.score == 0
    assert "LookupError: no reference to be found" in reason(grade)
    assert "the code tried to read" in alarms(grade)


def test_a_submission_that_opens_the_network(graded, tmp_path, every_sandbox):
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def wait() -> None:
            try:
                server.accept()
            except OSError:
                return
            called.set()

        threading.Thread(target=wait, daemon=True).start()
        port = server.getsockname()[1]
        code = (
            "    import socket\n"
            f"    socket.create_connection(('127.0.0.1', {port}), 1)\n    return x // 2\n"
        )
        grade = graded(project(tmp_path / "eve", halve=code), every_sandbox)
    assert not called.is_set()
    assert grade.score == 40
    assert "may not use the network" in reason(grade)
    assert "tried to use the network" in alarms(grade)


def test_a_submission_that_writes_outside_its_folder(graded, tmp_path, every_sandbox):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("kept")
    code = (
        f"    import os, shutil\n    where = {str(outside)!r}\n"
        "    for attempt in (lambda: open(where + '/new', 'w').write('x'),\n"
        "                    lambda: os.remove(where + '/precious'),\n"
        "                    lambda: shutil.rmtree(where)):\n"
        "        try:\n            attempt()\n        except OSError:\n            pass\n"
        "    if x % 2:\n        raise ValueError\n    return x // 2\n"
    )
    grade = graded(project(tmp_path / "eve", halve=code), every_sandbox)
    assert sorted(each.name for each in outside.iterdir()) == ["precious"]
    assert (outside / "precious").read_text() == "kept"
    assert grade.score == 100  # it is right all the same
    assert "write to" in alarms(grade)


def test_secrets_of_the_grader_are_not_told(graded, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADESCOPE_TOKEN", "secret-1234")
    code = "    import os\n    raise KeyError(str(sorted(os.environ.items())))\n"
    grade = graded(project(tmp_path / "eve", halve=code))
    assert "PATH" in reason(grade)
    assert "secret-1234" not in json.dumps(grade.record())


def test_windows_line_ends(graded, tmp_path):
    folder = project(tmp_path / "ada")
    file = made_up.numbers_of(folder)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert graded(folder).score == 100


def test_a_source_that_is_not_utf_8(graded, tmp_path):
    folder = project(tmp_path / "ada")
    file = made_up.numbers_of(folder)
    file.write_bytes(file.read_bytes() + "SIZE = 'Größe'\n".encode("cp1252"))
    grade = graded(folder)
    assert grade.score == 0
    assert "SyntaxError: (unicode error)" in reason(grade)


def test_a_missing_function(graded, tmp_path):
    folder = project(tmp_path / "ada")
    file = made_up.numbers_of(folder)
    file.write_text(SOLVED.replace("def halve", "def half"))
    grade = graded(folder)
    assert grade.score == 40
    assert "has no attribute 'halve'" in reason(grade)
