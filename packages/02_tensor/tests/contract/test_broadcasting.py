"""Task 2.2: broadcasting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=50, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([(3, 1), (4,)], (3, 4)),
        ([(4,), (3, 1)], (3, 4)),
        ([(2, 3), (2, 3)], (2, 3)),
        ([(5,), ()], (5,)),
        ([(), ()], ()),
        ([], ()),
        ([(2, 3)], (2, 3)),
        ([(1,), (1, 1)], (1, 1)),
        ([(8, 1, 6, 1), (7, 1, 5)], (8, 7, 6, 5)),
        ([(0,), (1,)], (0,)),
        ([(1, 0), (3, 1)], (3, 0)),
        ([(0, 3), ()], (0, 3)),
        ([(2, 1, 1), (3, 1), (4,)], (2, 3, 4)),
    ],
)
def test_the_shape_of_both(shapes, expected):
    found = tt.broadcast_shapes(*shapes)
    assert found == expected, f"broadcast_shapes of {shapes} gave {found}, expected {expected}"
    assert isinstance(found, tuple)


def test_shapes_may_be_lists():
    assert tt.broadcast_shapes([3, 1], (2,)) == (3, 2)


@bounded
@given(drawn=hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=4, min_side=0, max_side=3))
def test_the_shape_that_numpy_finds(drawn):
    found = tt.broadcast_shapes(*drawn.input_shapes)
    assert found == drawn.result_shape, (
        f"broadcast_shapes of {drawn.input_shapes} gave {found}, expected {drawn.result_shape}"
    )


@pytest.mark.parametrize(
    "shapes",
    [
        [(2,), (3,)],
        [(2, 3), (3, 2)],
        [(2, 3), (2,)],
        [(0,), (2,)],
        [(2, 0), (2, 3)],
        [(1, 3), (4, 1), (2, 1)],
        [(3, 4), (3, 4, 1, 5)],
    ],
)
def test_shapes_that_do_not_fit_are_named(shapes, refused):
    with refused(ValueError, *map(str, shapes)):
        tt.broadcast_shapes(*shapes)


@bounded
@given(
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    leading=hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3),
)
def test_a_tensor_is_stretched(shape, leading, assert_tensor):
    array = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    target = leading + tuple(3 if size == 1 else size for size in shape)
    found = tt.broadcast_to(tt.Tensor(array), target)
    assert_tensor(found, np.broadcast_to(array, target), f"broadcast_to of {shape} to {target}")


def test_a_stretched_dimension_takes_no_memory():
    x = tt.tensor([[1.0], [2.0]])
    wide = x.expand(2, 1000)
    assert wide.stride() == (1, 0), "the stride of a stretched dimension is 0: nothing is copied"
    assert wide.data_ptr() == x.data_ptr()
    x.fill_(5)
    assert wide.numpy()[1, 999] == 5, "the stretched tensor looks into the memory of the first"


@pytest.mark.parametrize(
    ("shape", "target", "expected"),
    [
        ((1, 3), (2, -1), (2, 3)),
        ((3, 1), (-1, 4), (3, 4)),
        ((3,), (2, -1), (2, 3)),
        ((2, 3), (-1, -1), (2, 3)),
        ((1,), (-1,), (1,)),
        ((0, 1), (-1, 2), (0, 2)),
        ((1, 1), (5, -1, 7), (5, 1, 7)),
        ((), (2, 2), (2, 2)),
        ((), (), ()),
        ((1,), (0,), (0,)),
    ],
)
def test_minus_one_keeps_a_size(shape, target, expected, assert_tensor):
    array = np.arange(np.prod(shape, dtype=int), dtype=np.float64).reshape(shape)
    found = tt.Tensor(array).expand(target)
    assert_tensor(found, np.broadcast_to(array, expected), f"expand {shape} to {target}")


@pytest.mark.parametrize("target", [(-1, 3), (-1, -1, 3)])
def test_minus_one_needs_a_size_to_keep(target, refused):
    with refused(ValueError, "broadcast_to", str(target), "(3,)"):
        tt.zeros(3).expand(target)


@pytest.mark.parametrize(
    ("shape", "target"),
    [((3,), (1,)), ((3,), (2, 4)), ((2, 3), (3,)), ((2, 3), ()), ((2, 1), (3, 4)), ((0,), (1,))],
)
def test_what_cannot_be_stretched_is_refused(shape, target, refused):
    with refused(ValueError, "broadcast_to", str(shape), str(target)):
        tt.broadcast_to(tt.zeros(shape), target)


def test_sizes_one_by_one_or_in_a_sequence(assert_tensor):
    x = tt.tensor([[1.0], [2.0]])
    expected = np.float32([[1, 1, 1], [2, 2, 2]])
    assert_tensor(x.expand(2, 3), expected, "expand(2, 3)")
    assert_tensor(x.expand((2, 3)), expected, "expand((2, 3))")
    assert_tensor(x.broadcast_to([2, 3]), expected, "broadcast_to([2, 3])")
    assert_tensor(x.expand_as(tt.zeros(2, 3)), expected, "expand_as a (2, 3)")


def test_a_stretched_tensor_cannot_be_written_to(refused):
    wide = tt.zeros(1, 3).expand(2, 3)
    with refused(RuntimeError, "fill_", "clone"):
        wide.fill_(1)
    with refused(RuntimeError, "__setitem__", "clone"):
        wide[0] = 1


def test_a_stretched_tensor_counts_writes_with_its_source():
    x = tt.zeros(1, 3)
    wide = x.expand(2, 3)
    x.fill_(1)
    assert wide.version[0] == 1, "the write to x is a write to what looks into it"


def test_tensors_together(assert_tensor):
    a, b = tt.broadcast_tensors(tt.tensor([[1.0], [2.0]]), tt.tensor([3.0, 4.0, 5.0]))
    assert_tensor(a, np.float32([[1, 1, 1], [2, 2, 2]]), "the first of broadcast_tensors")
    assert_tensor(b, np.float32([[3, 4, 5], [3, 4, 5]]), "the second of broadcast_tensors")
