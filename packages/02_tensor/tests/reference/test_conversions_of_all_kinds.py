"""Copies and exchange formats, for every dtype and layout."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.tensor.dtypes import DTYPES

KINDS = sorted(map(str, DTYPES))


@pytest.mark.parametrize("kind", KINDS)
def test_dlpack_of_every_dtype_and_layout(kind):
    array = np.arange(24).reshape(4, 6).astype(kind)
    for look in (array, array.T, array[1:, ::2], array[2, 3:4], array[:0], array[0, 0, ...]):
        there = np.from_dlpack(tt.Tensor(look))
        back = tt.from_dlpack(look)
        assert there.dtype == back.dtype == np.dtype(kind)
        assert np.array_equal(there, look)
        assert np.array_equal(back.numpy(), look)
        assert (
            np.shares_memory(there, look) == np.shares_memory(back.numpy(), look) == bool(look.size)
        )


@pytest.mark.parametrize("kind", KINDS)
def test_deep_copies_of_every_dtype(kind):
    x = tt.tensor([[1, 0], [0, 1]], dtype=kind)
    twin = copy.deepcopy(x.mT)
    assert twin.dtype == x.dtype
    assert twin.tolist() == x.mT.tolist()
    assert not np.shares_memory(twin.numpy(), x.numpy())
    assert twin.version == [0]


def test_a_deep_copy_is_of_the_same_class():
    class Named(tt.Tensor):
        pass

    twin = copy.deepcopy(Named([1.0]))
    assert type(twin) is Named


def test_a_deep_copy_of_something_that_holds_tensors():
    x = tt.tensor([1.0])
    held = copy.deepcopy({"first": x, "again": x, "list": [x]})
    assert held["first"] is held["again"] is held["list"][0]
    assert held["first"] is not x


def test_nested_lists_arrays_and_tensors_together():
    mixed = [tt.tensor([1, 2]), np.array([3, 4]), [5, 6], (tt.tensor(7), 8)]
    assert tt.tensor(mixed).tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]


def test_subclasses_of_arrays_become_plain():
    class Special(np.ndarray):
        pass

    x = tt.Tensor(np.zeros(2).view(Special))
    assert type(x.numpy()) is np.ndarray
