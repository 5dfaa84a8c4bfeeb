"""Task 1.3: from a table to a graph."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch.setup import dependency_graph, edges_from_table, load_course

COURSE = [
    *["setup", "tensor", "activations", "layers", "networks"],
    *["spatial", "dataloader", "normalization", "autograd", "optimizers", "training"],
    *["embeddings", "attention", "transformers", "generation", "regularization", "systems"],
]


def row(name: str, *depends: str) -> dict[str, object]:
    return {"name": name, "depends": list(depends), "title": name.title(), "number": 7}


def test_each_row_becomes_an_entry() -> None:
    edges = edges_from_table(
        [row("tensor"), row("layers", "tensor"), row("deep", "layers", "tensor")]
    )
    assert {name: list(depends) for name, depends in edges.items()} == {
        "tensor": [],
        "layers": ["tensor"],
        "deep": ["layers", "tensor"],
    }


def test_the_order_of_the_table_is_kept() -> None:
    assert list(edges_from_table([row("b"), row("c"), row("a", "c", "b")])) == ["b", "c", "a"]


def test_a_row_may_build_on_a_later_one() -> None:
    assert list(edges_from_table([row("roof", "walls"), row("walls")])["roof"]) == ["walls"]


def test_no_rows_make_an_empty_graph() -> None:
    assert edges_from_table([]) == {}


def test_the_table_itself_is_left_alone() -> None:
    rows = [row("a"), row("b", "a")]
    edges_from_table(rows)
    assert rows == [row("a"), row("b", "a")]


def test_two_rows_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="tensor"):
        edges_from_table([row("tensor"), row("layers"), row("tensor")])


def test_an_unknown_prerequisite_is_refused() -> None:
    with pytest.raises(ValueError, match=r"(?s)layers.*tensr|tensr.*layers"):
        edges_from_table([row("tensor"), row("layers", "tensr")])


@given(st.lists(st.text(min_size=1), unique=True, max_size=8), st.data())
def test_any_table(names: list[str], data: st.DataObject) -> None:
    chosen = {
        name: data.draw(st.lists(st.sampled_from(names), unique=True), label=name) for name in names
    }
    edges = edges_from_table([row(name, *chosen[name]) for name in names])
    assert {name: list(depends) for name, depends in edges.items()} == chosen


def test_the_course_has_seventeen_modules_and_three_capstones() -> None:
    course = load_course()
    assert [module.name for module in course.modules] == COURSE
    assert [module.number for module in course.modules] == list(range(1, 18))
    assert set(dependency_graph().edges) == {*COURSE, "xornet", "cifar10", "tinygpt"}
    assert [(capstone.name, capstone.part) for capstone in course.capstones] == [
        ("xornet", 1),
        ("cifar10", 2),
        ("tinygpt", 3),
    ]


def test_the_graph_of_the_course() -> None:
    edges = dependency_graph().edges
    assert list(edges["layers"]) == ["tensor", "activations"]
    assert list(edges["xornet"]) == ["networks"]
    assert list(edges["setup"]) == []
    assert set(COURSE) < set(edges)


def test_the_graph_as_text_and_json() -> None:
    graph = dependency_graph()
    lines = str(graph).splitlines()
    assert len(lines) == len(graph.edges) == 20
    layers = next(line for line in lines if "04" in line)
    assert "layers" in layers
    assert "tensor, activations" in layers
    packages = graph.to_dict()["packages"]
    assert [package["name"] for package in packages][:6] == [*COURSE[:5], "xornet"]
    assert packages[3]["depends"] == ["tensor", "activations"]
