"""`tinytorch grade`: many submissions, none of which stops the others; on from where it stopped."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import made_up
import pytest
from click.testing import CliRunner, Result
from made_up_submissions import project, untouched

from tinytorch_course import whole_file
from tinytorch_course.cli import cli
from tinytorch_course.grading import submission
from tinytorch_course.grading.naming import file_name, named


@pytest.fixture(autouse=True)
def folder(tmp_path, court, monkeypatch) -> Path:
    """A folder to be in, with three submissions."""
    monkeypatch.chdir(tmp_path)
    untouched(tmp_path / "bob")
    project(tmp_path / "eve", halve="    return 7\n")
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        for file in project(tmp_path / "packed").rglob("*"):
            archive.write(file, file.relative_to(tmp_path / "packed"))
    return tmp_path


def run(*arguments: str) -> Result:
    """In whatever sandbox this machine has."""
    words = ["grade", "--sandbox", "any", *arguments]
    return CliRunner().invoke(cli, words, prog_name="tinytorch")


def scores(folder: Path) -> dict[str, float]:
    files = sorted((folder / "grades" / "records").glob("*.json"))
    return {file.stem: json.loads(file.read_text())["grade"]["score"] for file in files}


def test_a_batch(folder):
    result = run("ada.zip", "bob", "eve", "--module", "tensor", "--format", "csv")
    assert result.exit_code == 0, result.output
    assert scores(folder) == {"ada": 100, "bob": 0, "eve": 40}
    with (folder / "grades" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["submission"], float(row["score"])) for row in rows] == [
        ("ada", 100),
        ("bob", 0),
        ("eve", 40),
    ]
    assert "Sandbox: " in result.stderr
    assert "3 submissions, 3 graded" in result.stdout


def test_a_pattern_is_expanded(folder):
    assert run("*.zip", "--module", "2").exit_code == 0
    assert scores(folder) == {"ada": 100}


def test_it_goes_on_from_where_it_stopped(folder, monkeypatch):
    assert run("ada.zip", "bob", "--module", "tensor").exit_code == 0
    graded = []
    real = submission.grade

    def note(source, name, rules):
        graded.append(name)
        return real(source, name, rules)

    monkeypatch.setattr(submission, "grade", note)
    project(folder / "bob")
    result = run("ada.zip", "bob", "eve", "--module", "tensor")
    assert "1 of 3 are graded already" in result.stderr
    assert sorted(graded) == ["bob", "eve"]
    assert scores(folder) == {"ada": 100, "bob": 100, "eve": 40}
    assert run("ada.zip", "--module", "tensor", "--time-limit", "9").exit_code == 0
    assert graded[2:] == ["ada"]  # other rules
    assert run("ada.zip", "--module", "tensor", "--time-limit", "9", "--again").exit_code == 0
    assert graded[3:] == ["ada"]


def test_a_grader_that_fails_at_one_grades_the_others(folder, monkeypatch):
    real = submission.grade

    def stumble(source, name, rules):
        if name == "bob":
            raise OSError("no space left on device")
        return real(source, name, rules)

    monkeypatch.setattr(submission, "grade", stumble)
    result = run("ada.zip", "bob", "eve", "--module", "tensor")
    assert result.exit_code == 1
    assert scores(folder) == {"ada": 100, "bob": 0, "eve": 40}
    assert "no space left on device" in (folder / "grades" / "records" / "bob.json").read_text()
    monkeypatch.setattr(submission, "grade", real)
    project(folder / "bob")
    assert run("ada.zip", "bob", "eve", "--module", "tensor").exit_code == 0
    assert scores(folder)["bob"] == 100


def test_long_and_deep_submissions_stop_nobody(folder):
    long = "x" * 245
    (folder / "ada.zip").rename(folder / f"{long}.zip")
    project(folder / "deep").joinpath("d/" * 60).mkdir(parents=True)
    result = run(f"{long}.zip", "deep", "eve", "--module", "tensor", "--format", "prairielearn")
    assert result.exit_code == 0, result.output
    files = (folder / "grades" / "records").glob("*.json")
    found = {each["submission"]: each["score"] for each in map(grade_in, files)}
    assert found == {long: 100, "deep": 0, "eve": 40}
    assert "more than 50 deep in each other" in (folder / "grades/records/deep.json").read_text()
    assert len(list((folder / "grades" / "prairielearn").iterdir())) == 3
    again = run(f"{long}.zip", "deep", "eve", "--module", "tensor")
    assert "3 of 3 are graded already" in again.stderr


def grade_in(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())["grade"]
    return found


def test_a_grade_that_cannot_be_kept_stops_nobody(folder, monkeypatch):
    real = whole_file.replace

    def stumble(file, content):
        if file.stem == "bob":
            raise OSError("no space left on device")
        real(file, content)

    monkeypatch.setattr(whole_file, "replace", stumble)
    result = run("ada.zip", "bob", "eve", "--module", "tensor")
    assert result.exit_code == 1
    assert "no space left on device" in result.output
    assert scores(folder) == {"ada": 100, "eve": 40}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_whole_grades_and_no_process(folder, court):
    project(folder / "slow", halve="    import time\n    time.sleep(30)\n")
    program = (
        "import sys; sys.argv = ['tinytorch', 'grade', 'ada.zip', 'slow', '--module', 'tensor',"
        "'--jobs', '1', '--time-limit', '30']; from tinytorch_course.cli import main; main()"
    )
    child = subprocess.Popen([sys.executable, "-P", "-c", program], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (folder / "grades" / "records" / "ada.json").is_file():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert scores(folder) == {"ada": 100}
    result = run("ada.zip", "slow", "--module", "tensor", "--jobs", "1", "--time-limit", "1")
    assert result.exit_code == 0
    assert scores(folder) == {"ada": 100, "slow": 40}


def test_names_of_submissions_are_told_apart(folder):
    project(folder / "one" / "tensor")
    untouched(folder / "two" / "tensor")
    assert run("one/tensor", "two/tensor", "--module", "tensor").exit_code == 0
    assert scores(folder) == {"tensor": 100, "two-tensor": 0}


def test_a_name_for_each_of_many_that_are_alike(tmp_path):
    endings = ("zip", "whl", "tar", "tgz", "tar.gz", "tar.bz2", "tbz2", "tar.xz", "txz", "ZIP")
    paths = [tmp_path / f"x.{ending}" for ending in endings * 3]
    found = named(paths)
    assert sorted(found.values()) == sorted(set(paths))
    assert len({name.lower() for name in found}) == len(endings)


ODD_NAMES = [
    "x" * 245,
    "x" * 246,
    "ä" * 120,
    "a/b",
    "..",
    "",
    ".json",
    "a\nb",
    "a\udcff",
    "a~b",
    "a ",
]


def test_a_file_for_each_name(tmp_path):
    files = [file_name(each) for each in ODD_NAMES]
    assert len({each.lower() for each in files}) == len(ODD_NAMES)
    for each in files:
        (tmp_path / f"{each}.{'y' * 100}").write_text("")
    assert len(list(tmp_path.glob("*.y*"))) == len(ODD_NAMES)
    assert file_name("Ada Lovelace (2)") == "Ada Lovelace (2)"


def test_an_instructors_own_tests(folder):
    made_up.write(
        folder / "own" / "tasks.toml",
        '[[tasks]]\nid = "own.1"\ntitle = "Large"\npoints = 10\ntests = ["test_large.py"]\n'
        '[[tasks]]\nid = "own.2"\ntitle = "Small"\npoints = 5\ntests = ["test_small.py"]\n',
    )
    test = "from tinytorch.tensor import numbers\n\n\ndef test_it():\n    assert numbers.{}\n"
    made_up.write(folder / "own" / "test_large.py", test.format("halve(200) == 100"))
    made_up.write(folder / "own" / "test_small.py", test.format("double(1) == 2"))
    result = run("ada.zip", "eve", "--module", "tensor", "--tests", "own")
    assert result.exit_code == 0, result.output
    assert scores(folder) == {"ada": 115, "eve": 45}


OWN = """\
import pytest

from tinytorch.tensor import numbers

SECRET = 4711


{mark}
def test_own():
    assert numbers.double(4) == 8
"""
READING = """\
import pathlib, sys
IN_SIGHT = [pathlib.Path({own!r})]
IN_SIGHT += pathlib.Path(sys.argv[-1]).glob("assignment.json")
def read():
    import json
    told = []
    for file in IN_SIGHT:
        try:
            text = file.read_text()
            told.append(text)
            if file.name == "assignment.json":
                checks = pathlib.Path(json.loads(text)["checks"])
                told += [each.read_text() for each in checks.glob("*.py")]
        except OSError:
            pass
    return "found " + " ".join(told)
"""


@pytest.mark.parametrize("mark", ["", "@pytest.mark.in_process('why')"], ids=["apart", "beside"])
def test_what_own_tests_hold_is_not_told(folder, mark):
    """In a message of the student's, shown to the student."""
    tests = folder / "own" / "test_own.py"
    tasks = '[[tasks]]\nid = "own.1"\ntitle = "Own"\npoints = 10\ntests = ["test_own.py"]\n'
    made_up.write(folder / "own" / "tasks.toml", tasks)
    made_up.write(tests, OWN.format(mark=mark))
    first = READING.format(own=str(tests))
    project(folder / "mal", double="    raise ValueError(read())\n", first=first)
    assert run("ada.zip", "mal", "--module", "tensor", "--tests", "own").exit_code == 0
    assert scores(folder)["ada"] == 110
    item = grade_in(folder / "grades" / "records" / "mal.json")["sections"][-1]["items"][0]
    assert (item["points"], item["outcome"]) == (0, "wrong")
    assert "SECRET" not in str(item)
    assert "test_own.py::test_own" in item["reason"][-1]
    project(folder / "mal", first=first + "raise ValueError(read())\n")
    assert run("mal", "--module", "tensor", "--tests", "own").exit_code == 0
    item = grade_in(folder / "grades" / "records" / "mal.json")["sections"][-1]["items"][0]
    assert (item["points"], item["outcome"]) == (0, "unimportable")
    assert "SECRET" not in str(item)


def test_own_tests_of_code_that_writes_a_file_say_so(folder):
    """Apart it could not: what the judge makes is out of its reach."""
    made_up.write(
        folder / "own" / "tasks.toml",
        '[[tasks]]\nid = "own.1"\ntitle = "File"\npoints = 10\ntests = ["test_file.py"]\n',
    )
    made_up.write(
        folder / "own" / "test_file.py",
        "import pytest\nfrom tinytorch.tensor import numbers\n\n\n"
        '@pytest.mark.in_process("writes a file")\n'
        "def test_it(tmp_path):\n"
        "    numbers.save(tmp_path / 'it')\n"
        "    assert (tmp_path / 'it').read_text() == 'saved'\n",
    )
    saves = "def save(file):\n    file.write_text('saved')\n\n\n"
    project(folder / "cy", first=saves)
    result = run("cy", "--module", "tensor", "--tests", "own")
    assert result.exit_code == 0, result.output
    assert scores(folder) == {"cy": 110}


def test_without_a_sandbox_a_warning_is_printed(folder):
    result = run("bob", "--module", "tensor", "--sandbox", "limits")
    assert result.exit_code == 0, result.output
    assert "Warning: code that gets around Python can read and change what you can" in result.stderr


BROKEN = {
    "no tasks": (None, "tasks.toml is missing"),
    "not TOML": ("[[tasks", "tasks.toml cannot be read"),
    "no file": ('[[tasks]]\nid="1"\ntitle="x"\npoints=1\ntests=["test_no.py"]\n', "is not there"),
    "no check": ('[[tasks]]\nid="1"\ntitle="x"\npoints=1\ntests=["test_a.py"]\n', "no check of"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_own_tests_that_are_broken_are_told_before_anything_is_graded(folder, name):
    tasks, said = BROKEN[name]
    made_up.write(folder / "own" / "test_a.py", "")
    if tasks:
        made_up.write(folder / "own" / "tasks.toml", tasks)
    result = run("ada.zip", "--module", "tensor", "--tests", "own")
    assert result.exit_code == 1
    assert said in result.output
    assert not (folder / "grades").exists()


def test_a_part_counts_modules_and_milestone(folder):
    """Of one module handed in and one not, and a milestone that stands on it."""
    project(folder / "cy" / "tensor")
    result = run("cy", "bob", "--part", "1")
    assert result.exit_code == 0, result.output
    found = {
        file.stem: json.loads(file.read_text())["grade"]
        for file in (folder / "grades" / "records").glob("*.json")
    }
    assert found["cy"]["possible"] == pytest.approx(25)
    assert found["cy"]["score"] == pytest.approx(12.5 / 2 + 12.5 / 2)
    assert [each["name"] for each in found["cy"]["sections"]] == ["tensor", "activations", "xornet"]
    assert "ran on 1 of 2 modules" in json.dumps(found["cy"])
    assert found["bob"]["score"] == 0


REFUSALS = {
    (): "Say what is graded: --module tensor, or --part 1.",
    ("--module", "tensr"): "Did you mean 'tensor'?",
    ("--part", "2"): "Part 2 is not yet released",
    ("--module", "tensor", "--output", "x"): "--output says where a --format goes",
}


@pytest.mark.parametrize("arguments", REFUSALS)
def test_what_cannot_be_graded_is_told(folder, arguments):
    result = run("ada.zip", *arguments)
    assert result.exit_code != 0
    assert REFUSALS[arguments] in result.output


def test_a_submission_that_is_not_there(folder):
    assert "there is no 'nobody'" in run("nobody", "--module", "tensor").output


def test_versions_are_frozen_and_held(folder):
    assert run("--freeze", "term.txt").exit_code == 0
    lines = (folder / "term.txt").read_text().splitlines()
    assert any(line.startswith("tinytorch-course==") for line in lines)
    assert run("ada.zip", "--module", "tensor", "--frozen", "term.txt").exit_code == 0
    held = [line for line in lines if not line.startswith("pytest==")]
    (folder / "term.txt").write_text("\n".join([*held, "pytest==1.0"]))
    result = run("ada.zip", "--module", "tensor", "--frozen", "term.txt")
    assert result.exit_code == 1
    assert "(frozen: 1.0)" in result.output


def test_an_edited_reference_is_not_graded_with(folder, court):
    file = court.site / "tinytorch" / "tensor" / "numbers.py"
    before = file.read_text()
    file.write_text(before + "\n")
    try:
        result = run("ada.zip", "--module", "tensor")
    finally:
        file.write_text(before)
    assert result.exit_code == 1
    assert "was edited where it is installed" in result.output
