"""`tinytorch status`: what is installed, whose it is, and what comes next."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import made_up
import pytest


def states(machine) -> dict[str, str]:
    told = machine.json("status")
    return {each.name: each.state for each in (*told.modules, *told.capstones)}


def module(machine, name):
    return next(each for each in machine.json("status").modules if each.name == name)


def test_nothing_installed_shows_all_seventeen_and_how_to_begin(machine):
    told = machine.json("status")
    assert len(told.modules) == 17
    assert {each.state for each in told.modules if each.part == 1} == {"missing"}
    assert {each.state for each in told.modules if each.part == 3} == {"unreleased"}
    assert [step.command.endswith(" tinytorch-part1") for step in told.next] == [True]


def test_part_1_is_reference_and_its_capstone_is_next(part_1):
    told = part_1.json("status")
    assert [each.state for each in told.modules[:5]] == ["reference"] * 5
    assert [each.version for each in told.modules[:5]] == ["0.1.0"] * 5
    assert told.capstones[0].runnable
    assert not told.capstones[1].runnable
    assert [step.command for step in told.next] == ["tinytorch run xornet"]


def test_one_missing_module_is_named_alone(machine):
    machine.install("setup", "tensor", "activations", "layers", "xornet")
    told = machine.json("status")
    assert told.capstones[0].needs == ["networks"]
    assert not told.capstones[0].runnable
    assert told.next[0].command.endswith(" tinytorch-networks")


def test_an_editable_project_is_yours(part_1):
    remove(part_1.site / "tinytorch" / "tensor")
    remove(part_1.site / "tinytorch_tensor-0.1.0.dist-info")
    project = part_1.install_project("tensor")
    tensor = module(part_1, "tensor")
    assert (tensor.state, tensor.version) == ("yours", "0.1.0+student")
    assert Path(tensor.origin) == project / "src" / "tinytorch" / "tensor" / "__init__.py"
    assert Path(tensor.project) == project
    assert states(part_1)["layers"] == "reference"


FINDER = """\
import sys
from importlib.util import spec_from_file_location

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "tinytorch.tensor":
            return spec_from_file_location(name, {file!r})

sys.meta_path.append(Finder)
"""


def test_an_editable_project_behind_a_finder_is_yours(machine, tmp_path):
    """As setuptools installs projects that a path alone does not describe."""
    project = tmp_path / "tensor"
    file = machine.write(project / "lib" / "anything.py", "")
    machine.install("tensor", files=False, project=project, editable=True)
    machine.write(machine.site / "_finder.py", FINDER.format(file=str(file)))
    machine.write(machine.site / "_finder.pth", "import _finder\n")
    tensor = module(machine, "tensor")
    assert (tensor.state, Path(tensor.origin)) == ("yours", file)


def test_a_project_reached_through_a_link_is_yours(machine, tmp_path):
    (tmp_path / "real").mkdir()
    link(tmp_path / "real", tmp_path / "my work")
    machine.install_project("tensor")
    machine.write(machine.site / "_tensor.pth", f"{tmp_path / 'real' / 'tensor' / 'src'}\n")
    assert module(machine, "tensor").state == "yours"


def test_a_broken_module_is_called_broken_whatever_it_needs(machine):
    machine.install("layers", files=False)
    (line,) = [line for line in machine.invoke("status").stdout.splitlines() if " layers " in line]
    assert line.split()[-2:] == ["0.1.0", "broken"]


def test_what_an_installed_module_lacks_is_named(machine):
    machine.install("layers")
    (line,) = [line for line in machine.invoke("status").stdout.splitlines() if " layers " in line]
    assert line.endswith("needs tensor and 1 more")


def test_a_copy_is_yours_by_its_version_alone(machine):
    machine.install("tensor", version="0.1.0+student")
    machine.install("layers", version="0.1.0+local.student.2")
    machine.install("networks", version="0.1.0+students")
    found = states(machine)
    assert (found["tensor"], found["layers"], found["networks"]) == ("yours", "yours", "reference")


def test_a_copy_is_yours_by_the_folder_it_came_from(machine, tmp_path):
    machine.install("tensor", project=tmp_path / "elsewhere", editable=False)
    assert states(machine)["tensor"] == "yours"


def test_a_folder_that_comes_first_shadows(part_1, monkeypatch, tmp_path):
    mine = part_1.write_package(tmp_path / "src", "tensor")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "src"))
    tensor = module(part_1, "tensor")
    assert tensor.state == "shadowed"
    assert Path(tensor.origin) == mine / "__init__.py"
    assert part_1.json("status").next[0].command == "tinytorch doctor"
    assert states(part_1)["layers"] == "reference"


def test_an_editable_project_whose_files_another_install_hides_is_shadowed(part_1, tmp_path):
    remove(part_1.site / "tinytorch_tensor-0.1.0.dist-info")
    part_1.install_project("tensor")
    assert module(part_1, "tensor").state == "shadowed"


def test_metadata_without_files_is_broken(part_1):
    remove(part_1.site / "tinytorch" / "tensor")
    (part_1.site / "tinytorch" / "tensor" / "__pycache__").mkdir(parents=True)
    told = part_1.json("status")
    assert module(part_1, "tensor").state == "broken"
    assert told.capstones[0].needs == ["tensor"]


def test_files_without_metadata_are_unpackaged(machine):
    machine.write_package(machine.site, "tensor")
    assert module(machine, "tensor").state == "unpackaged"


def test_a_stray_init_breaks_every_module(part_1):
    part_1.write(part_1.site / "tinytorch" / "__init__.py", "")
    remove(part_1.site / "tinytorch" / "tensor")
    part_1.install_project("tensor")
    assert states(part_1)["tensor"] == "broken"


def test_a_foreign_tinytorch_sends_to_the_doctor(part_1):
    part_1.write_metadata("tinytorch", "9.0", [])
    assert part_1.json("status").next[0].command == "tinytorch doctor"
    assert "✗ tinytorch is installed, which is not this course" in part_1.invoke("status").stdout


def test_a_stray_init_beside_the_modules_sends_to_the_doctor(part_1):
    file = part_1.write(part_1.site / "tinytorch" / "__init__.py", "")
    assert states(part_1)["tensor"] == "reference"
    assert part_1.json("status").next[0].command == "tinytorch doctor"
    assert f"✗ {file} should not exist" in part_1.invoke("status").stdout


def test_the_working_folder_does_not_count(machine, monkeypatch, tmp_path):
    machine.write_package(tmp_path, "tensor")
    monkeypatch.chdir(tmp_path)
    assert states(machine)["tensor"] == "missing"


def test_an_unreleased_module_that_is_installed_counts(machine):
    machine.install("embeddings")
    assert states(machine)["embeddings"] == "reference"


def test_the_text_fits_eighty_columns_and_says_everything(part_1):
    remove(part_1.site / "tinytorch" / "tensor")
    remove(part_1.site / "tinytorch_tensor-0.1.0.dist-info")
    part_1.install_project("tensor")
    text = part_1.invoke("status").stdout
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line != line.rstrip()]
    tensor = next(line for line in lines if " tensor " in line)
    assert tensor.split() == ["◆", "2", "tensor", "Tensor", "0.1.0+student", "yours"]
    assert "Part II  CIFAR-10 CNN" in lines
    assert "Next  tinytorch run xornet" in lines
    assert text.count("not yet released") == 14


@pytest.mark.parametrize(
    ("folder", "spelled"),
    [("tinytorch_tensor-0.1.0.dist-info", "METADATA"), ("broken-1.dist-info", "METADATA")],
)
def test_unreadable_metadata_does_not_end_the_command(part_1, folder, spelled):
    file = part_1.site / folder / spelled
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"Name: \xff\xfe")
    found = states(part_1)
    assert found["layers"] == "reference"
    assert found["tensor"] == ("unpackaged" if "tensor" in folder else "reference")


def test_json_is_pure_ascii(machine, tmp_path):
    machine.install("tensor", project=tmp_path / "Übung", editable=True, files=False)
    text = machine.invoke("status", "--json").stdout
    assert text.isascii()
    assert json.loads(text)["modules"][1]["project"] == str(tmp_path / "Übung")


def link(target: Path, name: Path) -> None:
    """A link to a folder, which Windows lets everybody make only as a junction."""
    if os.name == "nt":
        subprocess.run(["cmd", "/c", "mklink", "/J", str(name), str(target)], check=True)
    else:
        name.symlink_to(target)


def remove(folder: Path) -> None:
    for each in sorted(folder.rglob("*"), reverse=True):
        each.rmdir() if each.is_dir() else each.unlink()
    folder.rmdir()


def projects(machine) -> list[tuple[str, int, bool]]:
    told = machine.json("status").projects
    return [(each.module, each.points, each.changed_since) for each in told]


def test_files_that_changed_since_the_last_check_are_told(writer, project):
    made_up.solve(project, halve=made_up.HALVE)
    writer.invoke("check", "tensor")
    assert projects(writer) == [("tensor", 40, False)]
    os.utime(made_up.numbers_of(project))  # saved again, with nothing changed
    assert projects(writer) == [("tensor", 40, False)]
    made_up.solve(project)
    assert projects(writer) == [("tensor", 40, True)]
    assert "its files changed since: tinytorch check tensor" in writer.invoke("status").stdout
    writer.invoke("check", "tensor")
    assert projects(writer) == [("tensor", 100, False)]


def test_a_project_that_was_never_checked_has_not_changed(writer, project):
    assert projects(writer) == [("tensor", 0, False)]


def test_the_project_that_we_are_in_comes_next(writer, project, monkeypatch):
    writer.invoke("start", "activations")
    writer.invoke("start", "tensor", "--dir", "again")
    assert Path(writer.json("status").projects[0].folder).name == "again"
    monkeypatch.chdir(project.parent / "activations" / "src")
    assert writer.json("status").next[0].command == "tinytorch check --task 3.1"
    monkeypatch.chdir(project)
    told = writer.json("status")
    assert told.next[0].command == "tinytorch check --task 2.1"
    assert Path(told.projects[0].folder) == project


def test_who_joined_later_goes_on_from_there(writer):
    """Modules before the first of one's own are offered when none is left after the last."""
    layers = made_up.task("4.1", "Layers", "layers", 100)
    made_up.describe(writer.root / "material" / "layers", "layers", 4, [layers], [], [])
    writer.write(writer.root / "material" / "layers" / "starter" / "src" / "empty.py", "")
    begun = (("activations", "3.1", "layers"), ("layers", "4.1", "tensor"))
    for name, task, after in begun:
        assert writer.invoke("start", name).exit_code == 0
        row = {"tasks": {task: {"points": 100}}}
        made_up.write(Path(name, ".tinytorch", "progress.json"), json.dumps(row))
        commands = [each.command for each in writer.json("status").next]
        assert commands == ["tinytorch run xornet", f"tinytorch start {after}"]


def test_who_swapped_a_module_in_goes_on_after_it(writer):
    remove(writer.site / "tinytorch" / "tensor")
    remove(writer.site / "tinytorch_tensor-0.1.0.dist-info")
    writer.install_project("tensor")
    assert writer.json("status").next[-1].command == "tinytorch start activations"
