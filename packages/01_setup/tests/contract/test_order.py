"""Task 1.4: an order to learn in."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch.setup import load_course, topological_order


def test_prerequisites_come_first() -> None:
    assert topological_order({"roof": ["walls"], "walls": ["floor"], "floor": []}) == [
        "floor",
        "walls",
        "roof",
    ]


def test_what_is_free_stays_in_the_order_of_the_table() -> None:
    assert topological_order({"c": [], "a": [], "b": []}) == ["c", "a", "b"]


def test_the_first_row_that_is_ready_is_next() -> None:
    # When "base" is taken, "late" becomes ready and stands before "other".
    assert topological_order({"late": ["base"], "base": [], "other": []}) == [
        "base",
        "late",
        "other",
    ]


def test_a_diamond() -> None:
    edges = {"top": ["right", "left"], "left": ["bottom"], "right": ["bottom"], "bottom": []}
    assert topological_order(edges) == ["bottom", "left", "right", "top"]


def test_an_empty_graph_has_an_empty_order() -> None:
    assert topological_order({}) == []


def test_a_long_chain() -> None:
    names = [f"n{number}" for number in range(300)]
    edges = {name: [below] for name, below in itertools.pairwise(names)}
    assert topological_order({**edges, names[-1]: []}) == names[::-1]


@pytest.mark.parametrize(
    "edges",
    [
        {"alone": ["alone"]},
        {"hen": ["egg"], "egg": ["hen"]},
        {"free": [], "hen": ["egg"], "egg": ["farm"], "farm": ["hen", "free"]},
    ],
)
def test_a_circle_is_refused_and_named(edges: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError) as caught:
        topological_order(edges)
    for name in edges:
        assert (name in str(caught.value)) == (name != "free")


def test_the_graph_is_left_alone() -> None:
    edges = {"b": ["a"], "a": []}
    topological_order(edges)
    assert edges == {"b": ["a"], "a": []}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    """Graphs without circles, whose rows stand in any order."""
    ranks = draw(st.permutations(range(draw(st.integers(0, 9)))))
    return {
        f"n{rank}": [
            f"n{below}"
            for below in draw(st.sets(st.integers(0, rank - 1)) if rank else st.just(()))
        ]
        for rank in ranks
    }


@given(graphs())
def test_every_step_is_the_first_that_is_ready(edges: dict[str, list[str]]) -> None:
    order = topological_order(edges)
    assert sorted(order) == sorted(edges)
    for position, name in enumerate(order):
        taken = set(order[:position])
        ready = [row for row in edges if row not in taken and taken.issuperset(edges[row])]
        assert name == ready[0]


def test_the_course_is_in_order_already() -> None:
    packages = load_course().packages
    order = topological_order({package.name: package.depends for package in packages})
    assert order == [package.name for package in packages]
    assert order[4:7] == ["networks", "xornet", "spatial"]
