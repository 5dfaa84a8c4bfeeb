"""How a tensor is shown: as PyTorch shows it."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt


@pytest.mark.parametrize(
    ("data", "dtype", "expected"),
    [
        (3, None, "tensor(3)"),
        (2.5, None, "tensor(2.5000)"),
        (True, None, "tensor(True)"),
        ([1, 2, 30], None, "tensor([ 1,  2, 30])"),
        ([1.0, -2.0, 3.0], None, "tensor([ 1., -2.,  3.])"),
        ([0.5, 2.25], None, "tensor([0.5000, 2.2500])"),
        ([True, False], None, "tensor([ True, False])"),
        ([1e-5, 1.5], None, "tensor([1.0000e-05, 1.5000e+00])"),
        ([1.0, 10000.0], None, "tensor([1.0000e+00, 1.0000e+04])"),
        ([1e9], None, "tensor([1.0000e+09])"),
        ([0.0, 1000.5], None, "tensor([   0.0000, 1000.5000])"),
        ([1.0, float("nan")], None, "tensor([1., nan])"),
        ([float("inf"), -1.5], None, "tensor([    inf, -1.5000])"),
        ([float("nan")], None, "tensor([nan])"),
        ([0.0, -0.0], None, "tensor([0., -0.])"),
        ([], None, "tensor([])"),
        ([[], []], None, "tensor([], size=(2, 0))"),
        ([], "int64", "tensor([], dtype=int64)"),
        ([[]], "bool", "tensor([], size=(1, 0), dtype=bool)"),
        ([1.5], "float64", "tensor([1.5000], dtype=float64)"),
        ([1], "int32", "tensor([1], dtype=int32)"),
        ([1, 2], "float16", "tensor([1., 2.], dtype=float16)"),
        ([[1, 2], [3, 4]], None, "tensor([[1, 2],\n        [3, 4]])"),
        ([[[1], [2]]], None, "tensor([[[1],\n         [2]]])"),
        ([[[1]], [[2]]], None, "tensor([[[1]],\n\n        [[2]]])"),
    ],
)
def test_as_pytorch_shows_it(data, dtype, expected):
    found = repr(tt.tensor(data, dtype=dtype))
    assert found == expected, f"\n{found}\nshould read\n{expected}"


def test_a_wanted_gradient_is_shown():
    assert repr(tt.tensor([1.0], requires_grad=True)) == "tensor([1.], requires_grad=True)"


def test_where_a_result_came_from_is_shown():
    x = tt.tensor([1.0], requires_grad=True)
    x.grad_fn = "<AddBackward>"
    assert repr(x) == "tensor([1.], grad_fn=<AddBackward>)"


def test_a_long_line_is_broken():
    assert repr(tt.arange(40)) == (
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
        "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,\n"
        "        36, 37, 38, 39])"
    )


def test_of_a_large_tensor_the_edges_are_shown():
    assert repr(tt.arange(1001)) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])"
    assert repr(tt.zeros(50, 50)) == (
        "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        ...,\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.]])"
    )


def test_what_is_not_shown_does_not_count():
    x = tt.zeros(2000)
    x[1000] = 12345.678
    assert repr(x) == "tensor([0., 0., 0.,  ..., 0., 0., 0.])"


def test_notes_that_do_not_fit_stand_on_their_own_line():
    x = tt.Tensor(np.arange(100, 114, dtype=np.float64) + 0.5)
    assert repr(x).endswith("],\n       dtype=float64)")


def test_formatting():
    assert f"{tt.tensor(2.5):.2f}" == "2.50"
    assert f"{tt.tensor([1, 2])}" == "tensor([1, 2])"
    assert str(tt.tensor([1, 2])) == "tensor([1, 2])"
