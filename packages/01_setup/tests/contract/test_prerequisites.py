"""Task 1.5: everything underneath."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch.setup import load_course, prerequisites

HOUSE = {
    "roof": ["walls", "beams"],
    "walls": ["floor"],
    "beams": ["floor"],
    "floor": [],
    "tree": [],
}


def test_direct_ones() -> None:
    assert set(prerequisites(HOUSE, "walls")) == {"floor"}


def test_those_through_others() -> None:
    assert set(prerequisites(HOUSE, "roof")) == {"walls", "beams", "floor"}


def test_none() -> None:
    assert set(prerequisites(HOUSE, "floor")) == set()


def test_a_name_is_not_its_own_prerequisite() -> None:
    assert all(name not in prerequisites(HOUSE, name) for name in HOUSE)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="chimney"):
        prerequisites(HOUSE, "chimney")


def test_a_circle_does_not_go_on_for_ever() -> None:
    circle = {"hen": ["egg"], "egg": ["farm"], "farm": ["hen"], "cook": ["egg"]}
    assert set(prerequisites(circle, "hen")) == {"hen", "egg", "farm"}
    assert set(prerequisites(circle, "cook")) == {"hen", "egg", "farm"}


def test_depth_is_no_obstacle() -> None:
    # Deeper than Python lets a function call itself.
    deep: dict[str, list[str]] = {f"n{number}": [f"n{number + 1}"] for number in range(5000)}
    deep["n5000"] = []
    assert len(prerequisites(deep, "n0")) == 5000


def test_many_ways_to_one_place_are_walked_once() -> None:
    # Each level doubles the number of paths: 2**60 of them lead to the bottom.
    lattice: dict[str, list[str]] = {"l0": [], "r0": []}
    for level in range(1, 61):
        below = [f"l{level - 1}", f"r{level - 1}"]
        lattice[f"l{level}"] = below
        lattice[f"r{level}"] = below
    assert len(prerequisites(lattice, "l60")) == 120


@given(st.integers(1, 8), st.data())
def test_it_is_what_powers_of_the_adjacency_matrix_reach(size: int, data: st.DataObject) -> None:
    bits = data.draw(st.lists(st.booleans(), min_size=size * size, max_size=size * size))
    adjacency = np.array(bits).reshape(size, size)
    names = [f"n{number}" for number in range(size)]
    edges = {name: [names[j] for j in np.flatnonzero(adjacency[i])] for i, name in enumerate(names)}
    reachable = adjacency.copy()
    for _ in range(size):
        reachable = reachable | (reachable.astype(int) @ adjacency.astype(int) > 0)
    for i, name in enumerate(names):
        assert set(prerequisites(edges, name)) == {names[j] for j in np.flatnonzero(reachable[i])}


def test_in_the_course() -> None:
    edges = {package.name: package.depends for package in load_course().packages}
    assert set(prerequisites(edges, "networks")) == {"tensor", "activations", "layers"}
    assert set(prerequisites(edges, "xornet")) == {"tensor", "activations", "layers", "networks"}
    assert "autograd" not in prerequisites(edges, "generation")
