"""Other shapes, pieces and joints (what the tasks do not ask for)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=40, deadline=None, derandomize=True)


def counted(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


@pytest.mark.parametrize(
    ("shape", "dim", "expected"),
    [
        ((1, 3, 1), None, (3,)),
        ((1, 3, 1), 0, (3, 1)),
        ((1, 3, 1), -1, (1, 3)),
        ((1, 3, 1), 1, (1, 3, 1)),
        ((1, 3, 1), (0, 2), (3,)),
        ((1, 3, 1), (0, 1), (3, 1)),
        ((1,), 0, ()),
        ((), None, ()),
        ((), 0, ()),
        ((0, 1), None, (0,)),
    ],
    ids=str,
)
def test_squeeze(shape, dim, expected, assert_tensor):
    x = tt.tensor(counted(*shape))
    found = tt.squeeze(x, dim)
    assert_tensor(found, counted(*shape).reshape(expected), f"squeeze {shape}, dim={dim}")
    x.fill_(3)
    assert found.version[0] == 1, "squeeze gives a view"


@pytest.mark.parametrize(
    ("shape", "dims", "expected"),
    [
        ((2, 3, 4), (), (24,)),
        ((2, 3, 4), (1,), (2, 12)),
        ((2, 3, 4), (0, 1), (6, 4)),
        ((2, 3, 4), (-2, -1), (2, 12)),
        ((2, 3, 4), (1, 1), (2, 3, 4)),
        ((), (), (1,)),
        ((2, 0, 3), (), (0,)),
        ((5,), (), (5,)),
    ],
)
def test_flatten(shape, dims, expected, assert_tensor):
    found = tt.tensor(counted(*shape)).flatten(*dims)
    assert_tensor(found, counted(*shape).reshape(expected), f"flatten{dims} of {shape}")


@pytest.mark.parametrize(
    ("shapes", "dim"),
    [
        ([(2, 3), (1, 3)], 0),
        ([(2, 3), (2, 1), (2, 0)], 1),
        ([(2, 3), (2, 3)], -1),
        ([(0, 3), (2, 3)], 0),
        ([(4,)], 0),
        ([(2, 1, 2), (2, 3, 2)], -2),
    ],
)
def test_cat(shapes, dim, assert_tensor):
    arrays = [counted(*shape) + 100 * i for i, shape in enumerate(shapes)]
    found = tt.cat([tt.tensor(a) for a in arrays], dim)
    assert_tensor(found, np.concatenate(arrays, dim), f"cat of {shapes} along {dim}")


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -3])
def test_stack(dim, assert_tensor):
    arrays = [counted(2, 3), counted(2, 3) + 10]
    found = tt.stack([tt.tensor(a) for a in arrays], dim)
    assert_tensor(found, np.stack(arrays, dim), f"stack along {dim}")


def test_joints_are_copies():
    x = tt.zeros(2)
    for joined in (tt.cat([x]), tt.stack([x])):
        x.fill_(1)
        assert joined.version[0] == 0
        assert not np.shares_memory(joined.numpy(), x.numpy())


def test_what_cannot_be_joined(refused):
    with refused(ValueError, "cat", "(2, 3)", "(2, 4)", "dimension 0"):
        tt.cat([tt.zeros(2, 3), tt.zeros(2, 4)])
    with refused(ValueError, "cat", "(2,)", "(2, 1)"):
        tt.cat([tt.zeros(2), tt.zeros(2, 1)])
    with refused(ValueError, "cat", "(0,)", "(2, 3)"):
        tt.cat([tt.zeros(0), tt.zeros(2, 3)])
    with refused(ValueError, "stack", "(2,)", "(3,)"):
        tt.stack([tt.zeros(2), tt.zeros(3)])
    with refused(ValueError, "cat"):
        tt.cat([])
    with refused(ValueError, "stack"):
        tt.stack([])
    with refused(IndexError, "cat", "2"):
        tt.cat([tt.zeros(2, 3)], 2)
    with refused(IndexError, "cat", "0-d"):
        tt.cat([tt.tensor(1.0)])
    with refused(TypeError, "cat", "1.5"):
        tt.cat([1.5, tt.zeros(2)])
    with refused(TypeError, "stack"):
        tt.stack([tt.zeros(2), "text"])


@pytest.mark.parametrize(
    ("size", "dim", "pieces"),
    [
        (2, 0, [2, 2, 1]),
        (5, 0, [5]),
        (9, 0, [5]),
        (1, 1, [1, 1, 1]),
        (2, -1, [2, 1]),
        ([1, 4], 0, [1, 4]),
        ([0, 5, 0], 0, [0, 5, 0]),
        ([3], 1, [3]),
    ],
)
def test_split(size, dim, pieces, assert_tensor):
    array = counted(5, 3)
    x = tt.tensor(array)
    found = tt.split(x, size, dim)
    assert [piece.shape[dim] for piece in found] == pieces
    assert_tensor(tt.cat(found, dim), array, f"the pieces of split {size} along {dim}, joined")
    x.fill_(0)
    assert all(piece.version[0] == 1 for piece in found), "the pieces are views"


@pytest.mark.parametrize(
    ("chunks", "pieces"), [(1, [7]), (2, [4, 3]), (3, [3, 3, 1]), (4, [2, 2, 2, 1]), (9, [1] * 7)]
)
def test_chunk(chunks, pieces):
    found = tt.tensor(counted(7)).chunk(chunks)
    assert [len(piece) for piece in found] == pieces


def test_pieces_that_do_not_add_up(refused):
    with refused(ValueError, "split", "[1, 2]", "5"):
        tt.split(tt.zeros(5), [1, 2])
    with refused(ValueError, "split", "0"):
        tt.split(tt.zeros(5), 0)
    with refused(ValueError, "split", "-1"):
        tt.split(tt.zeros(5), [6, -1])
    with refused(ValueError, "chunk", "0"):
        tt.chunk(tt.zeros(5), 0)
    with refused(IndexError, "split", "1"):
        tt.split(tt.zeros(5), 1, 1)


@pytest.mark.parametrize(
    ("pad", "expected"),
    [
        ((1, 2), [[9, 1, 2, 9, 9], [9, 3, 4, 9, 9]]),
        ((0, 0, 1, 0), [[9, 9], [1, 2], [3, 4]]),
        ((1, 0, 0, 1), [[9, 1, 2], [9, 3, 4], [9, 9, 9]]),
        ((-1, 0), [[2], [4]]),
        ((0, -1, 1, -1), [[9], [1]]),
        ((-1, 2), [[2, 9, 9], [4, 9, 9]]),
        ((-1, -1), [[], []]),
        ((), [[1, 2], [3, 4]]),
    ],
)
def test_pad(pad, expected, assert_tensor):
    found = tt.pad(tt.tensor([[1.0, 2.0], [3.0, 4.0]]), pad, 9.0)
    assert_tensor(found, np.float32(expected), f"pad by {pad} with 9")


def test_pad_of_other_types(assert_tensor, refused):
    assert_tensor(tt.pad(tt.tensor([1, 2]), (1, 0)), np.array([0, 1, 2]), "pad of integers")
    assert_tensor(tt.pad(tt.tensor([True]), (0, 1)), np.array([True, False]), "pad of booleans")
    for wrong in [(1,), (1, 1, 1, 1), (0, -3), (-2, -1)]:
        with refused(ValueError, "pad", str(wrong)):
            tt.pad(tt.zeros(2), wrong)


@pytest.mark.parametrize("dims", [(0,), (1,), (-1, 0), 0, ()], ids=str)
def test_flip(dims, assert_tensor):
    array = counted(2, 3)
    x = tt.tensor(array)
    found = tt.flip(x, dims)
    assert_tensor(found, np.flip(array, dims), f"flip along {dims}")
    x.fill_(0)
    assert found.version[0] == 0, "flip gives a copy, as in PyTorch"
    assert (found.numpy()[0] != 0).any()


@pytest.mark.parametrize(
    ("shifts", "dims"), [(1, 0), (-1, 1), (4, 1), ((1, 2), (0, 1)), (2, None)], ids=str
)
def test_roll(shifts, dims, assert_tensor):
    array = counted(2, 3)
    found = tt.tensor(array).roll(shifts, dims)
    assert_tensor(found, np.roll(array, shifts, dims), f"roll by {shifts} along {dims}")


@pytest.mark.parametrize("diagonal", [-2, -1, 0, 1, 3])
def test_triangles(diagonal, assert_tensor, refused):
    array = counted(2, 3, 4) + 1
    x = tt.tensor(array)
    assert_tensor(x.tril(diagonal), np.tril(array, diagonal), f"tril({diagonal})")
    assert_tensor(x.triu(diagonal), np.triu(array, diagonal), f"triu({diagonal})")
    ones = tt.ones(2, 2, dtype="bool")
    assert_tensor(ones.tril(), np.array([[True, False], [True, True]]), "tril of booleans")
    with refused(ValueError, "tril", "(3,)"):
        tt.tril(tt.zeros(3))
    with refused(ValueError, "triu", "()"):
        tt.triu(tt.tensor(1.0))


@bounded
@given(shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0), data=st.data())
def test_clone(shape, data, assert_tensor):
    array = counted(*shape).transpose(data.draw(st.permutations(range(len(shape)))))
    x = tt.Tensor(array)
    found = x.clone()
    assert_tensor(found, array, f"clone of {shape}")
    assert not np.shares_memory(found.numpy(), array)
    x.fill_(1)
    assert found.version[0] == 0
