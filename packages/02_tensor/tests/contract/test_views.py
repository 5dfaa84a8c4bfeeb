"""Task 2.4: views, other shapes of the same memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=50, deadline=None, derandomize=True)
small_shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3)


def counted(*shape: int) -> np.ndarray:
    """0, 1, 2, … in this shape: every element can be told from every other."""
    return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


def assert_is_view(view: tt.Tensor, x: tt.Tensor, tried: str) -> None:
    """A write to `x` shows in `view` and is counted there."""
    before = view.version[0]
    x.fill_(-7.0)
    assert (view.numpy() == -7).all(), f"{tried} is a copy: a write to x does not show in it"
    assert view.version[0] == before + 1, f"{tried} does not count the writes to x"


@pytest.mark.parametrize(
    ("shape", "target", "expected"),
    [
        ((6,), (2, 3), (2, 3)),
        ((6,), (2, -1), (2, 3)),
        ((2, 3), (-1,), (6,)),
        ((2, 3), (3, -1), (3, 2)),
        ((2, 3, 4), (-1, 4), (6, 4)),
        ((2, 3, 4), (2, -1, 2), (2, 6, 2)),
        ((), (1,), (1,)),
        ((), (-1,), (1,)),
        ((1,), (), ()),
        ((1, 1), (-1, 1, 1), (1, 1, 1)),
        ((0,), (0, 5), (0, 5)),
        ((0,), (-1,), (0,)),
        ((0, 3), (-1, 3), (0, 3)),
        ((2, 0), (2, -1), (2, 0)),
        ((0, 3), (4, 0, 7), (4, 0, 7)),
        ((6,), (6, -1), (6, 1)),
        ((6,), [3, 2], (3, 2)),
    ],
)
def test_reshape(shape, target, expected, assert_tensor, check_gradient):
    x = counted(*shape)
    found = tt.reshape(tt.tensor(x), target)
    assert_tensor(found, x.reshape(expected), f"reshape {shape} to {target}")
    assert all(type(size) is int for size in found.shape)
    check_gradient("reshape", x, shape=target)


@bounded
@given(shape=small_shapes, data=st.data())
def test_reshape_finds_any_one_size(shape, data, assert_tensor):
    x = counted(*shape)
    axis = data.draw(st.integers(0, len(shape) - 1))
    asked = (*shape[:axis], -1, *shape[axis + 1 :])
    if 0 in shape[:axis] + shape[axis + 1 :]:
        with pytest.raises(ValueError, match="reshape"):
            tt.reshape(tt.tensor(x), asked)
    else:
        assert_tensor(tt.reshape(tt.tensor(x), asked), x, f"reshape {shape} to {asked}")


@pytest.mark.parametrize(
    ("shape", "target"),
    [
        ((6,), (4,)),
        ((6,), (4, -1)),
        ((6,), (-1, -1)),
        ((1,), (-1, -1)),
        ((0,), (-1, -1)),
        ((6,), (-2, 3)),
        ((6,), (-2, -3)),
        ((4,), (-2, -2)),
        ((6,), (2, 3, 0)),
        ((6,), (0, -1)),
        ((0,), (0, -1)),
        ((0,), (2, 3)),
        ((0,), ()),
        ((2, 3), ()),
        ((5,), (2, -1)),
    ],
)
def test_shapes_that_cannot_be(shape, target, refused):
    with refused(ValueError, "reshape", str(target)):
        tt.reshape(tt.zeros(shape), target)


def test_sizes_one_by_one_or_in_a_sequence(assert_tensor):
    x = counted(6)
    for found in (
        tt.tensor(x).reshape(2, -1),
        tt.tensor(x).reshape((2, -1)),
        tt.tensor(x).view(2, 3),
    ):
        assert_tensor(found, x.reshape(2, 3), "reshape or view of 6 elements as (2, -1)")
    assert_tensor(tt.tensor(counted(2, 3, 4)).flatten(1), counted(2, 12), "flatten(1) of (2, 3, 4)")


def test_reshape_is_a_view_where_strides_can_express_it():
    x = tt.tensor(counted(2, 6))
    assert_is_view(x.reshape(3, 4), x, "reshape of a contiguous tensor")


def test_reshape_copies_where_it_must(assert_tensor):
    x = tt.tensor(counted(2, 3))
    flat = x.transpose(0, 1).reshape(6)
    assert_tensor(flat, np.float32([0, 3, 1, 4, 2, 5]), "reshape of a transposed tensor")
    x.fill_(-1)
    assert flat.tolist() == [0, 3, 1, 4, 2, 5], "row by row, these strides need a copy"
    assert flat.version[0] == 0, "a copy does not count the writes to its source"


def test_view_never_copies(refused):
    x = tt.tensor(counted(2, 3))
    assert_is_view(x.view(-1), x, "view(-1)")
    with refused(ValueError, "view", "(3, 2)", "contiguous"):
        x.transpose(0, 1).view(6)


@bounded
@given(shape=small_shapes, data=st.data())
def test_permute(shape, data, assert_tensor):
    x = counted(*shape)
    dims = data.draw(st.permutations(range(len(shape))))
    signed = [data.draw(st.sampled_from([d, d - len(shape)])) for d in dims]
    found = tt.permute(tt.tensor(x), signed)
    assert_tensor(found, x.transpose(dims), f"permute {shape} by {signed}")
    if x.size:
        steps = tuple(tt.tensor(x).stride()[d] for d in dims)
        assert found.stride() == steps, f"permute by {dims}: strides {found.stride()}, not {steps}"


def test_permute_in_words(assert_tensor, check_gradient):
    x = counted(2, 3, 4)
    found = tt.tensor(x).permute(2, 0, 1)
    assert found.shape == (4, 2, 3), "dimension i of the result is dimension dims[i] of x"
    assert found.numpy()[3, 1, 2] == x[1, 2, 3]
    assert_tensor(tt.tensor(x).permute((0, 1, 2)), x, "permute by (0, 1, 2)")
    assert_tensor(tt.tensor(5.0).permute(()), np.float32(5), "permute of a 0-d tensor")
    check_gradient("permute", x, dims=(2, 0, 1))


@pytest.mark.parametrize("dims", [(0, 1), (0, 1, 1), (0, 1, 2, 3), (0, -3, 1), (0, 1, 3), ()])
def test_permute_needs_every_dimension_once(dims, refused):
    with refused(ValueError, "permute", str(dims), "(2, 3, 4)"):
        tt.permute(tt.zeros(2, 3, 4), dims)


@pytest.mark.parametrize("dims", [(0, 1), (1, 0), (0, 2), (-1, -2), (-3, 1), (1, 1), (-1, 2)])
def test_transpose(dims, assert_tensor, check_gradient):
    x = counted(2, 3, 4)
    found = tt.transpose(tt.tensor(x), *dims)
    assert_tensor(found, x.swapaxes(*dims), f"transpose {x.shape}, dimensions {dims}")
    assert_tensor(tt.tensor(x).transpose(*dims), x.swapaxes(*dims), "the method transpose")
    steps = list(tt.contiguous_strides(x.shape))
    steps[dims[0]], steps[dims[1]] = steps[dims[1]], steps[dims[0]]
    assert found.stride() == tuple(steps), f"strides {found.stride()}, expected {tuple(steps)}"
    check_gradient("transpose", x, dim0=dims[0], dim1=dims[1])


def test_transpose_of_odd_tensors(assert_tensor):
    assert_tensor(tt.transpose(tt.tensor(1.0), 0, -1), np.float32(1), "transpose of a 0-d tensor")
    assert_tensor(
        tt.transpose(tt.tensor([1.0]), 0, 0), np.float32([1]), "transpose of a 1-d tensor"
    )
    assert_tensor(tt.transpose(tt.zeros(0, 3), 0, 1), counted(3, 0), "transpose of (0, 3)")


@pytest.mark.parametrize(("shape", "dims", "wrong"), [((2, 3), (0, 2), 2), ((2, 3), (-3, 0), -3)])
def test_transpose_of_a_dimension_that_is_not_there(shape, dims, wrong, refused):
    with refused(IndexError, "transpose", f"dimension {wrong}"):
        tt.transpose(tt.zeros(shape), *dims)


@pytest.mark.parametrize(
    ("shape", "dim", "expected"),
    [
        ((2, 3), 0, (1, 2, 3)),
        ((2, 3), 1, (2, 1, 3)),
        ((2, 3), 2, (2, 3, 1)),
        ((2, 3), -1, (2, 3, 1)),
        ((2, 3), -2, (2, 1, 3)),
        ((2, 3), -3, (1, 2, 3)),
        ((), 0, (1,)),
        ((), -1, (1,)),
        ((0,), 1, (0, 1)),
        ((1,), 0, (1, 1)),
    ],
)
def test_unsqueeze(shape, dim, expected, assert_tensor, check_gradient):
    x = counted(*shape)
    found = tt.unsqueeze(tt.tensor(x), dim)
    assert_tensor(found, x.reshape(expected), f"unsqueeze {shape} at {dim}")
    assert_tensor(tt.tensor(x).unsqueeze(dim), x.reshape(expected), "the method unsqueeze")
    check_gradient("unsqueeze", x, dim=dim)


@pytest.mark.parametrize(("shape", "dim"), [((2, 3), 3), ((2, 3), -4), ((), 1), ((), -2)])
def test_unsqueeze_beyond_the_dimensions(shape, dim, refused):
    with refused(IndexError, "unsqueeze", str(dim)):
        tt.unsqueeze(tt.zeros(shape), dim)


@pytest.mark.parametrize(
    ("tried", "look"),
    [
        ("permute", lambda x: x.permute(2, 0, 1)),
        ("transpose", lambda x: x.transpose(0, 2)),
        ("transpose of one dimension", lambda x: x.transpose(1, 1)),
        ("unsqueeze", lambda x: x.unsqueeze(1)),
        ("T", lambda x: x.T),
        ("mT", lambda x: x.mT),
        ("a view of a view", lambda x: x.permute(1, 0, 2).unsqueeze(0).transpose(1, 2)),
    ],
)
def test_these_are_views(tried, look):
    x = tt.tensor(counted(2, 3, 4))
    assert_is_view(look(x), x, tried)


def test_a_write_to_a_view_shows_in_its_source():
    x = tt.tensor(counted(2, 3))
    x.transpose(0, 1).fill_(4)
    assert x.tolist() == [[4, 4, 4], [4, 4, 4]]
    assert x.version[0] == 1


@pytest.mark.parametrize("kind", ["float16", "float64", "int8", "bool"])
def test_the_dtype_stays(kind):
    x = tt.zeros(2, 3, dtype=kind)
    for found in (x.reshape(-1), x.permute(1, 0), x.transpose(0, 1), x.unsqueeze(0)):
        assert found.dtype == np.dtype(kind)


def test_transposed_matrices(assert_tensor, refused):
    x = counted(2, 3, 4)
    assert_tensor(tt.tensor(x).mT, x.swapaxes(1, 2), "mT exchanges the last two dimensions")
    assert_tensor(tt.tensor(x).T, x.transpose(), "T reverses all dimensions")
    assert_tensor(tt.tensor(x[0]).t(), x[0].T, "t of a matrix")
    with refused(ValueError, "t:", "(2, 3, 4)"):
        tt.tensor(x).t()
    assert_tensor(tt.tensor(x[0]).t().t(), x[0], "transposed twice")


def test_transpose_of_the_first_and_the_last_dimension(assert_tensor: Any) -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert_tensor(tt.Tensor(x).transpose(0, -1), x.T, "transpose(0, -1) of a (2, 3) tensor")


def test_transpose_of_a_single_number_has_no_other_dimensions() -> None:
    assert tt.tensor(1.0).transpose(0, -1).shape == ()
    with pytest.raises(IndexError):
        tt.tensor(1.0).transpose(0, 1)
