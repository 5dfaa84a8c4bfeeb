"""Reading and writing by positions: `x[…]`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=50, deadline=None, derandomize=True)


def counted(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


def forwards(index: object) -> bool:
    """Whether no slice of `index` has a negative step, which tensors do not have."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(not isinstance(p, slice) or p.step is None or p.step > 0 for p in parts)


@bounded
@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
def test_slices_and_positions_are_views(data, shape, assert_tensor):
    array = counted(*shape)
    x = tt.tensor(array)
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True).filter(forwards))
    view = x[index]
    assert_tensor(view, np.asarray(array[index]), f"x[{index}] of {shape}")
    x.fill_(-1)
    assert (view.numpy() == -1).all(), f"x[{index}] is a copy: a write to x does not show in it"
    assert view.version[0] == 1, f"x[{index}] does not count the writes to x"


@bounded
@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
def test_writing_to_slices_and_positions(data, shape, assert_tensor):
    array = counted(*shape)
    x = tt.tensor(array)
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True).filter(forwards))
    array[index] = -5
    x[index] = -5
    assert_tensor(x, array, f"x[{index}] = -5")
    assert x.version[0] == 1


@bounded
@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
def test_index_tensors(data, shape, assert_tensor):
    array = counted(*shape)
    index = data.draw(hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2)))
    found = tt.tensor(array)[tuple(tt.tensor(part) for part in index)]
    assert_tensor(found, array[index], f"x[{index}] of {shape}")


@bounded
@given(mask=hnp.arrays(bool, (3, 4)))
def test_masks(mask, assert_tensor):
    array = counted(3, 4)
    x = tt.tensor(array)
    assert_tensor(x[tt.tensor(mask)], array[mask], f"x[mask], mask {mask.tolist()}")
    assert_tensor(x[tt.tensor(mask[:, 0])], array[mask[:, 0]], "x[mask of rows]")
    assert_tensor(x[:, tt.tensor(mask[0])], array[:, mask[0]], "x[:, mask of columns]")
    array[mask] = 7
    x[tt.tensor(mask)] = 7
    assert_tensor(x, array, "x[mask] = 7")


@pytest.mark.parametrize(
    "index",
    [[0, 2], [[0, 1], [2, 0]], [], [True, False, True], np.array([2, 2]), range(2)],
)
def test_lists_and_arrays(index, assert_tensor):
    array = counted(3, 2)
    expected = array[np.asarray(index, dtype=None if len(index) else int)]
    assert_tensor(tt.tensor(array)[index], expected, f"x[{index}]")


def test_a_position_alone_and_a_tensor_of_one(assert_tensor):
    array = counted(3, 2)
    x = tt.tensor(array)
    for index in (1, np.int64(1), tt.tensor(1), -2):
        assert_tensor(x[index], array[1], f"x[{index!r}]")
        x[index].fill_(9)
        assert x.tolist()[1] == [9, 9], f"x[{index!r}] is a view"
        x[index] = tt.tensor(array[1])
    assert_tensor(x[tt.tensor(1), tt.tensor(0)], np.float32(2), "x[tensor(1), tensor(0)]")
    assert_tensor(x[tt.tensor(1) : tt.tensor(3)], array[1:3], "x[tensor(1):tensor(3)]")


def test_a_single_element_is_a_view_too():
    x = tt.tensor([1.0, 2.0])
    first = x[0]
    assert first.shape == ()
    first.fill_(5)
    assert x.tolist() == [5, 2]
    for element in x:
        element.mul_(2)
    assert x.tolist() == [10, 4]


def test_index_tensors_copy():
    x = tt.tensor([1.0, 2.0])
    picked = x[tt.tensor([0, 1])]
    x.fill_(0)
    assert picked.tolist() == [1, 2]
    assert picked.version[0] == 0


def test_none_and_ellipsis(assert_tensor):
    array = counted(2, 3)
    x = tt.tensor(array)
    assert_tensor(x[None], array[None], "x[None]")
    assert_tensor(x[..., None], array[..., None], "x[..., None]")
    assert_tensor(x[..., 0], array[..., 0], "x[..., 0]")
    assert_tensor(x[...], array, "x[...]")
    assert_tensor(x[()], array, "x[()]")
    assert_tensor(tt.tensor(5.0)[None], np.float32([5]), "a 0-d tensor [None]")
    assert_tensor(tt.tensor(5.0)[...], np.float32(5), "a 0-d tensor [...]")
    assert_tensor(x[tt.tensor(True)], array[None], "x[tensor(True)]")
    assert_tensor(x[False], np.zeros((0, 2, 3), np.float32), "x[False]")
    assert x[:, None].stride() == (3, 3, 1)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ((0, slice(None), [1, 2]), lambda x: x[0][:, [1, 2]]),
        (([0, 1], slice(None), 1), lambda x: x[:, :, 1][[0, 1]]),
        ((slice(None), 1, [0, 3]), lambda x: x[:, 1][:, [0, 3]]),
        ((1, ..., [0, 3]), lambda x: x[1][:, [0, 3]]),
        ((None, 1, [0, 2]), lambda x: x[1][[0, 2]][None]),
        ((-1, [0, 2], None, [1, 1]), lambda x: x[-1][[0, 2], None, [1, 1]]),
    ],
)
def test_positions_beside_lists_are_applied_first(index, expected, assert_tensor):
    array = counted(2, 3, 4)
    x = tt.tensor(array)
    assert_tensor(x[index], expected(array), f"x[{index}], as in PyTorch")
    x[index] = -1
    assert (x[index].numpy() == -1).all()
    assert (x.numpy() == -1).sum() == expected(array).size
    assert x.version[0] == 1


def test_a_mask_beside_a_position(assert_tensor):
    array = counted(2, 3, 4)
    mask = np.array([[True, False, True, False]] * 3)
    assert_tensor(tt.tensor(array)[1, tt.tensor(mask)], array[1][mask], "x[1, mask]")


@pytest.mark.parametrize(
    ("index", "error"),
    [
        (3, IndexError),
        (-4, IndexError),
        ((0, 2), IndexError),
        ((0, 0, 0), IndexError),
        (tt.tensor([0, 3]), IndexError),
        (tt.tensor([True, False]), IndexError),
        (tt.tensor([1.0]), IndexError),
        (1.5, IndexError),
        ("a", IndexError),
        (slice(None, None, -1), ValueError),
        (slice(None, None, 0), ValueError),
    ],
)
def test_positions_that_are_not_there(index, error):
    x = tt.zeros(3, 2)
    with pytest.raises(error):
        x[index]
    with pytest.raises(error):
        x[index] = 1
    assert x.version[0] == 0, "a write that fails is not counted"


def test_errors_name_what_met(refused):
    with refused(ValueError, "flip", "-1"):
        tt.zeros(3)[::-1]
    with refused(IndexError, "float32", "long"):
        tt.zeros(3)[tt.tensor([1.0])]
    with refused(ValueError, "__setitem__", "(4,)", "(2,)"):
        tt.zeros(3, 2)[0] = tt.zeros(4)
    with refused(IndexError, "getitem", "(3, 2)"):
        tt.zeros(3, 2)[7]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, [[5, 5], [5, 5]]),
        (tt.tensor([1.0, 2.0]), [[1, 2], [1, 2]]),
        (tt.tensor([[1.0], [2.0]]), [[1, 1], [2, 2]]),
        (np.array([1, 2]), [[1, 2], [1, 2]]),
        ([3.0, 4.0], [[3, 4], [3, 4]]),
        (tt.tensor([7], dtype="int8"), [[7, 7], [7, 7]]),
    ],
)
def test_values_are_broadcast_and_cast(value, expected, assert_tensor):
    x = tt.zeros(2, 2)
    x[:] = value
    assert_tensor(x, np.float32(expected), f"x[:] = {value}")


def test_a_write_keeps_the_dtype(assert_tensor):
    x = tt.tensor([1, 2, 3])
    x[0] = 2.7
    assert_tensor(x, np.array([2, 2, 3]), "an integer tensor, x[0] = 2.7")


def test_a_write_where_a_tensor_overlaps_itself(assert_tensor):
    x = tt.arange(5)
    x[1:] = x[:-1]
    assert_tensor(x, np.array([0, 0, 1, 2, 3]), "x[1:] = x[:-1]")


def test_length_and_iteration(refused):
    x = tt.tensor([[1, 2], [3, 4]])
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    assert list(tt.zeros(0)) == []
    with refused(TypeError, "0-d"):
        len(tt.tensor(1))
    with refused(TypeError, "0-d"):
        iter(tt.tensor(1))


def test_index_select(assert_tensor):
    array = counted(3, 4)
    x, index = tt.tensor(array), tt.tensor([2, 0, 2])
    assert_tensor(x.index_select(0, index), array[[2, 0, 2]], "index_select of rows")
    assert_tensor(tt.index_select(x, -1, index), array[:, [2, 0, 2]], "index_select of columns")
    with pytest.raises(IndexError, match="index_select"):
        tt.index_select(x, 2, index)
