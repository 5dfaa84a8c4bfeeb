"""`tinytorch swap`: the student's code is what runs, and everybody sees that it is theirs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

BY_HAND = {
    "[tool.hatch.build.": '[tool.hatch.build]\ndev-mode-dirs = ["src"]\n\n[tool.hatch.build.',
}
"""With it, an editable install needs nothing but hatchling."""
OLD, NEW = "reference 0.1.0", "mine 0.1.0+student"


@pytest.mark.parametrize("how", ["--editable", "--no-editable"])
def test_all_that_builds_on_it_runs_on_the_students(place, how):
    project = place.project()
    assert place.runs() == OLD
    result = place.swap(project, how)
    assert result.exit_code == 0, result.output
    assert place.runs() == NEW
    assert place.python("import tinytorch.activations as a; print(a.WHOSE)") == "mine"
    assert place.machine.run("run", "xornet")[1].split() == [b"mine"]
    assert place.state() == "yours"
    assert "healthy" in vars(place.machine.json("doctor"))


def test_an_edit_takes_effect_without_another_swap(place):
    project = place.project()
    place.swap(project)
    file = project / "src" / "tinytorch" / "tensor" / "__init__.py"
    file.write_text(file.read_text().replace('"mine"', '"mine, better"'))
    assert place.runs() == "mine, better 0.1.0+student"


def test_a_copy_stays_as_it_was_swapped(place):
    project = place.project()
    place.swap(project, "--no-editable")
    file = project / "src" / "tinytorch" / "tensor" / "__init__.py"
    file.write_text("1 / 0")
    assert place.runs() == NEW


def test_the_text(place):
    project = place.project()
    lines = place.swap(project).stdout.splitlines()
    assert lines == [
        "✓ tinytorch.tensor is now yours, 0.1.0+student",
        f"  from {project}",
        "  Edits take effect whenever Python starts; no need to swap again.",
        "  The reference is kept: tinytorch restore tensor",
        "",
        "Next  tinytorch check tensor --dependants",
        "      checks it, and what builds on it",
        "Then  tinytorch run xornet",
        "      runs XORNet on it",
    ]
    assert max(len(line) for line in lines if str(project) not in line) <= 80


def test_json(place):
    project = place.project()
    told = place.machine.json("swap", "tensor", str(project))
    assert (told.module, told.outcome, told.version) == ("tensor", "swapped", "0.1.0+student")
    assert (Path(told.project), told.editable, told.kernels) == (project, True, None)
    assert (told.was.version, told.was.yours) == ("0.1.0", False)
    assert Path(told.kept).is_file()
    assert [each.command for each in told.next][1] == "tinytorch run xornet"


@pytest.mark.parametrize("how", ["--editable", "--no-editable"])
def test_the_metadata_is_what_an_installer_writes(place, how):
    project = place.project()
    place.swap(project, how)
    info = place.site / "tinytorch_tensor-0.1.0+student.dist-info"
    origin = json.loads((info / "direct_url.json").read_text())
    expected = {"editable": True} if how == "--editable" else {}
    assert origin == {"dir_info": expected, "url": project.as_uri()}
    assert (info / "REQUESTED").read_text() == ""
    recorded = {line.split(",")[0] for line in (info / "RECORD").read_text().splitlines()}
    files = {each for each in place.files() if each.startswith(("tinytorch/tensor/", "_tinytorch"))}
    assert recorded == files | {f"{info.name}/{each.name}" for each in info.iterdir()}


@pytest.mark.parametrize("how", ["--editable", "--no-editable"])
def test_pip_lists_checks_and_uninstalls_it(place, how):
    project = place.project()
    place.swap(project, how)
    listed = {each["name"]: each for each in json.loads(place.pip("list", "--format", "json"))}
    tensor = listed["tinytorch-tensor"]
    assert tensor["version"] == "0.1.0+student"
    assert ("editable_project_location" in tensor) == (how == "--editable")
    place.pip("check")
    place.pip("uninstall", "--yes", "tinytorch-tensor")
    left = [each for each in place.files() if "tensor" in each and "libraries" not in each]
    assert left == []


def test_nothing_else_is_touched_and_nothing_left_behind(place):
    before = place.files()
    place.swap(place.project(), "--no-editable")
    after = place.files()
    others = [each for each in before if "tensor" not in each.partition("activations")[0]]
    assert {each: after[each] for each in others} == {each: before[each] for each in others}
    assert not [each for each in after if "swap" in each]
    assert not (place.site / ".tinytorch-swap-tensor").exists()


def test_twice(place):
    project = place.project()
    first = place.swap(project)
    files = place.files()
    second = place.swap(project)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert place.files() == files
    assert place.runs() == NEW


def test_one_project_after_another_and_both_copies_are_kept(place):
    first, second = place.project("first"), place.project("second")
    file = first / "src" / "tinytorch" / "tensor" / "__init__.py"
    file.write_text(file.read_text().replace('"mine"', '"first"'))
    place.swap(first, "--no-editable")
    result = place.swap(second, "--no-editable")
    assert place.runs() == NEW
    (copy,) = place.kept("student")
    assert f"Your copy that was there is kept: {copy}" in result.stdout
    assert len(place.kept("reference")) == 1
    place.swap(first)
    assert len(place.kept("student")) == 2
    assert place.runs() == "first 0.1.0+student"


@pytest.mark.parametrize("editable", [True, False])
def test_over_an_install_by_hand(place, editable):
    """`pip install [-e] ./tensor` is the same as a swap, to all commands."""
    by_hand = place.project("by hand", files={"own.py": ""}, changes=BY_HAND)
    options = ["--no-deps", "--no-build-isolation", "--quiet", *(["-e"] if editable else [])]
    place.pip("install", *options, str(by_hand))
    assert (place.state(), place.runs()) == ("yours", NEW)
    other = place.project("other", files={"memory.py": "def strides():\n    return 1\n"})
    result = place.swap(other)
    assert result.exit_code == 0, result.output
    assert place.python("from tinytorch.tensor import strides; print(strides())") == "1"
    assert not [each for each in place.files() if each.endswith("/own.py")]
    assert len(place.kept("student")) == (0 if editable else 1)
    assert "No reference is here to compare your public names with." in result.stdout
    place.pip("check")


def test_a_path_with_spaces_and_other_letters(place):
    project = place.project("Übung mit Größe 張")
    result = place.swap(project)
    assert result.exit_code == 0, result.output
    assert place.runs() == NEW
    pth = (place.site / "_tinytorch_tensor.pth").read_bytes()
    assert pth.isascii()
    assert place.state() == "yours"
    assert place.machine.run("doctor", "--json")[0] in (0, 1)
    assert place.restore().exit_code == 0
    assert place.runs() == OLD


def test_in_the_folder_of_the_project_or_above_it_no_path_is_needed(place, monkeypatch):
    project = place.project()
    monkeypatch.chdir(project)
    assert place.swap().exit_code == 0
    monkeypatch.chdir(project.parent)
    assert place.swap("--no-editable").exit_code == 0
    assert place.runs() == NEW


def test_without_a_path_something_wrong_with_the_project_is_told(place, monkeypatch):
    project = place.project(changes={'"tinytorch-tensor"': '"tinytorch-tensr"'})
    monkeypatch.chdir(project)
    assert "its name is misspelt" in place.swap().stdout
    monkeypatch.chdir(place.site)
    assert "there is no folder" in place.swap().stdout


def test_a_module_may_be_named_as_everywhere(place):
    project = place.project()
    assert place.machine.invoke("swap", "02_tensor", str(project)).exit_code == 0


def test_an_edited_reference_is_noted_and_kept_as_it_is(place):
    file = place.site / "tinytorch" / "tensor" / "memory.py"
    file.write_text("def strides():\n    return 'edited'\n")
    before = place.files()
    result = place.swap(place.project())
    assert "is kept so: tinytorch/tensor/memory.py" in result.stdout
    result = place.restore()
    assert "edits" in result.stdout
    assert place.files() == before
    assert place.python("from tinytorch.tensor import strides; print(strides())") == "edited"


def test_a_file_that_was_put_beside_the_reference_is_not_lost(place):
    (place.site / "tinytorch" / "tensor" / "notes.txt").write_text("mine")
    before = place.files()
    place.swap(place.project(), "--no-editable")
    assert not (place.site / "tinytorch" / "tensor" / "notes.txt").exists()
    place.restore()
    assert place.files() == before


def test_old_bytecode_is_removed(place, monkeypatch):
    def bytecode() -> list[Path]:
        return sorted((place.site / "tinytorch" / "tensor").rglob("*.pyc"))

    monkeypatch.delenv("PYTHONPYCACHEPREFIX")
    place.runs()
    assert bytecode()
    place.swap(place.project(), "--no-editable")
    assert bytecode() == []


def test_old_bytecode_in_a_folder_of_its_own_is_removed(place, tmp_path, monkeypatch):
    prefix = tmp_path / "bytecode of this test"
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(prefix))
    place.runs()
    inside = str(Path("tinytorch", "tensor", "memory."))
    assert [each for each in prefix.rglob("*.pyc") if inside in str(each)]
    code, out, err = place.machine.run("swap", "tensor", str(place.project()))
    assert code == 0, out + err
    site = str(place.site)[1:]
    left = [each for each in prefix.rglob("*.pyc") if inside in str(each) and site in str(each)]
    assert left == []


@pytest.mark.parametrize(
    "name", ["JPY_PARENT_PID", "JPY_SESSION_NAME", "JUPYTER_SERVER_URL", "COLAB_RELEASE_TAG"]
)
def test_in_a_notebook_it_says_that_the_kernel_must_restart(place, monkeypatch, name):
    monkeypatch.setenv(name, "1")
    advice = "Restart the kernel of your notebook: until then it runs the old code."
    assert f"! {advice}" in place.swap(place.project()).stdout.splitlines()
    assert f"! {advice}" in place.restore().stdout.splitlines()


def test_a_kernel_that_runs_elsewhere_is_noticed(place, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as kernel:
        table = {"ip": "127.0.0.1", "hb_port": kernel.getsockname()[1]}
        (tmp_path / "kernel-1.json").write_text(json.dumps(table))
        (tmp_path / "kernel-2.json").write_text("{")
        assert "! A Jupyter kernel is running" in place.swap(place.project()).stdout
    assert "running" not in place.restore().stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_any_encoding(place, encoding):
    project = place.project("Größe-張")
    place.machine.environment = {"PYTHONIOENCODING": encoding}
    code, out, err = place.machine.run("swap", "tensor", str(project))
    assert (code, err) == (0, b"")
    assert str(project).encode(encoding, "backslashreplace") in out
    code, out, err = place.machine.run("restore", "--all")
    assert (code, err) == (0, b"")


def test_several_at_once_wait_for_one_another(place):
    projects = [place.project(str(number)) for number in range(3)]
    commands = [("swap", "tensor", str(each)) for each in projects] + [("restore", "tensor")]
    running = [place.machine.start(*each) for each in commands]
    ended = [(each.communicate(timeout=120), each.returncode) for each in running]
    assert [code for _, code in ended] == [0] * 4, ended
    assert place.runs() in (OLD, NEW)
    assert place.state() in ("reference", "yours")
    assert not (place.site / ".tinytorch-swap-tensor").exists()
    assert len(place.kept("reference")) == 1


def test_the_lock_is_waited_for_and_then_told(place, monkeypatch):
    from tinytorch_course.swapping import storage

    project = place.project()
    folder = storage.folder_of(Path(place.machine.python).parent.parent)
    monkeypatch.setattr(storage.one_at_a_time.__wrapped__, "__defaults__", (0.1,))
    with storage.one_at_a_time(folder):
        result = place.swap(project, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refusal"]["kind"] == "busy"
    assert place.runs() == OLD


def test_the_course_is_never_imported_by_it(place):
    """`test_command_line` watches the other commands."""
    code = (
        "import sys, json; from tinytorch_course.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([each for each in sys.modules if each.partition('.')[0] == 'tinytorch'])"
    )
    command = [place.machine.python, "-P", "-c", code, "swap", "tensor", str(place.project())]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ})
    assert done.stdout.splitlines()[-1] == "[]"
    assert place.state() == "yours"
