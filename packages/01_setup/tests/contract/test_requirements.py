"""Task 1.7: do the versions fit."""

import pytest

from tinytorch.setup import conflicts

LAYERS = {"tinytorch-layers": ["tinytorch-tensor>=0.1,<0.2", "numpy>=2.0"]}


def found(
    installed: dict[str, str], requirements: dict[str, list[str]]
) -> list[tuple[object, ...]]:
    """dependant, requirement, installed of each conflict."""
    told = conflicts(installed, requirements)
    return [(each.dependant, each.requirement, each.installed) for each in told]


def test_nothing_asked_for_is_nothing_wrong() -> None:
    assert found({}, {}) == []
    assert found({"numpy": "2.1"}, {"numpy": []}) == []


@pytest.mark.parametrize("version", ["0.1", "0.1.0", "0.1.9", "0.1.10", "0.1.0+student"])
def test_versions_in_the_range(version: str) -> None:
    assert found({"tinytorch-tensor": version, "numpy": "2.4.1"}, LAYERS) == []


@pytest.mark.parametrize("version", ["0.2.0", "0.2.0+student", "0.0.9", "1.0", "0.1.0a1"])
def test_versions_outside_it(version: str) -> None:
    assert found({"tinytorch-tensor": version, "numpy": "2.4.1"}, LAYERS) == [
        ("tinytorch-layers", "tinytorch-tensor>=0.1,<0.2", version)
    ]


def test_versions_are_numbers_and_not_text() -> None:
    assert found({"a": "0.10.0"}, {"b": ["a>=0.9"]}) == []
    assert len(found({"a": "0.9.0"}, {"b": ["a>=0.10"]})) == 1


def test_what_is_not_installed_is_in_conflict() -> None:
    assert found({"numpy": "2.0"}, LAYERS) == [
        ("tinytorch-layers", "tinytorch-tensor>=0.1,<0.2", None)
    ]


def test_no_range_means_any_version_but_not_none() -> None:
    assert found({"a": "0.0.1"}, {"b": ["a"]}) == []
    assert found({}, {"b": ["a"]}) == [("b", "a", None)]


def test_a_pre_release_in_the_range_will_do() -> None:
    assert found({"a": "0.2.0rc1"}, {"b": ["a>=0.1"]}) == []


def test_every_conflict_is_reported_in_order() -> None:
    requirements = {"c": ["b>=2", "a>=2"], "b": ["a>=3"]}
    assert found({"a": "1", "b": "1"}, requirements) == [
        ("c", "b>=2", "1"),
        ("c", "a>=2", "1"),
        ("b", "a>=3", "1"),
    ]


@pytest.mark.parametrize("spelling", ["TinyTorch_Tensor", "tinytorch.tensor", "tinytorch--tensor"])
def test_a_name_may_be_written_in_any_way(spelling: str) -> None:
    assert found({"tinytorch-tensor": "0.1.0"}, {"b": [f"{spelling}>=0.1"]}) == []


@pytest.mark.parametrize("marker", ['extra == "dev"', 'python_version < "3"', 'os_name == "amiga"'])
def test_what_does_not_count_here_asks_for_nothing(marker: str) -> None:
    assert found({}, {"b": [f"a>=1; {marker}"]}) == []
    assert found({"a": "0.1"}, {"b": [f"a>=1; {marker}"]}) == []


def test_what_counts_here_does_ask() -> None:
    line = 'a>=1; python_version >= "3"'
    assert found({"a": "0.1"}, {"b": [line]}) == [("b", line, "0.1")]


def test_a_conflict_in_words() -> None:
    requirements = {"tinytorch-layers": ["tinytorch-tensor<0.2", "numpy>=2"]}
    tensor, numpy = map(str, conflicts({"tinytorch-tensor": "0.2.0"}, requirements))
    assert all(word in tensor for word in ("tinytorch-layers", "tinytorch-tensor<0.2", "0.2.0"))
    assert "none" in numpy
