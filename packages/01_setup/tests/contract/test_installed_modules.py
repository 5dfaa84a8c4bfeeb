"""Task 1.6 at work: what is installed, found in folders filled as pip fills them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinytorch.setup import installed_modules

if TYPE_CHECKING:
    from conftest import Site


def test_an_empty_folder_has_nothing(site: Site) -> None:
    found = installed_modules(site.path)
    assert len(found.modules) == 17
    assert {module.origin for module in found.modules} == {"absent"}
    assert not any(module.installed for module in found.modules)
    assert [module.number for module in found.modules] == list(range(1, 18))


def test_a_wheel_is_the_reference(site: Site) -> None:
    file = site.wheel("tensor", "0.1.3")
    tensor = installed_modules(site.path)["tensor"]
    assert (tensor.origin, tensor.version, tensor.installed) == ("reference", "0.1.3", True)
    assert tensor.distribution == "tinytorch-tensor"
    assert tensor.location is not None
    assert Path(tensor.location).samefile(file)
    assert tensor.source is None


def test_a_wheel_file_is_the_reference(site: Site) -> None:
    site.code("tensor")
    site.metadata(
        "tinytorch-tensor",
        direct_url={"url": "file:///w/tinytorch_tensor-0.1.0-py3-none-any.whl", "archive_info": {}},
    )
    assert installed_modules(site.path)["tensor"].origin == "reference"


def test_a_student_s_version_is_theirs(site: Site) -> None:
    site.wheel("tensor", "0.1.0+student")
    site.wheel("layers")
    found = installed_modules(site.path)
    assert found["tensor"].origin == "student"
    assert found["layers"].origin == "reference"


def test_an_editable_project_is_theirs(site: Site, elsewhere: Site) -> None:
    file = site.editable("tensor", elsewhere)
    tensor = installed_modules([*site.path, *elsewhere.path])["tensor"]
    assert tensor.origin == "student"
    assert tensor.location is not None
    assert Path(tensor.location).samefile(file)
    assert tensor.source == elsewhere.folder.as_uri()


def test_a_copied_project_is_theirs(site: Site, elsewhere: Site) -> None:
    site.code("tensor")
    site.metadata("tinytorch-tensor", direct_url={"url": elsewhere.folder.as_uri(), "dir_info": {}})
    assert installed_modules(site.path)["tensor"].origin == "student"


def test_the_course_s_own_source_is_the_reference(
    site: Site, new_site: type[Site], tmp_path: Path
) -> None:
    source = new_site(tmp_path / "course" / "packages" / "02_tensor")
    site.editable("tensor", source)
    path = [*site.path, *source.path]
    assert installed_modules(path)["tensor"].origin == "reference"


def test_what_comes_first_shadows(site: Site, elsewhere: Site) -> None:
    site.wheel("tensor")
    other = elsewhere.code("tensor")
    tensor = installed_modules([*elsewhere.path, *site.path])["tensor"]
    assert (tensor.origin, tensor.version) == ("shadowed", "0.1.0")
    assert tensor.location is not None
    assert Path(tensor.location).samefile(other)
    assert installed_modules([*site.path, *elsewhere.path])["tensor"].origin == "reference"


def test_an_editable_project_can_be_shadowed(site: Site, elsewhere: Site) -> None:
    site.editable("tensor", elsewhere)
    site.code("tensor")
    assert installed_modules([*site.path, *elsewhere.path])["tensor"].origin == "shadowed"


def test_metadata_without_files_is_broken(site: Site) -> None:
    site.metadata("tinytorch-tensor")
    tensor = installed_modules(site.path)["tensor"]
    assert (tensor.origin, tensor.version, tensor.installed) == ("broken", "0.1.0", False)
    assert tensor.location is None


def test_a_hollow_module_is_broken(site: Site) -> None:
    site.wheel("tensor").unlink()
    assert installed_modules(site.path)["tensor"].origin == "broken"


def test_code_without_metadata_is_unpackaged(site: Site) -> None:
    site.code("tensor")
    tensor = installed_modules(site.path)["tensor"]
    assert (tensor.origin, tensor.version, tensor.installed) == ("unpackaged", None, True)


def test_no_code_is_run_and_no_module_imported(site: Site) -> None:
    # The code of every fake module raises when it is run.
    site.wheel("generation")
    site.wheel("systems")
    before = set(sys.modules)
    assert installed_modules(site.path)["generation"].origin == "reference"
    assert not {name for name in set(sys.modules) - before if name.startswith("tinytorch")}


@pytest.mark.in_process("changes sys.path")
def test_without_a_path_it_is_sys_path_that_counts(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.wheel("systems", "0.1.0+student")
    monkeypatch.delitem(sys.modules, "tinytorch.systems", raising=False)
    monkeypatch.syspath_prepend(str(site.folder))
    systems = installed_modules()["systems"]
    assert (systems.origin, systems.version) == ("student", "0.1.0+student")
    assert installed_modules()["setup"].installed


@pytest.mark.in_process("starts a Python, and what that imports is not judged apart")
def test_in_a_fresh_python(site: Site) -> None:
    site.wheel("systems", "0.1.0")
    program = (
        "import sys; from tinytorch.setup import installed_modules as m; print(m().to_json());"
        "assert 'tinytorch.systems' not in sys.modules"
    )
    path = os.pathsep.join([*site.path, *filter(None, sys.path)])
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        cwd=site.folder.parent,
        capture_output=True,
        check=True,
    )
    modules = {module["name"]: module for module in json.loads(run.stdout)["modules"]}
    assert modules["systems"]["origin"] == "reference"
    assert modules["setup"]["location"]


def test_an_unknown_module_is_refused_with_the_nearest_name(site: Site) -> None:
    with pytest.raises(KeyError, match="tensor"):
        installed_modules(site.path)["tensro"]


def test_text_and_json(site: Site) -> None:
    site.wheel("tensor", "0.1.0+student")
    site.metadata("tinytorch-layers")
    found = installed_modules(site.path)
    lines = str(found).splitlines()
    assert len(lines) == 17
    assert "0.1.0+student" in lines[1]
    assert "yours" in lines[1]
    assert "broken" in lines[3]
    assert "not installed" in lines[4]
    assert "not yet released" in lines[16]
    plain = json.loads(found.to_json())
    assert plain == found.to_dict()
    assert plain["modules"][1]["origin"] == "student"
