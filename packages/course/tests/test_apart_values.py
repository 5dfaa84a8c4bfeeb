"""What crosses between judge and respondent arrives as it was, and only what is well-formed."""

from __future__ import annotations

import inspect
import json
import math
from collections import OrderedDict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinytorch_course.apart.trust import disagrees
from tinytorch_course.apart.values import KEPT, Codec
from tinytorch_course.apart.wire import Malformed, well_formed

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda below: (
        st.lists(below)
        | st.lists(below).map(tuple)
        | st.dictionaries(st.text() | st.integers(), below)
    ),
)
DTYPES = ["?", "i1", "u1", "i4", "i8", "f2", "f4", "f8", "c8", "c16"]


def carried(sender: Codec, receiver: Codec, value: Any) -> Any:
    sender.blob = bytearray()
    message = json.loads(json.dumps(sender.write(value)))
    return receiver.read(message, sender.blob)


@given(PLAIN)
def test_plain_values(value):
    found = carried(Codec(), Codec(), value)
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        slice(1, None, -1), range(2, 9, 3), ..., NotImplemented, {1, 2}, frozenset("a"), -0.0,
        OrderedDict(b=1, a=2), int, ValueError, np.float32, np.ndarray, np.dtype("int16"),
        np.float32(0.1), np.int8(-3), Path("a/b"), json.JSONDecodeError, "\ud800",
    ],
    ids=repr,
)  # fmt: skip
def test_other_values(value):
    found = carried(Codec(), Codec(), value)
    assert type(found) is type(value)
    assert repr(found) == repr(value)


def test_infinities_and_views_of_dicts():
    assert math.isnan(carried(Codec(), Codec(), math.nan))
    assert carried(Codec(), Codec(), -math.inf) == -math.inf
    found = carried(Codec(), Codec(), MappingProxyType({"a": 1}))
    assert type(found) is MappingProxyType
    assert dict(found) == {"a": 1}


@given(st.data(), st.sampled_from(DTYPES))
def test_arrays_in_any_layout(data, dtype):
    array = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=5)))
    for _ in range(2):
        order = data.draw(st.permutations(range(array.ndim)))
        steps = data.draw(st.tuples(*[st.sampled_from([1, -1, 2, -2])] * array.ndim))
        array = array.transpose(order)[tuple(slice(None, None, step) for step in steps)]
    found = carried(Codec(), Codec(), array)
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()
    if array.size > 1:
        assert found.flags.c_contiguous == array.flags.c_contiguous
        assert found.flags.f_contiguous == array.flags.f_contiguous


def test_signatures():
    def function(a, /, b=2, *rest, c, d=(1,), **more): ...

    codec = Codec()
    written = json.loads(json.dumps(codec.write_signature(inspect.signature(function))))
    assert Codec().read(written, bytearray()) == inspect.signature(function)


@pytest.mark.parametrize("make", [lambda: [1, [2]], lambda: {"a": 1}, lambda: np.ones(3)])
def test_what_comes_again_unchanged_is_the_same_object(make):
    here, there = Codec(), Codec()
    value = make()
    first = carried(here, there, value)
    assert carried(here, there, value) is first
    assert carried(there, here, first) is value
    assert carried(here, there, make()) is not first


def test_what_has_changed_is_another_object():
    here, there = Codec(), Codec()
    value = np.zeros(3)
    before = carried(here, there, value)
    value[0] = 1
    after = carried(here, there, value)
    assert (before[0], after[0]) == (0, 1)
    before[1] = 5
    assert carried(there, here, before).tolist() == [0, 5, 0]
    assert value.tolist() == [1, 0, 0]


def test_only_so_many_are_kept():
    here, there = Codec(), Codec()
    for number in range(2 * KEPT):
        carried(here, there, [number])
    assert len(here.kept.own) == len(there.kept.others) == KEPT
    assert len(here.kept.number_of_own) == len(there.kept.number_of_other) == KEPT


@pytest.mark.parametrize(
    "message",
    [
        {"a": 1}, [], ["no such tag"], [["t"]], ["py", "eval"], ["py", 3], ["np", "load"],
        ["ex", "os", "system"], ["ex", "dataclasses", "dataclass"], ["e", "None"], ["b", 3],
        ["d", 0, 1], ["d", 0, ["l", 0], 1], ["s", 0, ["l", 0]], ["l", "x"], ["c", "x", 1],
        ["rg", 1, 2, 0], ["dt", "O"], ["dt", "f4,f4"], ["sl", 1], ["path", 1],
        ["a", 0, "<f8", [2], 0, 8, 0, [], True],
        ["a", 0, "<f8", [2], 0, 8, 0, [8], True],
        ["a", 0, "<f8", [-1], 0, 8, 0, [], True],
        ["a", 0, "<f8", [1], -8, 8, 0, [], True],
        ["a", 0, "<f8", [1], 0, 8, 8, [], True],
        ["a", 0, "<f8", [10**9], 0, 8, 0, [0], True],
        ["a", 0, "<f8", [10**6, 10**6], 0, 8, 0, [0, 0], True],
        ["a", 0, "|O", [1], 0, 8, 0, [], True],
        ["a", 0, "<f8"], ["sg", ["a b", "KEYWORD_ONLY", False]],
    ],
    ids=str,
)  # fmt: skip
def test_what_is_malformed(message):
    with pytest.raises(Malformed):
        well_formed(lambda: Codec().read(message, bytearray(8)))


@pytest.mark.parametrize(
    ("name", "values", "other", "claimed", "lie"),
    [
        ("__sub__", np.float32([1, 2]), 3.0, np.float32([-2, -1]), False),
        ("__rsub__", np.float32([1, 2]), 3.0, np.float32([2, 1]), False),
        ("__sub__", np.float32([1, 2]), 3.0, np.float32([0, 0]), True),
        ("__sub__", np.float32([1, 2]), 3.0, np.float32([np.nan, np.nan]), True),
        ("__sub__", np.float32([1, 2]), 3.0, np.float32([-2]), True),
        ("__sub__", np.float32([1, 2]), 3.0, np.array([False, False]), True),
        ("__sub__", np.float32([1, 2]), 3.0, None, True),
        ("__mul__", np.float16([300]), 300, np.float16([np.inf]), False),
        ("__add__", np.uint8([250]), 10, np.uint8([4]), False),
        ("__add__", np.int64([2**53]), 1, np.int64([2**53 + 1]), False),
        ("__add__", np.array([True]), True, np.array([True]), False),
        ("__truediv__", np.float32([1, 0]), 0.0, np.float32([np.inf, np.nan]), False),
        ("__matmul__", np.float32([1, 2]), np.float32([3, 4]), np.float32(11), False),
        ("__rmatmul__", np.eye(2), np.float32([3, 4]), np.float64([3, 4]), False),
        ("__matmul__", np.float32([1, 2]), np.float32([3, 4]), np.float32(0), True),
        ("__add__", np.float32([1, 2]), np.zeros(3), np.float32([0, 0]), False),
        ("__pow__", np.float32([1, 2]), 2.0, np.float32([1, 4]), False),
    ],
)
def test_arithmetic_that_is_claimed(name, values, other, claimed, lie):
    assert disagrees(name, values, other, claimed) is lie
