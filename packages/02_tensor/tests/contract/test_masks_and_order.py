"""Choosing by masks, sorting, and the largest k."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=40, deadline=None, derandomize=True)
few_values = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4),
                        elements=st.sampled_from([-1.0, 0.0, 2.0, np.inf, np.nan]))  # fmt: skip


def order(values: list[float], descending: bool) -> list[int]:
    """The positions in order, one comparison at a time; nan counts as the largest."""
    rank = [(1, 0.0) if np.isnan(v) else (0, v) for v in values]
    sign = -1 if descending else 1
    return sorted(range(len(values)), key=lambda i: (sign * rank[i][0], sign * rank[i][1], i))


@bounded
@given(x=few_values, descending=st.booleans(), data=st.data())
def test_sort(x, descending, data, assert_tensor):
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    lines = np.moveaxis(x, dim, -1)
    indices = np.array([order(list(row), descending) for row in lines.reshape(-1, x.shape[dim])])
    expected = np.moveaxis(indices.reshape(lines.shape), -1, dim)
    found = tt.sort(tt.tensor(x), dim, descending)
    tried = f"sort of {x.tolist()} along {dim}, descending={descending}"
    assert_tensor(found.indices, expected, f"{tried}: indices (equal values keep their order)")
    assert_tensor(found.values, np.take_along_axis(x, expected, dim), f"{tried}: values")
    assert_tensor(tt.argsort(tt.tensor(x), dim, descending), expected, "argsort")


@bounded
@given(x=few_values, largest=st.booleans(), data=st.data())
def test_topk_is_the_beginning_of_sort(x, largest, data, assert_tensor):
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    k = data.draw(st.integers(0, x.shape[dim]))
    values, indices = tt.topk(tt.tensor(x), k, dim, largest)
    every = tt.sort(tt.tensor(x), dim, descending=largest)
    first = tuple(slice(k) if d == dim % x.ndim else slice(None) for d in range(x.ndim))
    assert_tensor(values, every.values.numpy()[first], f"topk {k} along {dim}: values")
    assert_tensor(indices, every.indices.numpy()[first], f"topk {k} along {dim}: indices")


@pytest.mark.parametrize("kind", ["float16", "int8", "int64", "bool"])
def test_order_keeps_the_dtype(kind, assert_tensor):
    x = np.array([1, 0, 1], kind)
    values, indices = tt.tensor(x).sort()
    assert_tensor(values, np.array([0, 1, 1], kind), f"sort of {kind}")
    assert_tensor(indices, np.array([1, 0, 2]), f"sort of {kind}: indices")
    assert_tensor(tt.tensor(x).topk(2).values, np.array([1, 1], kind), f"topk of {kind}")


def test_order_of_a_single_number(assert_tensor):
    values, indices = tt.sort(tt.tensor(3.0))
    assert_tensor(values, np.float32(3), "sort of a 0-d tensor")
    assert_tensor(indices, np.array(0), "sort of a 0-d tensor: indices")
    assert_tensor(tt.topk(tt.tensor(3.0), 1).values, np.float32(3), "topk of a 0-d tensor")


def test_order_that_cannot_be(refused):
    with refused(ValueError, "topk", "4", "(3,)"):
        tt.topk(tt.zeros(3), 4)
    with refused(ValueError, "topk", "-1"):
        tt.topk(tt.zeros(3), -1)
    with refused(IndexError, "sort", "1"):
        tt.sort(tt.zeros(3), 1)


@bounded
@given(data=st.data())
def test_masked_select(data, assert_tensor):
    drawn = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
    x = np.arange(np.prod(drawn.input_shapes[0], dtype=int)).reshape(drawn.input_shapes[0])
    mask = data.draw(hnp.arrays(bool, drawn.input_shapes[1]))
    expected = np.broadcast_to(x, drawn.result_shape)[np.broadcast_to(mask, drawn.result_shape)]
    found = tt.masked_select(tt.tensor(x), tt.tensor(mask))
    assert_tensor(found, expected, f"masked_select of {x.shape} by {mask.shape}")


def test_masks_are_boolean(refused):
    with refused(TypeError, "masked_select", "boolean", "int64"):
        tt.masked_select(tt.zeros(2), tt.tensor([1, 0]))
    with refused(TypeError, "boolean"):
        tt.masked_fill(tt.zeros(2), tt.tensor([1, 0]), 5)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("float32", -np.inf, [-np.inf, 2]),
        ("float16", 0.5, [0.5, 2]),
        ("int64", 7, [7, 2]),
        ("int64", 2.5, [2, 2]),
        ("int64", tt.tensor(2.5), [2, 2]),
        ("float32", tt.tensor(3), [3, 2]),
        ("float32", tt.tensor(3.0, dtype="float64"), [3, 2]),
        ("bool", False, [False, True]),
    ],
)
def test_masked_fill_keeps_the_dtype(kind, value, expected, assert_tensor):
    x = tt.tensor([1, 2], dtype=kind)
    found = x.masked_fill(tt.tensor([True, False]), value)
    assert_tensor(found, expected, f"masked_fill of {kind} with {value}", dtype=kind)
    assert_tensor(x, [1, 2], "x afterwards", dtype=kind)


def test_masked_fill_broadcasts(assert_tensor):
    found = tt.zeros(2, 3).masked_fill(tt.tensor([True, False, True]), 1)
    assert_tensor(found, np.float32([[1, 0, 1], [1, 0, 1]]), "masked_fill by a row")
