"""The places that packages are installed into: conda's, the user's own, the system's, Colab's."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import standalone
from standalone import Standalone

OLD, NEW = "reference 0.1.0", "mine 0.1.0+student"


class Here:
    """The command in an environment whose packages lie in one folder."""

    def __init__(self, place, python: str, site: Path) -> None:
        self.place = place
        place.machine.python, place.machine.site = python, site

    def tell(self, *arguments: object) -> dict[str, object]:
        code, out, err = self.place.machine.run(*map(str, arguments), "--json")
        assert out, err.decode()
        told: dict[str, object] = json.loads(out)
        return {**told, "exit code": code}

    def swaps_and_restores(self, *how: str) -> None:
        before = self.place.files()
        assert self.place.runs() == OLD
        told = self.tell("swap", "tensor", self.place.project(), *how)
        assert told.get("outcome") == "swapped", told
        assert self.place.runs() == NEW
        assert self.state() == "yours"
        told = self.tell("restore", "tensor")
        assert told["exit code"] == 0, told
        assert self.place.runs() == OLD
        assert self.place.files() == before

    def refusal(self) -> dict[str, object]:
        before = self.place.files()
        told = self.tell("swap", "tensor", self.place.project())
        assert (told["outcome"], self.place.files()) == ("refused", before)
        refused: dict[str, object] = told["refusal"]
        return refused

    def state(self) -> str:
        modules = self.tell("status")["modules"]
        return next(each["state"] for each in modules if each["name"] == "tensor")


@pytest.fixture
def alone(tmp_path, place) -> Standalone:
    return standalone.make(tmp_path / "a Python")


@pytest.fixture
def fill(place, libraries, installed_references):
    """Puts the references, and the libraries that the command needs, into a folder."""

    def fill(site: Path) -> None:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(installed_references, site, ignore=ignore, dirs_exist_ok=True)
        line = f"import site; site.addsitedir({str(libraries)!r})\n"
        (site / "libraries.pth").write_text(line)

    return fill


@pytest.mark.parametrize("how", ["--editable", "--no-editable"])
def test_conda(place, alone, fill, how):
    """A prefix with a Python of its own; what conda has installed is noted in conda-meta."""
    (alone.root / "conda-meta").mkdir()
    (alone.root / "conda-meta" / "history").write_text("")
    fill(alone.library / "site-packages")
    here = Here(place, alone.python, alone.library / "site-packages")
    here.swaps_and_restores(how)
    assert f"conda environment {alone.root}" in place.machine.run("doctor")[1].decode()


@pytest.mark.parametrize("how", ["--editable", "--no-editable"])
def test_the_users_own_folder_beside_the_systems(place, alone, fill, monkeypatch, tmp_path, how):
    """As after `pip install --user`."""
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path / "user"))
    site = Path(run(alone, "import site; print(site.getusersitepackages())"))
    assert site.is_relative_to(tmp_path / "user")
    site.mkdir(parents=True)
    fill(site)
    Here(place, alone.python, site).swaps_and_restores(how)


@pytest.mark.parametrize("how", ["--editable", "--no-editable"])
def test_colab(place, alone, fill, monkeypatch, how):
    """The system's Python, as root, with Debian's folders and no marker against pip."""
    site = standalone.install_as_debian_does(alone)
    fill(site)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    here = Here(place, alone.python, site)
    here.swaps_and_restores(how)
    told = here.tell("swap", "tensor", place.project("again"))
    assert "Restart the kernel" in told["kernels"]


def test_a_system_that_manages_its_python(place, alone, fill):
    site = standalone.install_as_debian_does(alone)
    fill(site)
    marker = "[externally-managed]\nError=Use apt.\n"
    (alone.library / "EXTERNALLY-MANAGED").write_text(marker)
    refused = Here(place, alone.python, site).refusal()
    assert refused["kind"] == "externally-managed"
    assert refused["fix"][0] == "python3 -m venv .venv"


def run(alone: Standalone, code: str) -> str:
    done = subprocess.run([alone.python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()
