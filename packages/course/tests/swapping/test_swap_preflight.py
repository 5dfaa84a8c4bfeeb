"""What `swap` refuses: it says what is wrong and what mends it, and changes nothing."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from tinytorch_course import journey as journeys
from tinytorch_course.swapping import environment, overlay
from tinytorch_course.swapping.environment import Sites
from tinytorch_course.swapping.public_names import public_names
from tinytorch_course.swapping.refusal import Refusal


@pytest.fixture
def refused(place):
    """Swaps, and returns the refusal, after seeing that nothing changed."""

    def swap(*arguments: object):
        before = place.files()
        result = place.swap(*arguments, "--json")
        assert result.exit_code == 1, result.output
        told = json.loads(result.stdout)
        assert (told["module"], told["outcome"]) == ("tensor", "refused")
        assert place.files() == before
        assert place.kept("reference") == []
        return told["refusal"]

    return swap


def source(project: Path) -> Path:
    return project / "src" / "tinytorch" / "tensor"


def test_the_text(place):
    project = place.project(changes={'"tinytorch-tensor"': '"tinytorch-tensr"'})
    assert place.swap(project).stdout.splitlines() == [
        "✗ tensor was not swapped: its name is misspelt: 'tinytorch-tensr'",
        "  Only a package called tinytorch-tensor takes the reference's place; under another name "
        "it would lie beside it and be ignored, or overwrite its files. Write in pyproject.toml, "
        "below [project]:",
        '    name = "tinytorch-tensor"',
        "  Nothing was changed.",
    ]


def test_no_folder(refused, tmp_path):
    assert refused(tmp_path / "nothing")["kind"] == "no-folder"


def test_no_project_but_one_near(refused, place):
    project = place.project()
    told = refused(source(project))
    assert told["kind"] == "no-project"
    assert str(project) in told["explanation"]
    assert refused(project.parent)["kind"] == "no-project"


def test_its_pyproject_itself_may_be_named(place):
    assert place.swap(place.project() / "pyproject.toml").exit_code == 0


@pytest.mark.parametrize("text", [b"[project", b"\xff\xfe", b'[project]\nname = "a\n'])
def test_an_unreadable_pyproject(refused, place, text):
    project = place.project()
    (project / "pyproject.toml").write_bytes(text)
    assert refused(project)["kind"] == "bad-pyproject"


@pytest.mark.parametrize("name", ["tinytorch-tensr", "tinytorch-tensors", "tinytorchtensor"])
def test_a_misspelt_name(refused, place, name):
    project = place.project(changes={'"tinytorch-tensor"': f'"{name}"'})
    told = refused(project)
    assert told["kind"] == "wrong-name"
    assert told["title"] == f"its name is misspelt: '{name}'"
    assert told["fix"] == ['name = "tinytorch-tensor"']


@pytest.mark.parametrize("name", ["Tinytorch_Tensor", "tinytorch.tensor"])
def test_another_spelling_of_the_right_name(place, name):
    assert place.swap(place.project(changes={'"tinytorch-tensor"': f'"{name}"'})).exit_code == 0


def test_another_name_or_none(refused, place):
    other = place.project("other", changes={'"tinytorch-tensor"': '"homework"'})
    assert refused(other)["title"] == "its name is 'homework'"
    none = place.project("none", changes={'name = "tinytorch-tensor"': ""})
    assert refused(none)["title"] == "it has no name"


def test_the_project_of_another_module(refused, place):
    project = place.project(changes={'"tinytorch-tensor"': '"tinytorch-activations"'})
    assert refused(project)["kind"] == "other-module"


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("0.1.0", "not-students"),
        ("0.1.0+mine", "not-students"),
        ("first", "bad-version"),
        ("0.2.0+student", "out-of-range"),
        ("0.0.9+student", "out-of-range"),
    ],
)
def test_versions(refused, place, version, kind):
    told = refused(place.project(version=version))
    assert told["kind"] == kind
    assert told["fix"] == ['version = "0.1.0+student"']
    if kind == "out-of-range":
        assert "tinytorch-activations" in told["title"]


def test_a_dynamic_version(refused, place):
    changes = {'version = "0.1.0+student"': 'dynamic = ["version"]'}
    assert refused(place.project(changes=changes))["kind"] == "no-version"


@pytest.mark.parametrize("backend", ["setuptools.build_meta", ""])
def test_another_backend(refused, place, backend):
    new = f'build-backend = "{backend}"' if backend else ""
    project = place.project(changes={'build-backend = "hatchling.build"': new})
    told = refused(project)
    assert told["kind"] == "other-backend"
    assert 'build-backend = "hatchling.build"' in told["fix"]


def test_a_stray_init(refused, place):
    project = place.project()
    stray = source(project).parent / "__init__.py"
    stray.write_text("")
    told = refused(project)
    assert (told["kind"], told["evidence"]) == ("stray-init", [str(stray)])


def test_no_module_where_it_should_be(refused, place):
    project = place.project()
    source(project).rename(project / "tensor")
    told = refused(project)
    assert (told["kind"], len(told["evidence"])) == ("no-package", 1)


@pytest.mark.parametrize("name", ["src/numpy.py", "src/numpy/a.py", "src/tinytorch/layers/a.py"])
def test_code_outside_its_module(refused, place, name):
    project = place.project()
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("")
    assert refused(project)["kind"] == "outside"


def test_what_no_python_imports_may_lie_outside(place):
    project = place.project()
    for name in (".DS_Store", "tinytorch_tensor.egg-info", "notes.txt", "tinytorch/.hidden"):
        (project / "src" / name).write_text("")
    assert place.swap(project).exit_code == 0


def test_a_wheel_that_holds_more_than_its_module(refused, place):
    changes = {'packages = ["src/tinytorch"]': 'packages = ["src/tinytorch", "tests"]'}
    project = place.project(changes=changes)
    (project / "tests").mkdir()
    (project / "tests" / "test_a.py").write_text("")
    told = refused(project)
    assert (told["kind"], told["evidence"]) == ("wheel-outside", ["tests/test_a.py"])


def test_a_wheel_without_its_module(refused, place):
    changes = {'packages = ["src/tinytorch"]': "bypass-selection = true"}
    assert refused(place.project(changes=changes))["kind"] == "wheel-empty"


def test_a_build_that_fails_shows_what_was_said(refused, place):
    project = place.project(changes={"[project]": '[project]\nreadme = "MISSING.md"'})
    told = refused(project)
    assert told["kind"] == "build-fails"
    assert "MISSING.md" in told["evidence"][-1]


def test_commands(refused, place):
    changes = {"[tool.hatch": '[project.scripts]\nmine = "tinytorch.tensor:zeros"\n\n[tool.hatch'}
    told = refused(place.project(changes=changes))
    assert (told["kind"], told["evidence"]) == ("brings-commands", ["mine"])


@pytest.mark.parametrize("wanted", ["nowhere-to-be-found", "click>=99"])
def test_a_dependency_that_is_not_there(refused, place, wanted):
    told = refused(place.project(changes={"dependencies = []": f'dependencies = ["{wanted}"]'}))
    assert told["kind"] == "missing-dependency"
    assert wanted.partition(">")[0] in told["fix"][0]


def test_missing_public_names(refused, place):
    project = place.project(files={"__init__.py": "class Tensor:\n    pass\n"})
    told = refused(project)
    assert told["kind"] == "incomplete"
    assert told["evidence"] == ["strides", "zeros"]
    assert told["title"] == "tinytorch.tensor lacks 2 public names"


def test_public_names_are_those_of_the_reference_after_a_swap_too(place):
    place.swap(place.project())
    bad = place.project("bad", files={"__init__.py": "class Tensor:\n    pass\n"})
    result = place.swap(bad)
    assert result.exit_code == 1
    assert "lacks 2 public names" in result.stdout


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def f(:\n", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit", "SystemExit"),
        ("import os; os._exit(0)", None),
        ("import nothing_of_that_name", "ModuleNotFoundError"),
    ],
)
def test_a_module_that_cannot_be_imported(refused, place, code, said):
    told = refused(place.project(files={"__init__.py": code}))
    assert told["kind"] == "import-fails"
    assert said in told["evidence"][-1] if said else "exit code 0" in told["explanation"]


def test_a_module_that_never_ends(refused, place, monkeypatch):
    monkeypatch.setattr(overlay, "TIME_LIMIT", 0.5)
    told = refused(place.project(files={"__init__.py": "while True: pass"}))
    assert "not done after 0.5 s" in told["explanation"]


def test_a_dependant_that_cannot_be_imported_on_top_of_it(refused, place):
    code = "def zeros():\n    raise NotImplementedError('task 2.1')\n\n"
    code += "class Tensor:\n    whose = 'mine'\n\ndef strides():\n    pass\n"
    told = refused(place.project(files={"__init__.py": code}))
    assert told["kind"] == "dependant-fails"
    assert told["title"] == "tinytorch.activations cannot be imported on top of it"
    assert "task 2.1" in told["evidence"][-1]


def test_an_error_is_told_with_the_students_own_file(refused, place):
    project = place.project(files={"memory.py": "def strides(:\n"})
    told = refused(project)
    assert f'  File "{source(project) / "memory.py"}", line 1' in told["evidence"]


def test_a_dependant_that_was_broken_before_does_not_matter(place):
    (place.site / "tinytorch" / "activations" / "__init__.py").write_text("1 / 0")
    assert place.swap(place.project()).exit_code == 0


def test_another_folder_that_comes_first(refused, place, monkeypatch, tmp_path):
    place.machine.write_package(tmp_path / "first", "tensor")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "first"))
    assert refused(place.project())["kind"] == "shadowed"


def test_a_stray_init_in_the_environment(refused, place):
    (place.site / "tinytorch" / "__init__.py").write_text("")
    assert refused(place.project())["fix"] == ["tinytorch doctor"]


def test_nothing_to_replace(place):
    result = place.machine.invoke("swap", "spatial", str(place.project()), "--json")
    told = json.loads(result.stdout)["refusal"]
    assert told["kind"] == "unreleased"


def test_metadata_that_is_there_twice(refused, place):
    place.machine.write_metadata("tinytorch-tensor", "0.0.9", [])
    assert refused(place.project())["kind"] in {"unclear-metadata", "out-of-range"}


def test_unknown_modules(place):
    assert "Did you mean 'tensor'?" in place.machine.invoke("swap", "tensr", "x").stderr
    assert "is a capstone" in place.machine.invoke("swap", "xornet", "x").stderr


# The environment.


@pytest.fixture
def here(place):
    journey = journeys.read()
    tensor = journey.standings["tensor"]
    return journey, tensor.member, tensor.package


def reason(journey, module, package, sites) -> str | None:
    try:
        environment.check(journey, module, package, sites)
    except Refusal as refusal:
        return refusal.finding.kind
    return None


def test_this_environment_may_be_changed(here):
    journey, module, package = here
    assert reason(journey, module, package, environment.ask_sites(journey.interpreter)) is None


def test_an_externally_managed_python_may_not(here):
    journey, module, package = here
    python = replace(
        journey.interpreter, externally_managed=True, base_prefix=journey.interpreter.prefix
    )
    sites = Sites((package.home,), None)
    with pytest.raises(Refusal) as caught:
        environment.check(replace(journey, interpreter=python), module, package, sites)
    assert caught.value.finding.kind == "externally-managed"
    assert caught.value.finding.fix[-1] == "pip install tinytorch-part1"


def test_a_virtual_environment_of_an_externally_managed_python_may(here):
    journey, module, package = here
    python = replace(journey.interpreter, externally_managed=True)
    sites = environment.ask_sites(python)
    assert reason(replace(journey, interpreter=python), module, package, sites) is None


def test_the_users_own_packages_may_be_changed(here):
    journey, module, package = here
    assert reason(journey, module, package, Sites((), package.home)) is None


def test_packages_below_a_virtual_environment_may_not(here):
    journey, module, package = here
    assert reason(journey, module, package, Sites((), None)) == "outside-environment"


def test_a_virtual_environment_has_no_user_packages(here):
    journey, _, package = here
    assert environment.ask_sites(journey.interpreter).user is None
    assert package.home in environment.ask_sites(journey.interpreter).own
    python = replace(journey.interpreter, base_prefix=journey.interpreter.prefix)
    sites = environment.ask_sites(python)
    assert package.home in sites.own


def test_on_top_of_the_systems_packages_only_its_own_may_be_changed(place, here):
    journey, _, package = here
    settings = place.machine.root / "environment" / "pyvenv.cfg"
    text = settings.read_text().replace("-packages = false", "-packages = true")
    settings.write_text(text)
    asked = "import site; print(site.ENABLE_USER_SITE)"
    assert place.python(asked) in {"True", "None"}  # None: another user's, as under sudo
    sites = environment.ask_sites(journey.interpreter)
    assert sites.user is None
    assert {os.path.realpath(each) for each in sites.own} == {os.path.realpath(package.home)}


def test_a_folder_on_the_path_that_nobody_installs_into(place, monkeypatch, tmp_path):
    site = place.site
    for name in ("tinytorch", "tinytorch_tensor-0.1.0.dist-info"):
        (tmp_path / "lib").mkdir(exist_ok=True)
        (site / name).rename(tmp_path / "lib" / name)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
    told = json.loads(place.swap(place.project(), "--json").stdout)["refusal"]
    assert told["kind"] == "outside-environment"


def test_a_read_only_folder(place, monkeypatch):
    """Tried by writing: as root, permissions do not bind, so the writing is made to fail."""

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError("read-only file system")

    project = place.project()
    assert environment.is_writable(place.site)
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "TemporaryDirectory", refuse)
        assert not environment.is_writable(place.site)
    monkeypatch.setattr(environment, "is_writable", lambda _folder: False)
    told = json.loads(place.swap(project, "--json").stdout)["refusal"]
    assert told["kind"] == "not-writable"
    assert "pip install tinytorch-part1" in told["fix"]


def test_a_folder_to_keep_in_that_cannot_be_made(place, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TINYTORCH_HOME", str(tmp_path / "file"))
    told = json.loads(place.swap(place.project(), "--json").stdout)["refusal"]
    assert told["kind"] == "no-storage"
    assert "TINYTORCH_HOME" in told["explanation"]
    assert place.runs() == "reference 0.1.0"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('__all__ = ["a", "b"]', ("a", "b")),
        ('__all__: list[str] = ["a"]', ("a",)),
        ('__all__ = ("a",)\nx = ["b"]', ("a",)),
        ("x = 1", ()),
        ("__all__ = names()", ()),
    ],
)
def test_public_names_are_read_from_the_source(text, names):
    assert public_names(text) == names
