"""`tinytorch graph`: what builds on what, as text, JSON and DOT."""

from __future__ import annotations

import re

import pytest


def test_every_member_has_a_line_with_what_it_needs(part_1):
    lines = [line.split() for line in part_1.invoke("graph").stdout.splitlines()]
    assert ["✓", "4", "layers", "needs", "tensor,", "activations"] in lines
    assert ["✓", "xornet", "needs", "networks"] in lines
    assert ["·", "11", "training", "needs", "all", "of", "1", "to", "10"] in lines
    assert ["✓", "2", "tensor"] in lines
    drawn = [line for line in lines if line and line[0] in {"✓", "·"} and len(line) > 1]
    assert len(drawn) == 17 + 3 + 1  # and the legend


def test_marks_tell_yours_from_missing(machine):
    machine.install_project("tensor")
    text = machine.invoke("graph").stdout
    assert re.search(r"◆  +2  tensor", text)
    assert re.search(r"○  +3  activations", text)
    assert text.splitlines()[-1].split("   ")[:3] == [
        "◆ yours",
        "○ not installed",
        "· not yet released",
    ]


def test_one_module_shows_both_directions(part_1):
    assert part_1.invoke("graph", "layers").stdout.splitlines() == [
        "✓ layers  Layers  reference",
        "",
        "Needs",
        "├── ✓ tensor",
        "└── ✓ activations",
        "    └── ✓ tensor",
        "",
        "Needed by",
        "├── ✓ networks",
        "├── · spatial",
        "├── · normalization",
        "├── · training",
        "├── · embeddings",
        "├── · attention",
        "└── · regularization",
        "",
        "And through them by  autograd, optimizers, transformers, generation, systems, xornet, "
        "cifar10, tinygpt",
    ]


def test_shared_needs_are_drawn_once(part_1):
    text = part_1.invoke("graph", "tinygpt").stdout
    drawn = [line.lstrip("│├└─ ") for line in text.splitlines()]
    assert drawn.count("✓ networks") == 1
    assert drawn.count("✓ networks  (above)") == 1
    assert drawn.count("✓ tensor") > 2  # a leaf is short enough to be drawn wherever it is needed


def test_ends_of_the_graph_say_so(part_1):
    assert "Needs no other module" in part_1.invoke("graph", "tensor").stdout
    assert "Nothing is built on it" in part_1.invoke("graph", "xornet").stdout


@pytest.mark.parametrize(
    "spelled", ["4", "04", "04_layers", "tinytorch-layers", "tinytorch.layers"]
)
def test_spellings_of_a_module(part_1, spelled):
    assert part_1.invoke("graph", spelled).stdout == part_1.invoke("graph", "layers").stdout


def test_a_typo_is_answered_with_the_nearest_name(machine):
    result = machine.invoke("graph", "tenser")
    assert result.exit_code == 1
    assert "'tenser'" in result.stderr
    assert "Did you mean 'tensor'?" in result.stderr
    assert "tinytorch graph" in result.stderr
    assert "Did you mean" not in machine.invoke("graph", "zzz").stderr


def test_json_is_the_whole_graph(part_1, course):
    told = part_1.json("graph")
    assert {each.name: tuple(each.depends) for each in (*told.modules, *told.capstones)} == {
        each.name: each.depends for each in course.members
    }
    networks = told.modules[4]
    assert (networks.number, networks.state) == (5, "reference")
    assert networks.needed_by == ["autograd", "training", "xornet"]


def test_json_of_a_module_is_its_neighbourhood(part_1):
    told = part_1.json("graph", "optimizers")
    names = [each.name for each in told.modules]
    assert names == [
        "tensor",
        "activations",
        "layers",
        "networks",
        "autograd",
        "optimizers",
        "training",
        "regularization",
        "systems",
    ]
    training = told.modules[6]
    assert set(training.depends) <= set(names)


def test_dot_has_a_node_for_each_member_and_an_edge_for_each_need(part_1, course):
    lines = part_1.invoke("graph", "--dot").stdout.splitlines()
    assert (lines[0], lines[-1]) == ("digraph tinytorch {", "}")
    edges = {tuple(re.findall(r"\w+", line)) for line in lines if "->" in line}
    assert edges == {(each.name, name) for each in course.members for name in each.depends}
    nodes = [line.split()[0] for line in lines if line.startswith("    ") and "[label=" in line]
    assert sorted(nodes) == sorted(each.name for each in course.members)
    assert sum(line.count("{") - line.count("}") for line in lines) == 0


def test_dot_of_a_module_is_its_neighbourhood(part_1):
    text = part_1.invoke("graph", "optimizers", "--dot").stdout
    edges = set(re.findall(r"(\w+) -> (\w+)", text))
    assert ("optimizers", "autograd") in edges
    assert ("training", "optimizers") in edges
    assert not {name for edge in edges for name in edge} & {"spatial", "setup", "xornet"}


def test_dot_and_json_exclude_each_other(machine):
    result = machine.invoke("graph", "--dot", "--json")
    assert result.exit_code == 2
    assert "choose one" in result.stderr
