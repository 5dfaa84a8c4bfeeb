"""Which results look into the memory of their source, and that all of those count its writes."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt

VIEWS = {
    "getitem, slice": lambda x: x[1:],
    "getitem, position": lambda x: x[0],
    "getitem, one element": lambda x: x[0, 0, 0],
    "getitem, None": lambda x: x[None],
    "getitem, ...": lambda x: x[...],
    "getitem, 0-d tensor": lambda x: x[tt.tensor(1)],
    "reshape": lambda x: x.reshape(-1),
    "view": lambda x: x.view(4, 6),
    "flatten": lambda x: x.flatten(),
    "permute": lambda x: x.permute(2, 0, 1),
    "transpose": lambda x: x.transpose(0, 1),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "expand": lambda x: x.expand(5, 2, 3, 4),
    "broadcast_tensors": lambda x: tt.broadcast_tensors(x, tt.zeros(4))[0],
    "split": lambda x: x.split(1)[1],
    "chunk": lambda x: x.chunk(2)[0],
    "contiguous": lambda x: x.contiguous(),
    "contiguous, the operation": lambda x: tt.operations()["contiguous"](x),
    "detach": lambda x: x.detach(),
    "a long chain": lambda x: x[1:].transpose(0, 2)[..., None].reshape(4, 3, 1, 1)[2].mT,
}
COPIES = {
    "clone": lambda x: x.clone(),
    "cast": lambda x: x.double(),
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(1, 0),
    "cat": lambda x: tt.cat([x]),
    "stack": lambda x: tt.stack([x]),
    "pad": lambda x: tt.pad(x, ()),
    "tril": lambda x: x.tril(9),
    "getitem, list": lambda x: x[[0, 1]],
    "getitem, mask": lambda x: x[x == x],
    "reshape of a transposed tensor": lambda x: x.mT.reshape(-1),
    "contiguous of a transposed tensor": lambda x: x.mT.contiguous(),
    "einsum": lambda x: tt.einsum("ijk->kji", x),
    "sum along nothing": lambda x: x[:1].sum(0),
    "max of one": lambda x: x[:1].max(0).values,
    "sort": lambda x: x.sort().values,
    "topk": lambda x: x.topk(4).values,
    "clip": lambda x: x.clip(-9),
    "where": lambda x: tt.where(tt.tensor(True), x, x),
    "abs": lambda x: x.abs(),
    "floor": lambda x: x.floor(),
    "masked_fill": lambda x: x.masked_fill(tt.tensor(False), 0),
    "+": lambda x: x + 0,
    "squeezed matmul": lambda x: x @ tt.eye(4),
    "cumsum": lambda x: x.cumsum(0),
    "index_select": lambda x: x.index_select(0, tt.tensor([0, 1])),
    "take": lambda x: x.take(tt.arange(24)),
    "prod": lambda x: x[:1].prod(0),
}


def tensor() -> tt.Tensor:
    return tt.arange(24, dtype="float32").reshape(2, 3, 4)


@pytest.mark.parametrize("name", VIEWS)
def test_views_share_memory_and_version(name):
    x = tensor()
    view = VIEWS[name](x)
    assert np.shares_memory(view.numpy(), x.numpy())
    assert view.version is x.version
    x.fill_(1)
    assert (view.numpy() == 1).all()


@pytest.mark.parametrize("name", COPIES)
def test_copies_share_neither(name):
    x = tensor()
    copied = COPIES[name](x)
    assert not np.shares_memory(copied.numpy(), x.numpy())
    assert copied.version is not x.version


def test_two_views_of_one_tensor_share_too():
    x = tensor()
    first, second = x[0], x[1].mT
    first.add_(1)
    second[0] = 5
    x.mul_(2)
    assert first.version == second.version == x.version == [3]


def test_a_view_of_an_array_that_is_itself_a_view():
    base = np.zeros((4, 6))
    x = tt.from_numpy(base[1:, ::2])
    view = x.mT[1]
    assert view.version is x.version
    view.fill_(3)
    assert (base[1:, 2] == 3).all()
    assert base.sum() == 9


def test_two_tensors_on_one_array_count_apart():
    array = np.zeros(3)
    first, second = tt.from_numpy(array), tt.from_numpy(array)
    first.fill_(1)
    assert (first.version, second.version) == ([1], [0])
