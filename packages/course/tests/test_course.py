"""The table of the course, and questions to it."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch_course.course import Capstone, Course, Module, parse, the_course


@st.composite
def courses(draw) -> Course:
    """Any course: each module builds on some that come before it."""
    count = draw(st.integers(1, 8))
    names = [f"m{number}" for number in range(count)]
    modules = tuple(
        Module(
            name=name,
            number=index + 1,
            part=1 + index // 3,
            title=name.title(),
            depends=tuple(draw(st.sets(st.sampled_from(names[:index]))) if index else ()),
            released=draw(st.booleans()),
        )
        for index, name in enumerate(names)
    )
    capstone = Capstone("c", 1, "C", tuple(draw(st.sets(st.sampled_from(names)))), True)
    return Course(modules, (capstone,))


def reached(course: Course, start: str) -> set[str]:
    """By walking, edge by edge."""
    found: set[str] = set()
    waiting = list(course.member(start).depends)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += course.member(name).depends
    return found


@given(courses())
def test_needs_are_what_can_be_reached(course):
    for member in course.members:
        assert course.needs(member.name) == reached(course, member.name)


@given(courses())
def test_built_on_is_needs_backwards(course):
    for one in course.members:
        for other in course.members:
            is_below = one.name in course.needs(other.name)
            assert is_below == (other.name in course.built_on(one.name))
            assert (one.name in other.depends) == (other.name in course.needed_by(one.name))


@given(st.text())
def test_any_text_may_be_looked_up(text):
    found = the_course().find(text)
    assert found is None or found in the_course().members


def test_the_table_has_its_fixed_form():
    text = files("tinytorch_course").joinpath("course.json").read_text(encoding="utf-8")
    table = json.loads(text)
    assert text == json.dumps(table, indent=2, ensure_ascii=False) + "\n"
    assert list(table) == ["modules", "capstones"]
    module_keys = ["name", "number", "part", "title", "depends", "released"]
    assert all(list(each) == module_keys for each in table["modules"])
    capstone_keys = ["name", "part", "title", "depends", "released"]
    assert all(list(each) == capstone_keys for each in table["capstones"])


def test_modules_build_on_earlier_ones():
    course = the_course()
    assert [each.number for each in course.modules] == list(range(1, 18))
    numbers = {each.name: each.number for each in course.modules}
    for module in course.modules:
        assert all(numbers[name] < module.number for name in module.depends)


def test_a_table_in_another_order_is_put_in_order():
    table = {
        "modules": [
            {"name": n, "number": i, "part": 1, "title": n, "depends": [], "released": True}
            for i, n in ((2, "b"), (1, "a"))
        ],
        "capstones": [],
    }
    assert [each.name for each in parse(json.dumps(table)).modules] == ["a", "b"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tenser", "tensor"), ("atention", "attention"), ("xornt", "xornet"), ("?", None)],
)
def test_nearest(typed, meant):
    assert the_course().nearest(typed) == meant
