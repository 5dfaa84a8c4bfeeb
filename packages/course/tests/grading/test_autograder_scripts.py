"""The packages put to work: their scripts install, grade, and leave a result whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import stand_in_wheels
from made_up_grades import schema

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="they run in the Linux containers of others"
)
GRADE = 'output.write_text(json.dumps({"score": 0.5}))'


@dataclass
class Container:
    """Folders laid out as in one of theirs."""

    format: str
    root: Path
    submission: Path
    command: list[str]
    settings: dict[str, str]

    @property
    def results(self) -> Path:
        return self.root / "results" / "results.json"

    @property
    def note(self) -> dict[str, Any]:
        """What the grader was told."""
        return json.loads((self.root / "note").read_text())

    def start(self, stand_in: str) -> subprocess.Popen[bytes]:
        settings = {"STAND_IN": stand_in, "NOTE": str(self.root / "note"), **self.settings}
        return subprocess.Popen(
            self.command, env={**os.environ, **settings}, start_new_session=True, cwd=self.root
        )

    def run(self, stand_in: str) -> Any:
        assert self.start(stand_in).wait(timeout=60) == 0
        return self.result()

    def result(self) -> Any:
        told = json.loads(self.results.read_text())
        jsonschema.validate(told, schema(self.format))
        return told


@pytest.fixture
def packages(writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One for Gradescope and one for PrairieLearn, with wheels of all that they install."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX")
    command = ("autograder", "gradescope", "--module", "tensor")
    assert writer.run(*command)[0] == 0
    lines = zipfile.ZipFile("gradescope-tensor.zip").read("requirements.txt").decode().split()
    stand_in_wheels.write(folder / "wheels", lines)
    writer.write(folder / "own" / "tasks.toml", OWN)
    writer.write(folder / "own" / "test_own.py", "def test_own(): pass\n")
    for name in ("gradescope", "prairielearn"):
        options = ("--module", "tensor", "--wheels", "wheels", "--tests", "own")
        code, _, err = writer.run("autograder", name, *options)
        assert code == 0, err.decode()
    return folder


OWN = '[[tasks]]\nid = "own.1"\ntitle = "Own"\npoints = 5\ntests = ["test_own.py"]\n'


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A PATH on which nothing can be installed by apt, and no pip that finds an index."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, text in {
        "apt-get": "#!/bin/sh\nexit 1\n",
        f"python{sys.version_info.major}.{sys.version_info.minor}": (
            f'#!/bin/sh\nexec "{sys._base_executable}" "$@"\n'
        ),
    }.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return f"{commands}{os.pathsep}{os.environ['PATH']}"


def unzip(file: Path, folder: Path) -> None:
    """As `unzip` does, which keeps the bits that say executable."""
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
        for info in packed.infolist():
            (folder / info.filename).chmod(info.external_attr >> 16 & 0o777)


@pytest.fixture
def gradescope(packages: Path, offline: str, tmp_path: Path) -> Container:
    root = tmp_path / "autograder"
    unzip(packages / "gradescope-tensor.zip", root / "source")
    command = [str(root / "source" / "setup.sh")]
    settings = {"AUTOGRADER_ROOT": str(root)}
    environment = {**os.environ, **settings, "PATH": offline}
    subprocess.run(command, env=environment, check=True, timeout=300)
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "submission").mkdir()
    runner = [str(root / "run_autograder")]
    return Container("gradescope", root, root / "submission", runner, settings)


@pytest.fixture
def prairielearn(packages: Path, tmp_path: Path) -> Container:
    """The question's files as PrairieLearn mounts them, and a stand-in for the image."""
    image, root = tmp_path / "image", tmp_path / "grade"
    commands = image / "venv" / "bin"
    commands.mkdir(parents=True)
    (commands / "python").symlink_to(sys.executable)
    (commands / "tinytorch").write_text(f"#!{sys.executable}\n{stand_in_wheels.GRADER}\nmain()\n")
    (commands / "tinytorch").chmod(0o755)
    question = packages / "prairielearn" / "questions" / "tinytorch-tensor"
    shutil.copytree(question / "tests", root / "tests")
    (root / "student").mkdir()
    info = json.loads((question / "info.json").read_text())
    entrypoint = info["externalGradingOptions"]["entrypoint"].replace("/grade", str(root), 1)
    settings = {"GRADE_ROOT": str(root), "TINYTORCH_IMAGE": str(image)}
    return Container("prairielearn", root, root / "student", [entrypoint], settings)


def test_gradescope(gradescope: Container) -> None:
    assert not list(gradescope.root.rglob("tinytorch_*.whl")), "a submission could read a reference"
    holds_to_its_word(gradescope)


def test_prairielearn(prairielearn: Container) -> None:
    holds_to_its_word(prairielearn)


def holds_to_its_word(container: Container) -> None:
    """One environment and several submissions, one after the other, as it is there."""
    (container.submission / "numbers.py").write_text("x = 1\n")
    is_graded(container)
    is_told_what_to_do(container)
    an_archive_alone_is_the_submission(container)
    leaves_a_result_when_the_grader_fails(container)
    leaves_a_result_when_it_is_killed(container)


def is_graded(container: Container) -> None:
    assert container.run(GRADE) == {"score": 0.5}
    assert container.run(f"{GRADE}; sys.exit(1)") == {"score": 0.5}


def is_told_what_to_do(container: Container) -> None:
    told = container.note["arguments"]
    options = dict(zip(told[2::2], told[3::2], strict=True))
    assert told[:2] == ["grade", str(container.submission)]
    assert options["--module"] == "tensor"
    assert options["--time-budget"] == "270"
    assert options["--format"] == container.format
    assert options["--sandbox"] == "any"
    assert (Path(options["--tests"]) / "test_own.py").is_file()
    assert "click==" in Path(options["--frozen"]).read_text()
    assert not Path(options["--results"]).exists(), "a grade of before would be taken for this one"
    assert not Path(container.note["home"]).exists()


def an_archive_alone_is_the_submission(container: Container) -> None:
    (container.submission / "numbers.py").unlink()
    archive = container.submission / "my project.zip"
    archive.write_bytes(b"")
    container.run(GRADE)
    assert container.note["arguments"][1] == str(archive)
    (container.submission / "numbers.py").write_text("x = 1\n")
    container.run(GRADE)
    assert container.note["arguments"][1] == str(container.submission)


def leaves_a_result_when_the_grader_fails(container: Container) -> None:
    for stand_in in (
        "sys.exit(3)",
        "os.kill(os.getpid(), 9)",
        'output.write_text("{")',
        'output.write_text("[]")',
        "output.mkdir()",
    ):
        container.run(GRADE)
        assert says_that_it_is_unfinished(container, container.run(stand_in)), stand_in


def leaves_a_result_when_it_is_killed(container: Container) -> None:
    (container.root / "note").unlink()
    process = container.start("time.sleep(60)")
    deadline = time.monotonic() + 30
    while not (container.root / "note").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert says_that_it_is_unfinished(container, container.result())


def says_that_it_is_unfinished(container: Container, told: Any) -> bool:
    text = told["output"] if container.format == "gradescope" else told["format_errors"][0]
    return text.startswith("The grader did not come to its end") and told["score"] == 0


def test_another_python_is_not_taken(packages: Path, offline: str, tmp_path: Path) -> None:
    """The versions were chosen for one; and none can be installed here."""
    root = tmp_path / "autograder"
    unzip(packages / "gradescope-tensor.zip", root / "source")
    (root / "source" / "python-version").write_text("3.2\n")
    done = subprocess.run(
        ["bash", str(root / "source" / "setup.sh")],
        env={**os.environ, "AUTOGRADER_ROOT": str(root), "PATH": offline},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert "there is no Python 3.2 here, and none could be installed" in done.stderr
    assert not (root / "venv").exists()
