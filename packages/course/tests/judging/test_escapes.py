"""Ways out of the sandbox, past its guard and its warden, that somebody has found and we have shut.

All are bounded: where one is open again, it does no harm.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import made_up
import psutil
import pytest
from made_up_submissions import alarms, project, reason

from tinytorch_course.apart.judging import judge_apart
from tinytorch_course.checking.judging import Limits, judge
from tinytorch_course.checking.kept_file import kept_file
from tinytorch_course.checking.passing_folder import passing_folder, remove
from tinytorch_course.grading.sandbox import bubblewrap, choosing, namespaces, warden
from tinytorch_course.grading.sandbox.choosing import Unavailable, choose
from tinytorch_course.grading.sandbox.confined import Confined
from tinytorch_course.grading.sandbox.enclosure import Enclosure, interpreter
from tinytorch_course.grading.sandbox.limits import LimitsOnly
from tinytorch_course.grading.sandbox.warden import Allowance, Warden

USABLE = [each for each in choosing.STRONGEST_FIRST if choosing.why_unusable(each) is None]
WALLS = [each for each in USABLE if each.is_wall]
BESIDE = """\
import os, sys
FOLDER = sys.argv[-1]
WORK = FOLDER + "/work"
IS_BESIDE = os.path.exists(FOLDER + "/assignment.json")
"""
"""At the top of a submission; it is beside the checks in the first of its two trials."""


@pytest.fixture(params=WALLS, ids=[each.name for each in WALLS])
def wall(request):
    return request.param


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def inside(sandbox, folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    scratch = folder / "scratch"
    scratch.mkdir()
    command = sandbox.command(Enclosure((), scratch.resolve()))
    return subprocess.run(
        [*command, "/bin/sh", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )


# What can be seen


def test_no_reference_is_in_sight(wall, tmp_path, monkeypatch):
    """Beside the Python that runs, and in it: as an environment, a wheel, a package."""
    prefix = tmp_path / "python"
    shown = ["bin/python3", "lib/libpython3.so", "lib/python3.11/os.py"]
    hidden = [
        "lib/python3.11/site-packages/tinytorch/layers/__init__.py",
        "lib/python3.11/tinytorch/layers/__init__.py",
        "lib/python3.11/vendored/dist-packages/tinytorch/layers/__init__.py",
        "lib/tinytorch_layers-0.1.0-py3-none-any.whl",
        "envs/term/lib/python3.11/site-packages/tinytorch/layers/__init__.py",
        "src/tinytorch/layers/__init__.py",
        "wheels/tinytorch_layers-0.1.0-py3-none-any.whl",
        "wheel.zip",
    ]
    for name in (*shown, *hidden):
        made_up.write(prefix / name, "reference\n")
    monkeypatch.setattr(sys, "base_prefix", str(prefix.resolve()))
    monkeypatch.setattr(sys, "base_exec_prefix", str(prefix.resolve()))
    found = inside(wall, tmp_path, f"cd {prefix.resolve()} && find . -type f -size +0 | sort")
    assert found.stdout.splitlines() == [f"./{name}" for name in shown]


@pytest.mark.parametrize("folder", ["/opt", "/usr/src", "/home", "/var", "/srv", "/run"])
def test_what_python_does_not_need_is_not_there(wall, folder):
    if not interpreter().is_relative_to(folder):
        with passing_folder() as here:
            assert inside(wall, here, f"test ! -e {folder}").returncode == 0


def test_the_scratch_folder_cannot_be_filled(wall, tmp_path, monkeypatch):
    for module in (bubblewrap, namespaces):
        monkeypatch.setattr(module, "LARGEST_SCRATCH", 2**20)
    assert inside(wall, tmp_path, "head -c 3000000 /dev/zero > it").returncode != 0


def test_there_are_no_namespaces_within(wall, tmp_path):
    """In one of its own the code could mount folders in memory that nobody counts."""
    assert inside(wall, tmp_path, "unshare --user --map-root-user --mount true").returncode != 0


# What the grader reads

LINKS = """
def plant(secret):
    for name in ("output.txt", "trespasses.txt", "journal.jsonl", "stack.txt"):
        os.makedirs(WORK + "/a/b", exist_ok=True)
        os.chdir(WORK + "/a/b")
        if os.path.exists(FOLDER + "/" + name):
            os.remove(FOLDER + "/" + name)
        os.symlink(os.path.relpath(secret, FOLDER), FOLDER + "/" + name)
"""


@pytest.fixture
def secret(tmp_path) -> Path:
    file = tmp_path / "secret.txt"
    file.write_text("the-secret-of-the-grader\n" * 3)
    return file


def test_no_file_of_the_grader_is_told(graded, tmp_path, every_sandbox, secret):
    first = f"{BESIDE}{LINKS}\nif IS_BESIDE:\n    plant({str(secret)!r})\n    os._exit(3)\n"
    grade = graded(project(tmp_path / "eve", first=first), every_sandbox)
    assert grade.score == 0
    assert "the-secret-of-the-grader" not in json.dumps(grade.record())


def test_no_link_is_followed_even_without_a_guard(tmp_path, secret):
    source = tmp_path / "src"
    file = source / "tinytorch" / "tensor" / "__init__.py"
    made_up.write(file, f"{BESIDE}{LINKS}\nplant({str(secret)!r})\nos._exit(3)\n")
    made_up.write(tmp_path / "checks" / "test_it.py", "def test_it(): pass\n")
    groups = {"it": ["test_it.py::test_it"]}
    found = judge("tinytorch.tensor", source, tmp_path / "checks", groups, Limits(10, 30))
    assert found.unimportable is not None
    assert found.unimportable.error == "crash"
    assert found.unimportable.printed == ""


def test_a_kept_file_is_read_up_to_a_size(tmp_path):
    with kept_file(tmp_path / "it") as kept:
        os.truncate(kept.path, 2**40)
        assert len(kept.beginning(1000)) == 1000
        assert len(kept.end(1000)) == 1000


def test_the_size_of_files_stays_limited(graded, tmp_path, every_sandbox):
    first = BESIDE + (
        "import resource\n"
        "if IS_BESIDE:\n"
        "    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        "    try:\n        os.truncate(FOLDER + '/journal.jsonl', 100 * 2**20)\n"
        "    except OSError:\n        pass\n"
        "    else:\n        os._exit(7)\n"
    )
    assert graded(project(tmp_path / "eve", first=first), every_sandbox).score == 100


NO_EVENTS = {
    "no JSON": "finished",
    "no object": "[1, 2]",
    "no event": "{}",
    "an unknown event": '{"event": "praise"}',
    "an event of a list": '{"event": []}',
    "a deep one": "[" * 100_000,
    "a number that is too long": '{"event": "started", "id": ' + "9" * 10_000 + "}",
    "an id that is a list": '{"event": "started", "id": []}',
    "a failure that is a text": '{"event": "finished", "id": "x", "passed": false, "failure": "x"}',
    "a message that is a number": '{"event": "unimportable", "failure": {"error": "x",'
    ' "message": 1, "theirs": null, "tried": null, "through": [], "printed": "", "notes": []}}',
}


@pytest.mark.parametrize("name", NO_EVENTS)
def test_what_is_no_event_does_not_stop_the_grader(graded, tmp_path, name):
    first = BESIDE + (
        "if IS_BESIDE:\n"
        "    with open(FOLDER + '/journal.jsonl', 'a') as out:\n"
        f"        out.write({NO_EVENTS[name]!r} + '\\n')\n"
        "    os._exit(0)\n"
    )
    grade = graded(project(tmp_path / "eve", first=first))
    assert grade.score == 0
    assert "it ended Python, with exit code 0" in reason(grade)


ERASE = """
def erase():
    attempts = [lambda: os.remove(FOLDER + "/trespasses.txt")]
    for fd in range(3, 40):
        attempts.append(lambda fd=fd: os.ftruncate(fd, 0))
        attempts.append(lambda fd=fd: os.set_blocking(fd, False) or os.read(fd, 9999))
        attempts.append(lambda fd=fd: open(f"/proc/self/fd/{fd}", "w").close())
    for attempt in attempts:
        try:
            attempt()
        except OSError:
            pass
"""


def test_an_alarm_cannot_be_taken_back(graded, tmp_path, every_sandbox):
    first = f"{BESIDE}{ERASE}\ntry:\n    open('/nowhere', 'w')\nexcept OSError:\n    erase()\n"
    grade = graded(project(tmp_path / "eve", first=first), every_sandbox)
    assert "tried to write to /nowhere" in alarms(grade)


@pytest.mark.parametrize("cut", ["os.close(fd)", "os.dup2(os.open(os.devnull, 1), fd)"])
def test_whoever_cuts_the_alarm_does_not_go_on(graded, tmp_path, cut):
    double = (
        "    import os, socket, stat\n"
        "    for fd in range(3, 40):\n"
        "        try:\n            is_socket = stat.S_ISSOCK(os.fstat(fd).st_mode)\n"
        "        except OSError:\n            continue\n"
        f"        if is_socket:\n            {cut}\n"
        "    try:\n        open('/nowhere', 'w')\n    except OSError:\n        pass\n"
        "    return 2 * x\n"
    )
    grade = graded(project(tmp_path / "eve", double=double))
    assert grade.score == 0
    assert "it ended Python, with exit code 71" in reason(grade, "2.1")


# The judge

RESPONDENT = """\
import os, sys
WORK = sys.argv[-1] + "/work"

def read(file):
    return open(file).read()

def spoil(folder, outside):
    os.makedirs(WORK + "/a/b", exist_ok=True)
    for attempt in (lambda: os.rename(folder, WORK + "/was"),
                    lambda: os.symlink(os.path.relpath(outside, os.path.dirname(folder)), folder),
                    lambda: open(folder + "/planted", "w").close()):
        try:
            attempt()
        except OSError:
            pass
"""


def results_apart(court, sandbox, tmp_path, code: str, checks: str) -> dict[str, bool]:
    source, folder = tmp_path / "src", tmp_path / "checks"
    made_up.write(source / "tinytorch" / "tensor" / "__init__.py", code)
    made_up.write(folder / "test_it.py", checks)
    launcher = Confined(
        python=court.environment.python,
        sandbox=sandbox,
        libraries=court.environment.path_for((), ()),
    )
    found = judge_apart(
        *("tinytorch.tensor", source, [source], folder, {"it": ["test_it.py::test_it"]}),
        *(Limits(10, 60), launcher, 1, launcher),
    )
    assert found.unimportable is None, found.unimportable
    return {name: outcome.passed for name, outcome in found.outcomes.items()}


def test_the_files_of_a_check_can_be_read_and_not_replaced(court, tmp_path, every_sandbox):
    outside = tmp_path / "outside"
    outside.mkdir()
    checks = (
        "import tinytorch.tensor as tt\n\n"
        "def test_it(tmp_path):\n"
        "    (tmp_path / 'it').write_text('4711')\n"
        "    assert tt.read(str(tmp_path / 'it')) == '4711'\n"
        f"    tt.spoil(str(tmp_path), {str(outside)!r})\n"
        "    (tmp_path / 'more').write_text('more')\n"
        "    assert {each.name for each in tmp_path.iterdir()} == {'it', 'more'}\n"
    )
    found = results_apart(court, every_sandbox, tmp_path, RESPONDENT, checks)
    assert list(outside.iterdir()) == []
    assert found == {"test_it.py::test_it": True}


def test_the_judge_is_shut_in(court, tmp_path, wall):
    checks = (
        "import os\nimport tinytorch.tensor as tt\n\n"
        "def test_it():\n"
        f"    assert not os.path.exists({str(tmp_path / 'precious')!r})\n"
    )
    made_up.write(tmp_path / "precious", "")
    assert results_apart(court, wall, tmp_path, "", checks) == {"test_it.py::test_it": True}


# The warden

CROWD = """
def crowd():
    import _posixsubprocess as p, time
    for _ in range(30):
        r, w = os.pipe()
        p.fork_exec([b'/bin/sleep', b'10'], [b'/bin/sleep'], True, (w,), None, None,
                    -1, -1, -1, -1, -1, -1, r, w, True, False, 0, None, None, None, -1, None, False)
        os.close(w)
    time.sleep(5)
"""
DEEP = """
def deep(levels):
    os.chdir(WORK)
    for _ in range(levels):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(WORK)
"""


def test_deep_folders_do_not_blind_the_warden(graded, tmp_path, every_sandbox):
    first = f"{BESIDE}{CROWD}{DEEP}\nif IS_BESIDE:\n    deep(1500)\n    crowd()\n"
    grade = graded(project(tmp_path / "eve", first=first), every_sandbox)
    assert grade.score == 0
    assert "more than 24 processes" in alarms(grade)


def test_a_warden_that_fails_ends_the_process(tmp_path, monkeypatch):
    def fail(*_arguments):
        raise RecursionError("too deep")

    monkeypatch.setattr(warden, "_count", fail)
    watching = Warden(Enclosure((), tmp_path))
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with watching.watching(child.pid):
        assert child.wait(20) != 0
    assert watching.reason == "it could not be watched any more: RecursionError('too deep')"


NAMELESS = {
    "deleted files": (
        "kept = []\nfor _ in range(3):\n    kept.append(open(WORK + '/it', 'wb'))\n"
        "    kept[-1].write(bytes(10**7))\n    kept[-1].flush()\n    os.remove(WORK + '/it')\n",
        "it wrote more than 20 MiB",
    ),
    "files in memory": (
        "kept = [os.memfd_create('it') for _ in range(3)]\n"
        "for each in kept:\n    os.write(each, bytes(10**7))\n",
        "it wrote more than 20 MiB",
    ),
}
"""Linux alone tells of these, and has the second."""
USES = {
    **(NAMELESS if sys.platform == "linux" else {}),
    "files": (
        "for k in range(3):\n    with open(WORK + f'/{k}', 'wb') as file:\n"
        "        file.write(bytes(10**7))\n",
        "it wrote more than 20 MiB",
    ),
    "empty files": (
        "for k in range(600):\n    open(WORK + f'/{k}', 'w').close()\n",
        "it made more than 500 files",
    ),
}


@pytest.mark.parametrize("name", USES)
def test_the_warden_sees_what_is_used(graded, tmp_path, every_sandbox, monkeypatch, name):
    code, said = USES[name]
    small = Allowance(disk=20 * 2**20, files=500)
    monkeypatch.setattr(warden, "Allowance", lambda: small)
    lines = "".join(f"    {line}\n" for line in (code + "import time\ntime.sleep(3)").splitlines())
    grade = graded(
        project(tmp_path / "eve", first=f"{BESIDE}if IS_BESIDE:\n{lines}"), every_sandbox
    )
    assert said in alarms(grade)


# What is left behind


def test_nothing_is_left_of_deep_folders(graded, tmp_path, place, every_sandbox):
    first = f"{BESIDE}{DEEP}\nif os.path.isdir(WORK):\n    deep(1500)\n"
    grade = graded(project(tmp_path / "ada", first=first), every_sandbox)
    assert grade.score == 100
    assert list(place.iterdir()) == []


def test_any_folder_is_removed(tmp_path):
    kept = tmp_path / "kept"
    made_up.write(kept / "it", "kept")
    folder = tmp_path / "folder"
    inner = folder / "a" / "b" / "closed"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    (inner / "link").symlink_to(kept)
    (folder / "link").symlink_to(kept)
    inner.chmod(0o000)
    inner.parent.chmod(0o000)
    here = os.getcwd()
    try:
        os.chdir(folder)
        for _ in range(1500):
            os.mkdir("d" * 10)
            os.chdir("d" * 10)
    finally:
        os.chdir(here)
    remove(folder)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kept"]
    assert (kept / "it").read_text() == "kept"


SETSID = """
def leave(seconds):
    import _posixsubprocess as p
    r, w = os.pipe()
    words = [b'/bin/sh', b'-c', b'setsid sleep %s & exit' % str(seconds).encode()]
    p.fork_exec(words, [b'/bin/sh'], True, (w,), None, None,
                -1, -1, -1, -1, -1, -1, r, w, True, True, -1, None, None, None, -1, None, False)
    os.close(w)
    import time
    time.sleep(0.5)
"""


@pytest.mark.parametrize("ends", ["pass", "os._exit(0)", "import time; time.sleep(1)"])
def test_no_process_is_left_behind(graded, tmp_path, every_sandbox, ends):
    seconds = "29.0711"
    first = f"{BESIDE}{SETSID}\nif IS_BESIDE:\n    leave({seconds})\n    {ends}\n"
    graded(project(tmp_path / "eve", first=first), every_sandbox)
    left = [x for x in psutil.process_iter(["cmdline"]) if seconds in (x.info["cmdline"] or ())]
    _, alive = psutil.wait_procs(left, timeout=2)
    for each in alive:
        each.kill()
    assert alive == []


# The guard, where it is alone


@pytest.fixture
def limits():
    return LimitsOnly()


HOLLOW = """
import sys, os
guard = sys.modules.get("tinytorch_course.grading.sandbox.guard")
if guard:
    guard.READS = guard.WRITES = ()
    guard.WHAT.clear()
    guard._real = guard._is_in = lambda *_: True
os.path.realpath = lambda *_, **__: WORK
os.fspath = lambda path: WORK
"""


def test_the_guard_cannot_be_changed_by_importing_it(graded, tmp_path, limits):
    reads = "open('/etc/../srv/x') if not os.path.exists(WORK) else open(WORK + '/../../x', 'w')"
    first = f"{BESIDE}{HOLLOW}\ntry:\n    {reads}\nexcept OSError:\n    pass\n"
    grade = graded(project(tmp_path / "eve", first=first), limits)
    assert "tried to write to" in alarms(grade)


def test_the_guard_cannot_be_found(graded, tmp_path, limits):
    first = (
        "import gc, sys\n"
        "for look in (gc.get_objects, sys._current_frames, lambda: gc.get_referrers(print)):\n"
        "    try:\n        look()\n    except PermissionError:\n        pass\n"
        "frame = sys._getframe()\n"
        "while frame:\n"
        "    held = [*frame.f_locals.values(), *frame.f_globals.values()]\n"
        "    assert not any(hasattr(each, 'ask_about_opening') for each in held)\n"
        "    frame = frame.f_back\n"
    )
    grade = graded(project(tmp_path / "eve", first=first), limits)
    assert grade.score == 100
    assert alarms(grade).count("tried to look through the objects of this process") == 3


OUTWARD = {
    "rename": "open(WORK + '/it', 'w').close(); os.rename(WORK + '/it', OUT + '/it')",
    "replace": "open(WORK + '/it', 'w').close(); os.replace(WORK + '/it', OUT + '/it')",
    "link": "open(WORK + '/it', 'w').close(); os.link(WORK + '/it', OUT + '/it')",
    "symlink": "os.symlink(WORK, OUT + '/it')",
    "a link and through it": "os.symlink(OUT, WORK + '/out'); open(WORK + '/out/it', 'w')",
    "a link that leads out of where it is put": (
        "os.makedirs(WORK + '/a/b/c/d/e/f'); os.chdir(WORK + '/a/b/c/d/e/f')\n"
        "    os.symlink(os.path.relpath(OUT, WORK), WORK + '/out'); open(WORK + '/out/it', 'w')"
    ),
    "a folder's number": (
        "os.open('it', os.O_CREAT | os.O_WRONLY, dir_fd=os.open(CHECKS, os.O_RDONLY))"
    ),
    "mkdir": "os.mkdir('it', dir_fd=os.open(CHECKS, os.O_RDONLY))",
    "remove": "os.remove('test_numbers.py', dir_fd=os.open(CHECKS, os.O_RDONLY))",
    "sqlite": "import sqlite3; sqlite3.connect(OUT + '/it').execute('create table t (x)')",
    "a lying text": (
        "class Lie(str):\n"
        "        startswith = lambda self, *_: True\n"
        "    open(Lie(OUT + '/it'), 'w')"
    ),
}


@pytest.mark.parametrize("way", OUTWARD)
def test_the_guard_asks_about_every_place(graded, tmp_path, limits, way):
    out = tmp_path / "out"
    out.mkdir()
    first = BESIDE + (
        f"import json\nOUT = {str(out)!r}\nif IS_BESIDE:\n"
        "    CHECKS = json.load(open(FOLDER + '/assignment.json'))['checks']\n"
        f"    {OUTWARD[way]}\n"
    )
    grade = graded(project(tmp_path / "eve", first=first), limits)
    assert list(out.iterdir()) == []
    assert grade.score == 0
    assert "PermissionError" in reason(grade)
    assert "the code tried to" in alarms(grade)


def test_the_guard_asks_about_a_folders_number_when_reading(graded, tmp_path, limits, secret):
    relative = os.path.relpath(secret.resolve(), "/usr")
    first = BESIDE + (
        "folder = os.open('/usr/lib', os.O_RDONLY)\n"
        f"os.open('../' + {relative!r}, os.O_RDONLY, dir_fd=folder)\n"
    )
    grade = graded(project(tmp_path / "eve", first=first), limits)
    assert grade.score == 0
    assert "may not" not in alarms(grade)
    assert "the code tried to open" in alarms(grade)


def test_no_library_is_loaded_that_the_code_has_made(graded, tmp_path, limits):
    first = BESIDE + (
        "import ctypes\n"
        "if IS_BESIDE:\n"
        "    open(WORK + '/own.so', 'w').close()\n"
        "    ctypes.CDLL(WORK + '/own.so')\n"
    )
    grade = graded(project(tmp_path / "eve", first=first), limits)
    assert "may not load a library of machine code" in reason(grade)


def test_who_may_start_python_may_start_nothing_else(court, tmp_path, limits):
    source = tmp_path / "src"
    file = source / "tinytorch" / "tensor" / "__init__.py"
    made_up.write(tmp_path / "checks" / "test_it.py", "def test_it(): pass\n")
    launcher = Confined(
        court.environment.python,
        limits,
        court.environment.path_for((), ()),
        may_start_processes=True,
    )

    def found(command: str):
        made_up.write(file, f"import subprocess, sys\nsubprocess.run([{command}], check=True)\n")
        groups = {"it": ["test_it.py::test_it"]}
        checks = tmp_path / "checks"
        return judge("tinytorch.tensor", source, checks, groups, Limits(10, 30), launcher)

    assert found("sys.executable, '-c', 'pass'").unimportable is None
    assert found("'/bin/true'").unimportable.error == "PermissionError"
    lie = (
        "type('Lie', (str,), {'__eq__': lambda *_: True, '__ne__': lambda *_: False})('/bin/true')"
    )
    assert found(lie).unimportable.error == "PermissionError"


# Choosing


@pytest.fixture
def no_wall(monkeypatch):
    def why_unusable(sandbox):
        return "it is not installed" if sandbox.is_wall else None

    monkeypatch.setattr(choosing, "why_unusable", why_unusable)


def test_without_a_wall_nothing_is_chosen_silently(no_wall):
    with pytest.raises(Unavailable) as refused:
        choose("auto")
    said = str(refused.value)
    assert "bwrap: it is not installed" in said
    assert "unshare: it is not installed" in said
    assert "with bubblewrap installed" in said
    assert "--sandbox limits" in said
    with pytest.raises(Unavailable, match="the sandbox 'bwrap' does not work here: it is not"):
        choose("bwrap")


@pytest.mark.parametrize("name", ["limits", "any"])
def test_limits_are_taken_when_asked_for(no_wall, name):
    assert choose(name).name == "limits"


def test_any_takes_a_wall_first(monkeypatch):
    monkeypatch.setattr(choosing, "why_unusable", lambda _: None)
    assert choose("any").name == choose("auto").name == "bwrap"


def test_a_grade_without_a_wall_says_so(graded, tmp_path, limits):
    grade = graded(project(tmp_path / "ada"), limits)
    (remark,) = grade.remarks
    assert "not truly shut off" in remark.text
    assert not remark.to_student


def test_a_grade_behind_a_wall_has_nothing_to_say_of_it(graded, tmp_path, wall):
    assert graded(project(tmp_path / "ada"), wall).remarks == ()
