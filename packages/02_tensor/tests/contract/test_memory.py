"""Task 2.1: how a tensor lies in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinytorch.tensor as tt

bounded = settings(max_examples=50, deadline=None, derandomize=True)


def shapes(smallest: int = 0) -> st.SearchStrategy[tuple[int, ...]]:
    """A shape of up to four dimensions."""
    return st.lists(st.integers(smallest, 4), max_size=4).map(tuple)


@st.composite
def views(draw: st.DrawFn) -> np.ndarray:
    """An array that looks into another one: some steps left out, dimensions exchanged."""
    shape = draw(shapes(smallest=1))
    array = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    steps = tuple(slice(draw(st.integers(0, 1)), None, draw(st.integers(1, 2))) for _ in shape)
    return array[(*steps, ...)].transpose(draw(st.permutations(range(len(shape)))))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((2, 3, 4), (12, 4, 1)),
        ((5,), (1,)),
        ((), ()),
        ((1, 1, 1), (1, 1, 1)),
        ((3, 1), (1, 1)),
        ((1, 3), (3, 1)),
        ((2, 0), (1, 1)),
        ((2, 0, 3), (3, 3, 1)),
        ((0, 2, 3), (6, 3, 1)),
    ],
)
def test_strides_row_by_row(shape, expected):
    found = tt.contiguous_strides(shape)
    assert found == expected, f"contiguous_strides({shape}) gave {found}, expected {expected}"
    assert isinstance(found, tuple)


def test_strides_of_a_list():
    assert tt.contiguous_strides([2, 3]) == (3, 1)


@bounded
@given(shape=shapes(smallest=1))
def test_strides_are_those_of_a_new_array(shape):
    expected = tuple(step // 8 for step in np.empty(shape, np.float64).strides)
    found = tt.contiguous_strides(shape)
    assert found == expected, f"contiguous_strides({shape}) gave {found}, expected {expected}"


@pytest.mark.parametrize(
    ("index", "strides", "expected"),
    [
        ((1, 2), (3, 1), 5),
        ((0, 0, 0), (12, 4, 1), 0),
        ((1, 2, 3), (12, 4, 1), 23),
        ((4,), (1,), 4),
        ((), (), 0),
        ((1, 2), (1, 2), 5),
        ((2, 7), (3, 0), 6),
        ((2, 1), (-3, 1), -5),
    ],
)
def test_flat_index(index, strides, expected):
    found = tt.flat_index(index, strides)
    assert found == expected, f"flat_index({index}, {strides}) gave {found}, expected {expected}"


@bounded
@given(shape=shapes(smallest=1), data=st.data())
def test_flat_index_counts_the_elements(shape, data):
    index = tuple(data.draw(st.integers(0, size - 1)) for size in shape)
    counted = list(np.ndindex(*shape)).index(index)
    found = tt.flat_index(index, tt.contiguous_strides(shape))
    assert found == counted, f"{index} in {shape} is element {counted}, but flat_index gave {found}"


@bounded
@given(view=views())
def test_flat_index_finds_what_a_view_shows(view):
    memory = view if view.base is None else view.base
    memory = memory.reshape(-1)
    start = (view.ctypes.data - memory.ctypes.data) // 4
    strides = tuple(step // 4 for step in view.strides)
    for index in np.ndindex(*view.shape):
        place = start + tt.flat_index(index, strides)
        assert memory[place] == view[index], f"flat_index({index}, {strides}) misses the element"


@pytest.mark.parametrize(
    ("shape", "strides", "expected"),
    [
        ((2, 3), (3, 1), True),
        ((2, 3), (1, 2), False),
        ((3,), (1,), True),
        ((3,), (2,), False),
        ((3,), (0,), False),
        ((3,), (-1,), False),
        ((), (), True),
        ((1,), (7,), True),
        ((1, 3), (99, 1), True),
        ((3, 1), (1, 99), True),
        ((2, 1, 3), (3, 0, 1), True),
        ((2, 1, 3), (6, 3, 1), False),
        ((2, 3), (4, 1), False),
        ((2, 3, 4), (12, 4, 1), True),
        ((2, 3, 4), (12, 1, 3), False),
        ((0, 3), (5, 7), True),
        ((3, 0), (0, 0), True),
    ],
)
def test_is_contiguous(shape, strides, expected):
    found = tt.is_contiguous(shape, strides)
    assert found == expected, f"is_contiguous({shape}, {strides}) gave {found}, expected {expected}"
    assert isinstance(found, bool)


@bounded
@given(view=views())
def test_is_contiguous_as_numpy_says(view):
    strides = tuple(step // 4 for step in view.strides)
    found = tt.is_contiguous(view.shape, strides)
    assert found == view.flags.c_contiguous, (
        f"is_contiguous({view.shape}, {strides}) gave {found}, NumPy says {view.flags.c_contiguous}"
    )


def test_a_tensor_knows_whether_it_is_contiguous():
    array = np.arange(6.0).reshape(2, 3)
    assert tt.Tensor(array).is_contiguous()
    assert not tt.Tensor(array.T).is_contiguous()
    assert not tt.Tensor(array[:, ::2]).is_contiguous()
    assert tt.Tensor(array[1:]).is_contiguous()


def test_contiguous_copies_only_what_is_not(assert_tensor):
    array = np.arange(6.0).reshape(2, 3)
    x = tt.Tensor(array)
    assert x.contiguous() is x, "contiguous() of a contiguous tensor is that tensor"
    y = tt.Tensor(array.T)
    copied = y.contiguous()
    assert_tensor(copied, array.T, "contiguous() of a transposed tensor")
    assert copied.stride() == tt.contiguous_strides((3, 2)) == (2, 1)
    assert not np.shares_memory(copied.numpy(), array)


def test_an_empty_tensor_has_the_strides_of_its_shape():
    assert tt.zeros(2, 0, 3).stride() == (3, 3, 1)
    assert tt.zeros(0).is_contiguous()
