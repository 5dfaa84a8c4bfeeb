"""Tasks 1.3 to 1.6 together: what comes next, and what is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tinytorch.setup import learning_path, load_course, missing_prerequisites

if TYPE_CHECKING:
    from conftest import Site


def released(*modules: str) -> None:
    """The table of the course changes with its releases; these tests stand on what is released."""
    for module in modules:
        assert load_course().package(module).released


def test_the_path_is_the_course_s_order(site: Site) -> None:
    names = [step.name for step in learning_path(site.path).steps]
    assert names[:7] == [
        "setup",
        "tensor",
        "activations",
        "layers",
        "networks",
        "xornet",
        "spatial",
    ]
    assert names[-1] == "tinygpt"
    assert len(names) == 20


def test_the_next_step_is_the_first_that_is_not_here(site: Site) -> None:
    released("setup", "tensor", "activations")
    step = learning_path(site.path).next
    assert step is not None
    assert step.name == "setup"
    site.wheel("setup")
    site.wheel("tensor")
    step = learning_path(site.path).next
    assert step is not None
    assert step.name == "activations"


def test_after_the_modules_comes_the_capstone(site: Site) -> None:
    released("xornet")
    for module in ("setup", "tensor", "activations", "layers", "networks"):
        site.wheel(module)
    step = learning_path(site.path).next
    assert step is not None
    assert (step.name, step.number) == ("xornet", None)


def test_what_is_not_released_is_not_next(site: Site) -> None:
    for package in load_course().packages:
        if package.released:
            site.wheel(package.name if package.number else f"tinytorch_{package.name}")
    path = learning_path(site.path)
    assert path.next is None
    assert all(step.installed == step.released for step in path.steps)
    assert "everything released" in str(path)


def test_a_broken_module_is_next_again(site: Site) -> None:
    site.wheel("setup")
    site.metadata("tinytorch-tensor")
    step = learning_path(site.path).next
    assert step is not None
    assert step.name == "tensor"


def test_the_path_as_text_and_json(site: Site) -> None:
    site.wheel("setup")
    path = learning_path(site.path)
    text = str(path)
    assert text.index("Part 1") < text.index("xornet") < text.index("Part 2")
    assert "install tinytorch-tensor" in text
    plain = json.loads(path.to_json())
    assert plain == path.to_dict()
    assert plain["next"]["name"] == "tensor"
    assert plain["steps"][0]["origin"] == "reference"


def test_all_that_a_module_builds_on_is_missing_at_first(site: Site) -> None:
    released("tensor", "activations", "layers")
    found = missing_prerequisites("networks", site.path)
    assert [missing.name for missing in found.missing] == ["tensor", "activations", "layers"]
    assert {missing.reason for missing in found.missing} == {"not installed"}
    assert found.module == "networks"


def test_what_is_installed_is_not_missing(site: Site) -> None:
    site.wheel("tensor", "0.1.0+student")
    found = missing_prerequisites("networks", site.path)
    assert [missing.name for missing in found.missing] == ["activations", "layers"]


def test_nothing_missing(site: Site) -> None:
    assert missing_prerequisites("tensor", site.path).missing == ()
    site.wheel("tensor")
    found = missing_prerequisites("activations", site.path)
    assert found.missing == ()
    assert "installed" in str(found)


def test_a_capstone_builds_on_modules(site: Site) -> None:
    found = missing_prerequisites("xornet", site.path)
    assert [missing.name for missing in found.missing] == [
        "tensor",
        "activations",
        "layers",
        "networks",
    ]


def test_not_yet_released_is_another_thing_than_not_installed(site: Site) -> None:
    course = load_course()
    found = missing_prerequisites("tinygpt", site.path)
    for missing in found.missing:
        expected = "not installed" if course.package(missing.name).released else "not yet released"
        assert missing.reason == expected
    names = [missing.name for missing in found.missing]
    assert names == [module.name for module in course.modules if module.name in names]
    assert {"setup", "tensor", "autograd", "training", "generation"} <= set(names)


def test_a_broken_prerequisite_is_said_to_be_broken(site: Site) -> None:
    site.metadata("tinytorch-tensor")
    found = missing_prerequisites("activations", site.path)
    assert [(missing.name, missing.reason) for missing in found.missing] == [("tensor", "broken")]


def test_the_command_that_installs_what_is_missing(site: Site) -> None:
    text = str(missing_prerequisites("networks", site.path))
    assert "install tinytorch-tensor tinytorch-activations tinytorch-layers" in text


def test_missing_as_json(site: Site) -> None:
    found = missing_prerequisites("layers", site.path)
    assert found.to_dict()["module"] == "layers"
    assert found.to_dict()["missing"][0] == {
        "name": "tensor",
        "distribution": "tinytorch-tensor",
        "reason": "not installed",
    }


@pytest.mark.parametrize("name", ["tensro", "tinytorch-tensor", "Tensor"])
def test_an_unknown_module_is_refused_with_the_nearest_name(name: str) -> None:
    assert missing_prerequisites("tensor").module == "tensor"
    with pytest.raises(ValueError, match="Did you mean 'tensor'"):
        missing_prerequisites(name)
