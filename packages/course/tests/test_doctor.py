"""`tinytorch doctor`: every problem that bites, told apart, explained, and with what mends it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tinytorch_course import journey, registry
from tinytorch_course.diagnosis import python
from tinytorch_course.next_step import next_steps


def kinds(machine, *arguments: str) -> list[str]:
    return [each.kind for each in machine.json("doctor", *arguments).findings]


def only(machine, *arguments: str):
    """The one finding there is."""
    (finding,) = machine.json("doctor", *arguments).findings
    return finding


def test_part_1_is_healthy(part_1):
    told = part_1.json("doctor")
    assert told.healthy
    assert told.findings == []
    assert told.numpy == "2.1.0"
    assert vars(told.modules) == dict.fromkeys(
        ("setup", "tensor", "activations", "layers", "networks"), "0.1.0"
    )
    result = part_1.invoke("doctor")
    assert result.exit_code == 0
    assert "No problems found." in result.stdout
    assert "5 of 17 modules" in result.stdout


def test_it_knows_the_environment(part_1):
    told = part_1.json("doctor")
    assert told.python.version == ".".join(map(str, sys.version_info[:3]))
    assert told.environment.virtual
    assert not told.environment.conda
    assert Path(told.environment.prefix).name == "environment"
    assert "virtual environment" in part_1.invoke("doctor").stdout
    (part_1.root / "environment" / "conda-meta").mkdir()
    assert part_1.json("doctor").environment.conda


def test_an_environment_with_the_command_alone_is_healthy(machine):
    machine.install_numpy()
    told = machine.json("doctor")
    assert told.healthy
    assert told.numpy == "2.1.0"


def test_a_foreign_tinytorch(part_1):
    part_1.write_metadata("tinytorch", "0.3.1", [])
    part_1.write(part_1.site / "tinytorch" / "__init__.py", "raise SystemExit('not the course')")
    finding = only(part_1)
    assert finding.kind == "foreign-tinytorch"
    assert "0.3.1" in finding.title
    assert " uninstall " in finding.fix[0]
    assert finding.fix[0].endswith(" tinytorch")
    assert part_1.invoke("doctor").exit_code == 1


def test_a_stray_init(part_1):
    first = part_1.write(part_1.site / "tinytorch" / "__init__.py", "")
    project = part_1.install_project("spatial")
    second = part_1.write(project / "src" / "tinytorch" / "__init__.py", "")
    finding = only(part_1)
    assert finding.kind == "stray-init"
    assert [Path(each) for each in finding.evidence] == [first, second]


def test_a_file_of_that_name_on_the_path(part_1, tmp_path, monkeypatch):
    file = part_1.write(tmp_path / "scripts" / "tinytorch.py", "")
    monkeypatch.setenv("PYTHONPATH", str(file.parent))
    assert kinds(part_1) == ["stray-init"]


@pytest.mark.parametrize("name", ["tinytorch.py", "tinytorch/__init__.py"])
def test_a_stray_init_in_the_working_folder(part_1, name):
    part_1.write(Path.cwd() / name, "")
    finding = only(part_1)
    assert (finding.level, finding.kind) == ("problem", "stray-init-here")


def test_modules_in_the_working_folder_are_only_noted(part_1):
    part_1.write_package(Path.cwd(), "tensor")
    finding = only(part_1)
    assert (finding.level, finding.kind) == ("note", "modules-here")
    assert part_1.invoke("doctor").exit_code == 0


def test_a_hollow_module(part_1):
    shutil.rmtree(part_1.site / "tinytorch" / "activations")
    finding = only(part_1)
    assert finding.kind == "hollow"
    assert "--force-reinstall --no-deps tinytorch-activations==0.1.0" in finding.fix[0]


def test_a_hollow_module_whose_project_is_gone(part_1):
    remove(part_1, "activations")
    project = part_1.install_project("activations")
    shutil.rmtree(project)
    finding = only(part_1)
    assert finding.kind == "hollow"
    assert str(project) in finding.explanation
    assert "`tinytorch swap activations FOLDER`" in finding.explanation
    assert finding.fix == ["tinytorch restore activations"]


def test_a_hollow_module_whose_project_was_seen_elsewhere(part_1):
    remove(part_1, "activations")
    project = part_1.install_project("activations")
    part_1.write(project / ".tinytorch" / "project.json", '{"module": "activations"}')
    moved = project.rename(project.with_name("renamed"))
    registry.remember("activations", moved)
    assert f'`tinytorch swap activations "{moved}"`' in only(part_1).explanation


def test_a_module_outside_the_range_of_a_dependant(part_1):
    remove(part_1, "tensor")
    part_1.install("tensor", version="0.2.0+student")
    findings = part_1.json("doctor").findings
    assert {each.kind for each in findings} == {"version-conflict"}
    assert [each.title.split()[0] for each in findings] == [
        "tinytorch-activations",
        "tinytorch-layers",
    ]
    assert "0.2.0+student" in findings[0].title
    assert "+student" in findings[0].explanation


@pytest.mark.parametrize("version", ["0.1.0", "0.1.0+student", "0.1.7", "0.1.1.dev3"])
def test_versions_within_the_range(part_1, version):
    remove(part_1, "networks")
    part_1.install("networks", version=version)
    assert kinds(part_1) == []


def test_a_version_that_is_none(part_1):
    remove(part_1, "tensor")
    part_1.install("tensor", version="mine")
    assert set(kinds(part_1)) == {"version-conflict"}


def test_a_numpy_that_is_too_old(part_1):
    part_1.write_metadata("tinytorch-part1", "0.1.0", ["numpy>=2.2,<3"])
    finding = only(part_1)
    assert finding.kind == "version-conflict"
    assert finding.title == "tinytorch-part1 needs numpy>=2.2,<3, but 2.1.0 is installed"


def test_a_missing_module(machine):
    machine.install_numpy()
    machine.install("tensor", "layers", code="raise SystemExit('not to be imported')")
    finding = machine.json("doctor").findings[0]
    assert finding.kind == "missing-dependency"
    assert "tinytorch-activations" in finding.title
    assert finding.fix[0].strip("'\"").endswith("tinytorch-activations>=0.1,<0.2")


def test_a_missing_library(part_1):
    part_1.write_metadata("tinytorch-part1", "0.1.0", ["matplotlib>=3.8", 'pytest; extra == "dev"'])
    finding = only(part_1)
    assert finding.kind == "missing-dependency"
    assert "matplotlib" in finding.title


def test_an_extra_and_another_platform_are_not_needed(part_1):
    requires = ['absent; extra == "dev"', 'absent; sys_platform == "amiga"']
    part_1.write_metadata("tinytorch-part1", "0.1.0", requires)
    assert kinds(part_1) == []


def test_a_requirement_that_cannot_be_read(part_1):
    part_1.write_metadata("tinytorch-part1", "0.1.0", ["what is this?"])
    assert kinds(part_1) == ["bad-requirement"]


def test_shadowing(part_1, tmp_path, monkeypatch):
    mine = part_1.write_package(tmp_path / "src", "tensor")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "src"))
    finding = only(part_1)
    assert finding.kind == "shadowed"
    assert str(mine / "__init__.py") in finding.evidence[0]
    assert str(part_1.site) in finding.evidence[1]


def test_files_without_metadata(part_1):
    part_1.write_package(part_1.site, "spatial")
    finding = only(part_1)
    assert finding.kind == "unpackaged"
    assert "tinytorch-spatial" in finding.fix[0]


def test_a_misspelt_distribution_name(part_1, tmp_path):
    part_1.install(
        "tensor", distribution_name="tinytorch-tensr", files=False, project=tmp_path, editable=True
    )
    finding = only(part_1)
    assert finding.kind == "misnamed"
    assert " uninstall " in finding.fix[0]
    assert finding.fix[0].endswith(" tinytorch-tensr")
    assert finding.fix[1].endswith(f"-e {tmp_path}")


def test_metadata_left_by_an_interrupted_install(part_1):
    part_1.write_metadata("tinytorch-tensor", "0.1.1", [])
    assert kinds(part_1) == ["repeated-metadata"]


def test_numpy_without_files(part_1):
    shutil.rmtree(part_1.site / "numpy")
    assert kinds(part_1) == ["numpy-broken"]


def test_numpy_that_cannot_be_imported(part_1):
    part_1.write(part_1.site / "numpy" / "__init__.py", "raise ImportError('libopenblas')")
    finding = only(part_1)
    assert finding.kind == "import-fails"
    assert finding.evidence[-1] == "ImportError: libopenblas"


def test_a_module_that_raises_is_told_once_with_its_traceback(part_1):
    remove(part_1, "tensor")
    project = part_1.install_project(
        "tensor", code="def f(n):\n    1 / n\n    f(n - 1)\n\n\nf(3)\n"
    )
    part_1.write(part_1.site / "tinytorch" / "layers" / "__init__.py", "import tinytorch.tensor")
    finding = only(part_1)
    assert finding.kind == "import-fails"
    assert finding.title == "tinytorch-tensor cannot be imported"
    assert finding.evidence[-1] == "ZeroDivisionError: division by zero"
    assert finding.evidence[0] == "Traceback (most recent call last):"
    assert sum(line.startswith("  File") for line in finding.evidence) == 2
    assert any(str(project) in line and "line 2" in line for line in finding.evidence)
    assert not any("import_probe" in line or "frozen" in line for line in finding.evidence)
    assert finding.fix == ["tinytorch restore tensor"]


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("def (", "SyntaxError: invalid syntax"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("from tinytorch.tensor import Tensor", "ImportError"),
        ("import notthere", "ModuleNotFoundError: No module named 'notthere'"),
    ],
)
def test_whatever_it_raises(part_1, code, last):
    part_1.write_package(part_1.site, "networks", code)
    finding = only(part_1)
    assert finding.evidence[-1].startswith(last)


def test_modules_that_end_or_hang_python(part_1):
    part_1.write_package(part_1.site, "setup", "import os; os._exit(3)")
    part_1.write_package(part_1.site, "tensor", "while True: pass")
    part_1.write_package(part_1.site, "layers", "raise RuntimeError('never reached')")
    findings = part_1.json("doctor", "--time-limit", "0.7").findings
    assert [each.title for each in findings] == [
        "tinytorch-setup cannot be imported",
        "tinytorch-tensor cannot be imported",
    ]
    assert "exit code 3" in findings[0].explanation
    assert "0.7 s" in findings[1].explanation
    assert findings[1].evidence == [str(part_1.site / "tinytorch" / "tensor" / "__init__.py")]


def test_what_a_module_prints_is_not_shown(part_1):
    code = "import os, sys; print('hello'); os.write(1, b'hello'); os.write(2, b'hello')"
    part_1.write_package(part_1.site, "tensor", code)
    code, out, err = part_1.run("doctor")
    assert (code, err) == (0, b"")
    assert b"hello" not in out


def test_a_capstone_that_cannot_be_imported(part_1):
    part_1.write_package(part_1.site, "xornet", "raise ValueError('no')")
    assert only(part_1).title == "tinytorch-xornet cannot be imported"


def test_another_environment_is_active(part_1, monkeypatch, tmp_path):
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "other"))
    finding = only(part_1)
    assert (finding.level, finding.kind) == ("note", "other-environment")
    monkeypatch.setenv("VIRTUAL_ENV", str(part_1.root / "environment"))
    assert kinds(part_1) == []


def test_an_externally_managed_python(machine):
    """The marker counts for the interpreter itself, and not for environments made of it."""
    here = journey.read().interpreter
    assert [each.kind for each in python.examine_environment(here)] == []
    managed = replace(here, externally_managed=True)
    assert [each.kind for each in python.examine_environment(managed)] == []
    system = replace(managed, prefix=here.base_prefix)
    (finding,) = python.examine_environment(system)
    assert (finding.level, finding.kind) == ("note", "externally-managed")
    assert "-m venv" in finding.fix[0]
    assert "managed by the operating system" in python.describe(system)
    (step,) = next_steps(replace(journey.read(), interpreter=system))
    assert step.command == "tinytorch doctor"


def test_the_text_shows_what_is_wrong_and_the_command_that_mends_it(part_1):
    remove(part_1, "tensor")
    project = part_1.install_project("tensor", code="1 / 0\n")
    result = part_1.invoke("doctor")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert "✗ tinytorch-tensor cannot be imported" in lines
    assert "    ZeroDivisionError: division by zero" in lines
    assert str(project) in result.stdout
    assert lines[-1] == "1 problem found. Fix it, then run `tinytorch doctor` again."
    assert any(line.strip() == "tinytorch restore tensor" for line in lines)


def test_with_pip_the_commands_use_pip(part_1, monkeypatch):
    shutil.rmtree(part_1.site / "tinytorch" / "activations")
    monkeypatch.setenv("PATH", "")
    assert only(part_1).fix[0].startswith((part_1.python, f'"{part_1.python}"'))
    part_1.write_metadata("pip", "26.0", [])
    scripts = Path(part_1.python).parent
    monkeypatch.setenv("PATH", str(scripts))
    assert only(part_1).fix[0].startswith("python -m pip install")
    executable(scripts / ("pip.exe" if os.name == "nt" else "pip"))
    assert only(part_1).fix[0].startswith("pip install")


def test_without_pip_the_commands_use_uv(part_1, monkeypatch, tmp_path):
    shutil.rmtree(part_1.site / "tinytorch" / "activations")
    executable(tmp_path / "bin" / ("uv.exe" if os.name == "nt" else "uv"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert only(part_1).fix[0].startswith("uv pip install --python ")
    monkeypatch.setenv("VIRTUAL_ENV", str(part_1.root / "environment"))
    assert only(part_1).fix[0].startswith("uv pip install --force-reinstall ")


def executable(file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    file.chmod(0o755)


def remove(machine, name: str) -> None:
    shutil.rmtree(machine.site / "tinytorch" / name)
    shutil.rmtree(machine.site / f"tinytorch_{name}-0.1.0.dist-info")
