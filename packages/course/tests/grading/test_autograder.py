"""`tinytorch autograder`: what is in the packages."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import made_up
import pytest
import stand_in_wheels
from importlib_metadata import version
from made_up_grades import schema

EXECUTABLE = 0o111
OWN = '[[tasks]]\nid = "own.1"\ntitle = "Own"\npoints = 5\ntests = ["test_own.py"]\n'


@pytest.fixture
def part(writer):
    """With a milestone, so that the part can be graded."""
    milestone = made_up.task("milestone.xornet", "Learn", "learn", 100)
    folder = writer.root / "material" / "xornet"
    made_up.describe(folder, "xornet", 0, [milestone], [], [])
    return writer


def make(machine, *arguments: str) -> str:
    code, out, err = machine.run("autograder", *arguments)
    assert code == 0, err.decode()
    return out.decode()


def refusal(machine, *arguments: str) -> str:
    code, out, err = machine.run("autograder", *arguments)
    assert code != 0, out.decode()
    assert b"Traceback" not in err
    return err.decode()


def requirements(machine) -> list[str]:
    make(machine, "gradescope", "--module", "tensor", "--output", "probe.zip")
    return zipfile.ZipFile("probe.zip").read("requirements.txt").decode().split()


def test_gradescopes_zip_has_its_scripts_at_the_root(writer):
    told = make(writer, "gradescope", "--module", "tensor")
    assert told.startswith("gradescope-tensor.zip is written")
    packed = zipfile.ZipFile("gradescope-tensor.zip")
    for name in ("setup.sh", "run_autograder", "install.sh", "grade.sh"):
        info = packed.getinfo(name)
        assert info.create_system == 3, "the executable bit is Unix's"
        assert (info.external_attr >> 16) & EXECUTABLE == EXECUTABLE
        assert packed.read(name).startswith(b"#!/usr/bin/env bash\n")
        assert b"\r" not in packed.read(name)
    jsonschema.validate(json.loads(packed.read("unfinished.json")), schema("gradescope"))
    python = f"{sys.version_info.major}.{sys.version_info.minor}\n"
    assert packed.read("python-version").decode() == python
    lines = packed.read("requirements.txt").decode().splitlines()
    assert {"tinytorch-tensor==0.1.0", f"tinytorch-course=={version('tinytorch-course')}"} <= set(
        lines
    )
    assert all(re.fullmatch(r"[a-z0-9.-]+==\S+", line) for line in lines)
    names = {line.split("==")[0] for line in lines}
    assert {"tinytorch-course", "pytest", "hypothesis", "pluggy", "rich"} <= names


@pytest.mark.parametrize(
    ("options", "points", "minutes"),
    [
        (("--module", "tensor"), 100, 7),
        (("--module", "tensor", "--tests", "own"), 105, 11),
        (("--part", "1"), 25, 11),
        (("--part", "1", "--time-budget", "60"), 25, 5),
    ],
)
def test_what_is_to_be_set_in_gradescope_is_said(part, options, points, minutes):
    part.write(Path("own/test_own.py"), "def test_own(): pass\n")
    part.write(Path("own/tasks.toml"), OWN)
    told = make(part, "gradescope", *options)
    assert f"Set the autograder's points to {points}.\n" in told
    assert f"at least {minutes} minutes" in told


def test_the_same_twice_is_the_same_zip(writer):
    for name in ("one.zip", "two.zip"):
        make(writer, "gradescope", "--module", "tensor", "--output", name)
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()


@pytest.mark.parametrize(
    ("choice", "arguments"),
    [
        (("--module", "2"), ["--module", "tensor", "--time-budget", "300"]),
        (("--part", "1"), ["--part", "1", "--time-budget", "180"]),
        (("--part", "1", "--time-budget", "20"), ["--part", "1", "--time-budget", "20"]),
    ],
)
def test_what_grade_is_told(part, choice, arguments):
    make(part, "gradescope", *choice, "--output", "it.zip")
    assert zipfile.ZipFile("it.zip").read("arguments").decode().splitlines() == arguments


def test_own_tests_and_data_come_along(writer):
    writer.write(Path("own/test_own.py"), "def test_own(): pass\n")
    writer.write(Path("own/tasks.toml"), OWN)
    writer.write(Path("own/__pycache__/test_own.pyc"), "")
    writer.write(Path("data/cifar/batch.bin"), "data")
    options = ("--module", "tensor", "--tests", "own", "--data-dir", "data")
    make(writer, "gradescope", *options, "--output", "it.zip")
    names = set(zipfile.ZipFile("it.zip").namelist())
    assert {"tests/test_own.py", "tests/tasks.toml", "data/cifar/batch.bin"} <= names
    assert not any("__pycache__" in name for name in names)
    make(writer, "prairielearn", *options)
    question = Path("prairielearn/questions/tinytorch-tensor")
    assert (question / "tests/tests/test_own.py").is_file()
    assert Path("prairielearn/image/data/cifar/batch.bin").read_text() == "data"


def test_wheels_of_the_pinned_versions_come_along(writer):
    stand_in_wheels.write(Path("wheels"), [*requirements(writer), "other==1.0", "rich==0.1"])
    make(writer, "gradescope", "--module", "tensor", "--wheels", "wheels", "--output", "it.zip")
    names = {
        n.split("/")[1] for n in zipfile.ZipFile("it.zip").namelist() if n.startswith("wheels/")
    }
    wanted = {line.replace("-", "_").replace("==", "-") for line in requirements(writer)}
    assert {name.removesuffix("-py3-none-any.whl") for name in names} == wanted


def test_a_wheel_of_ours_that_is_missing_is_named(writer):
    lines = [line for line in requirements(writer) if not line.startswith("tinytorch-layers")]
    stand_in_wheels.write(Path("wheels"), lines)
    told = refusal(writer, "gradescope", "--module", "tensor", "--wheels", "wheels")
    assert "wheels has no wheel of tinytorch-layers==0.1.0" in told
    assert not Path("gradescope-tensor.zip").exists()


def test_libraries_may_come_from_an_index(writer):
    ours = [line for line in requirements(writer) if line.startswith("tinytorch-")]
    stand_in_wheels.write(Path("wheels"), ours)
    make(writer, "gradescope", "--module", "tensor", "--wheels", "wheels")


def test_a_students_module_is_not_pinned(machine):
    made_up.write_material(machine.root / "material")
    machine.install_numpy()
    machine.install("tensor", "activations")
    machine.install_project("layers")
    told = refusal(machine, "gradescope", "--module", "tensor")
    assert "tinytorch-layers==0.1.0+student" in told
    assert "tinytorch restore --all" in told


@pytest.mark.parametrize("requires", [(), None])
def test_what_it_builds_on_must_be_here(machine, requires):
    made_up.write_material(machine.root / "material")
    machine.install_numpy()
    machine.install("activations", requires=requires)
    told = refusal(machine, "gradescope", "--module", "activations")
    assert "tinytorch-tensor" in told
    assert "pip install tinytorch-tensor" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--module tensor, or --part 1"),
        (("--module", "tensor", "--part", "1"), "--module tensor, or --part 1"),
        (("--module", "tensr"), "Did you mean 'tensor'?"),
        (("--part", "9"), "Part 9 is not yet released"),
        (("--module", "tensor", "--tests", "."), "tasks.toml is missing"),
    ],
)
def test_what_cannot_be_graded_is_said(writer, arguments, said):
    assert said.lower() in refusal(writer, "gradescope", *arguments).lower()


class Uploads(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: dict[str, dict[str, str | None]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements[tag] = dict(attributes)


def test_prairielearns_question(writer):
    told = make(writer, "prairielearn", "--module", "tensor", "--image", "ada/grader:1")
    assert "docker build -t ada/grader:1" in told
    question = Path("prairielearn/questions/tinytorch-tensor")
    info = json.loads((question / "info.json").read_text())
    jsonschema.validate(info, schema("prairielearn-question"))
    assert info["title"] == "TinyTorch: Tensor"
    assert info["externalGradingOptions"]["image"] == "ada/grader:1"
    assert info["externalGradingOptions"]["timeout"] == 360
    elements = Uploads((question / "question.html").read_text()).elements
    assert elements["pl-file-upload"]["file-names"] == "numbers.py"
    assert "pl-external-grader-results" in elements
    entrypoint = question / "tests" / Path(info["externalGradingOptions"]["entrypoint"]).name
    assert entrypoint.read_text().startswith("#!/usr/bin/env bash\n")
    unfinished = json.loads((question / "tests" / "unfinished.json").read_text())
    jsonschema.validate(unfinished, schema("prairielearn"))
    assert unfinished["gradable"] is False


def test_prairielearns_image(writer):
    stand_in_wheels.write(Path("wheels"), requirements(writer))
    make(writer, "prairielearn", "--module", "tensor", "--wheels", "wheels")
    image = Path("prairielearn/image")
    lines = (image / "Dockerfile").read_text().splitlines()
    python = f"FROM python:{sys.version_info.major}.{sys.version_info.minor}-slim"
    assert lines.count(f"{python} AS builder") == 1
    last = lines[lines.index(python) :]
    copied = [line for line in last if line.startswith("COPY")]
    assert copied == ["COPY --from=builder /opt/tinytorch /opt/tinytorch"], (
        "no wheels of references"
    )
    assert (image / "install.sh").is_file()
    assert list((image / "wheels").glob("tinytorch_course-*.whl"))
    tests = Path("prairielearn/questions/tinytorch-tensor/tests")
    pinned = (image / "requirements.txt").read_text()
    assert (tests / "requirements.txt").read_text() == pinned


def test_a_part_is_handed_in_as_an_archive(part):
    make(part, "prairielearn", "--part", "1")
    question = Path("prairielearn/questions/tinytorch-part1")
    upload = Uploads((question / "question.html").read_text()).elements["pl-file-upload"]
    assert upload == {"file-names": "part1.zip"}
    info = json.loads((question / "info.json").read_text())
    assert info["externalGradingOptions"]["timeout"] == 600


def test_a_question_that_is_there_is_left_as_it_is(writer):
    make(writer, "prairielearn", "--module", "tensor")
    page = Path("prairielearn/questions/tinytorch-tensor/question.html")
    page.write_text("mine")
    assert "is left as it is" in refusal(writer, "prairielearn", "--module", "tensor")
    assert page.read_text() == "mine"
    make(writer, "prairielearn", "--module", "activations")


def test_the_same_question_keeps_its_id_and_others_have_others(writer):
    ids = []
    for folder, module in (("a", "tensor"), ("b", "tensor"), ("a", "activations")):
        make(writer, "prairielearn", "--module", module, "--output", folder)
        info = Path(folder, "questions", f"tinytorch-{module}", "info.json")
        ids.append(json.loads(info.read_text())["uuid"])
    assert ids[0] == ids[1] != ids[2]


def test_prairielearn_has_ten_minutes(writer):
    make(writer, "prairielearn", "--module", "tensor", "--time-budget", "540")
    told = refusal(writer, "prairielearn", "--module", "activations", "--time-budget", "541")
    assert "PrairieLearn ends a job after 600 s" in told
    assert "540 s" in told
