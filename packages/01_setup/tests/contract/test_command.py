"""`python -m tinytorch.setup`: the whole report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinytorch.setup import report

if TYPE_CHECKING:
    from conftest import Site

pytestmark = pytest.mark.in_process("starts the module as a command")


def run(
    folder: Path, *arguments: str, first: list[str] | None = None, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[bytes]:
    """Run it in `folder`, with the folders of `first` before all others on the path."""
    path = os.pathsep.join([*(first or []), *filter(None, sys.path)])
    return subprocess.run(
        [sys.executable, "-P", "-m", "tinytorch.setup", *arguments],
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        cwd=folder,
        capture_output=True,
        check=False,
    )


def test_the_text(tmp_path: Path) -> None:
    done = run(tmp_path)
    text = done.stdout.decode()
    for heading in ("This machine", "The course", "Part 1", "Part 3", "Next:", "Problems"):
        assert heading in text
    assert done.stderr == b""


def test_the_json(tmp_path: Path) -> None:
    done = run(tmp_path, "--json")
    plain = json.loads(done.stdout)
    assert set(plain) == {"environment", "learning_path", "problems"}
    assert plain["environment"]["python"]
    assert len(plain["learning_path"]["steps"]) == 20
    assert done.returncode == (1 if plain["problems"] else 0)


def test_a_problem_is_explained_and_is_the_exit_code(site: Site, tmp_path: Path) -> None:
    site.metadata("tinytorch", "0.1.0")
    done = run(tmp_path, first=site.path)
    assert done.returncode == 1
    assert "uninstall tinytorch" in done.stdout.decode()
    plain = json.loads(run(tmp_path, "--json", first=site.path).stdout)
    assert "foreign-distribution" in [problem["kind"] for problem in plain["problems"]]


def test_a_module_that_cannot_be_imported_is_no_obstacle(site: Site, tmp_path: Path) -> None:
    site.wheel("systems").write_text("this is not Python\n")
    done = run(tmp_path, "--json", first=site.path)
    steps = {step["name"]: step for step in json.loads(done.stdout)["learning_path"]["steps"]}
    assert steps["systems"]["origin"] == "reference"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_that_cannot_show_a_folder_s_name(
    new_site: type[Site], tmp_path: Path, encoding: str
) -> None:
    folder = new_site(tmp_path / "Πλάτων")
    folder.wheel("systems", "0.1.0+student")
    done = run(tmp_path, first=folder.path, encoding=encoding)
    assert done.stderr == b""
    assert b"0.1.0+student" in done.stdout


def test_the_speed_when_asked_for(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "--json", "--speed").stdout)["speed"]["one_thread"] > 0


def test_the_report_is_its_parts() -> None:
    whole = report()
    text = str(whole)
    assert str(whole.environment) in text
    assert str(whole.learning_path) in text
    assert all(str(problem) in text for problem in whole.problems)
    assert json.loads(whole.to_json()) == whole.to_dict()
