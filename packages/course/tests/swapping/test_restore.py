"""`tinytorch restore`: the reference comes back as it was, offline and by force."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

BUILD = "[tool.hatch.build"
BY_HAND = {f"{BUILD}.": f'{BUILD}]\ndev-mode-dirs = ["src"]\n\n{BUILD}.'}
"""With it, an editable install needs nothing but hatchling."""
OLD, NEW = "reference 0.1.0", "mine 0.1.0+student"


@pytest.mark.parametrize("how", ["--editable", "--no-editable"])
def test_every_file_is_as_before_record_included(place, how):
    before = place.files()
    place.swap(place.project(), how)
    assert place.files() != before
    result = place.restore()
    assert result.exit_code == 0, result.output
    assert place.files() == before
    assert (place.runs(), place.state()) == (OLD, "reference")
    place.pip("check")


def test_the_text(place):
    project = place.project()
    place.swap(project)
    lines = place.restore().stdout.splitlines()
    again = f"tinytorch swap tensor '{project}'"
    assert lines == [
        "✓ tinytorch.tensor is the reference again, 0.1.0",
        f"  Your project is untouched: {again}",
        "",
        "Next  tinytorch run xornet",
        "      runs XORNet on it",
    ]


def test_json(place):
    project = place.project()
    place.swap(project)
    told = place.machine.json("restore", "tensor")
    (one,) = told.modules
    assert (one.name, one.outcome, one.version) == ("tensor", "restored", "0.1.0")
    assert (Path(one.was.project), one.was.version) == (project, "0.1.0+student")
    assert [each.command for each in told.next] == ["tinytorch run xornet"]
    assert place.machine.json("restore", "tensor").modules[0].outcome == "already"


def test_the_reference_already(place):
    before = place.files()
    result = place.restore()
    assert result.exit_code == 0
    assert result.stdout == "✓ tinytorch.tensor is the reference already.\n"
    assert place.restore("--all").stdout == "✓ Every installed module is the reference already.\n"
    assert place.files() == before


def test_all(place):
    place.swap(place.project())
    place.machine.install("spatial", version="0.1.0+student")
    result = place.restore("--all")
    assert result.exit_code == 1  # nobody kept a reference of the one installed by hand
    assert "tinytorch.tensor is the reference again" in result.stdout
    assert "spatial was not restored: no reference is kept" in result.stdout
    assert place.runs() == OLD


@pytest.mark.parametrize("editable", [True, False])
def test_after_an_install_by_hand_over_a_swap(place, editable):
    """The swap has kept the reference; what pip then put in its place does not matter."""
    before = place.files()
    place.swap(place.project())
    by_hand = place.project("by hand", changes=BY_HAND)
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--force-reinstall"]
    place.pip("install", *options, *(["-e"] if editable else []), str(by_hand))
    assert place.state() == "yours"
    result = place.restore()
    assert result.exit_code == 0, result.output
    assert place.files() == before
    assert place.runs() == OLD


def test_nothing_kept_tells_the_command(place, monkeypatch):
    place.machine.install("spatial", version="0.1.0+student")
    before = place.files()
    result = place.restore("spatial")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "✗ spatial was not restored: no reference is kept that could come back"
    assert lines[-1] == "  Nothing was changed."
    assert " install " in lines[-2]
    assert lines[-2].endswith("--force-reinstall --no-deps tinytorch-spatial==0.1.0")
    assert place.files() == before


@pytest.mark.parametrize("is_there", [True, False])
def test_with_uv_or_without_the_command_is_one_that_works(place, monkeypatch, tmp_path, is_there):
    """There is no pip in this environment."""
    place.machine.install("spatial", version="0.1.0+student")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("uv", "uv.exe") if is_there else ():
        (programs / name).write_text("")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    told = place.machine.json("restore", "spatial").modules[0].refusal
    (command,) = told.fix
    assert command.startswith("uv pip install") == is_there
    assert place.swap(place.project()).exit_code == 0  # needs neither
    assert place.restore().exit_code == 0


def test_a_wheel_of_the_students_in_the_same_folder_is_never_picked(place):
    before = place.files()
    place.swap(place.project(), "--no-editable")
    place.restore()
    (copy,) = place.kept("student")
    (reference,) = place.kept("reference")
    place.swap(place.project("second"))
    shutil.copy(copy, reference.parent)  # beside the right one
    note = {**json.loads((copy.parent / "kept.json").read_text()), "kept_at": "2999-01-01"}
    for name, kind in (("0.1.8", "reference"), ("0.1.9", "student")):  # with notes of their own
        folder = shutil.copytree(copy.parent, reference.parent.parent / name)
        (folder / "kept.json").write_text(json.dumps({**note, "kind": kind}))
    result = place.restore()
    assert result.exit_code == 0
    assert place.files() == before


def test_a_kept_wheel_that_was_changed_is_not_used(place):
    place.swap(place.project())
    (wheel,) = place.kept("reference")
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"!")
    result = place.restore()
    assert result.exit_code == 1
    assert "no reference is kept" in result.stdout
    assert place.runs() == NEW


def test_the_newest_kept_reference_that_suits_comes_back(place):
    place.swap(place.project())
    place.restore()
    metadata = place.site / "tinytorch_tensor-0.1.0.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 0.1.0", "Version: 0.1.1"))
    metadata.parent.rename(metadata.parent.with_name("tinytorch_tensor-0.1.1.dist-info"))
    place.swap(place.project("second", "0.1.1+student"))
    assert len(place.kept("reference")) == 2
    place.restore()
    assert place.runs() == "reference 0.1.1"


def test_a_kept_reference_that_does_not_suit_is_not_used(place):
    place.swap(place.project())
    info = next(place.site.glob("tinytorch_activations*.dist-info"))
    text = (info / "METADATA").read_text()
    (info / "METADATA").write_text(text.replace("<0.2,>=0.1", "<0.3,>=0.2"))
    assert "<0.3,>=0.2" in (info / "METADATA").read_text()
    result = place.restore()
    assert result.exit_code == 1
    assert "too old or too new" in result.stdout


def test_a_project_that_was_moved_away_can_be_left_behind(place):
    project = place.project()
    place.swap(project)
    shutil.move(project, project.with_name("elsewhere"))
    assert place.state() == "broken"
    result = place.restore()
    assert result.exit_code == 0, result.output
    assert place.runs() == OLD
    assert "untouched" not in result.stdout


def test_a_project_that_cannot_be_imported_can_be_left_behind(place):
    project = place.project()
    place.swap(project)
    (project / "src" / "tinytorch" / "tensor" / "__init__.py").write_text("1 / 0")
    assert place.restore().exit_code == 0
    assert place.runs() == OLD


def test_a_project_that_hides_every_module_can_be_left_behind(place):
    project = place.project()
    place.swap(project)
    (project / "src" / "tinytorch" / "__init__.py").write_text("")
    assert place.machine.json("status").modules[0].state == "broken"
    result = place.restore("--all")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("is the reference again") == 1
    assert place.runs() == OLD


def test_a_reference_whose_files_are_gone_comes_back(place):
    before = place.files()
    place.swap(place.project())
    place.restore()
    shutil.rmtree(place.site / "tinytorch" / "tensor")
    assert place.restore("--all").exit_code == 0
    assert place.files() == before


def test_a_copy_of_the_students_is_kept(place):
    place.swap(place.project(), "--no-editable")
    result = place.restore()
    (copy,) = place.kept("student")
    assert f"Your copy that was there is kept: {copy}" in result.stdout


def test_the_kept_wheel_is_one_that_pip_installs(place):
    before = place.files()
    place.swap(place.project(), "--no-editable")
    (wheel,) = place.kept("reference")
    place.pip("install", "--force-reinstall", "--no-deps", "--no-index", "--quiet", str(wheel))
    assert place.runs() == OLD
    after = place.files()
    info = "tinytorch_tensor-0.1.0.dist-info/"
    added = {f"{info}{name}" for name in ("direct_url.json", "RECORD", "REQUESTED")}
    assert {k: v for k, v in after.items() if k not in added} == {
        k: v for k, v in before.items() if k not in added
    }


@pytest.mark.parametrize("arguments", [(), ("tensor", "--all")])
def test_a_module_or_all(place, arguments):
    result = place.machine.invoke("restore", *arguments)
    assert result.exit_code == 2
    assert "Name a module, or say --all." in result.stderr


def test_unknown_names(place):
    result = place.restore("tensr")
    assert result.exit_code == 2
    assert "Did you mean 'tensor'?" in result.stderr
    assert "is a capstone" in place.restore("xornet").stderr


def test_not_installed(place):
    result = place.restore("spatial")
    assert result.exit_code == 1
    assert "spatial" in result.stdout
