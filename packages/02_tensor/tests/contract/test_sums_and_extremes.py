"""Sums, products and extremes (what the tasks do not ask for)."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt

X = np.float64([[[3, -1, 2], [0, 5, -4]], [[1, 1, 6], [-2, 7, 0]]])
REDUCE = {
    "sum": np.sum,
    "prod": np.prod,
    "amax": np.max,
    "amin": np.min,
    "any": np.any,
    "all": np.all,
}


@pytest.mark.parametrize("name", REDUCE)
@pytest.mark.parametrize("dim", [None, 0, -1, 1])
@pytest.mark.parametrize("keepdim", [False, True])
def test_along_a_dimension(name, dim, keepdim, assert_tensor):
    expected = np.asarray(REDUCE[name](X, axis=dim, keepdims=keepdim))
    tried = f"{name}, dim={dim}, keepdim={keepdim}"
    assert_tensor(getattr(tt, name)(tt.tensor(X), dim=dim, keepdim=keepdim), expected, tried)
    assert_tensor(getattr(tt.tensor(X), name)(dim, keepdim), expected, f"the method {tried}")


@pytest.mark.parametrize("kind", ["bool", "uint8", "int8", "int32", "int64"])
def test_integers_add_up_as_int64(kind, assert_tensor):
    x = tt.ones(300, dtype=kind)
    assert_tensor(x.sum(), np.array(300), f"sum of 300 ones of {kind}")
    assert_tensor(x.prod(), np.array(1), f"prod of {kind}")
    assert_tensor(x.cumsum(0)[-1], np.array(300), f"cumsum of {kind}")


def test_sum_in_another_type(assert_tensor):
    x = tt.tensor([1.5, 2.5])
    assert_tensor(x.sum(dtype=tt.float64), np.float64(4), "sum in float64")
    assert_tensor(tt.tensor([1, 2]).sum(dtype="float32"), np.float32(3), "sum in float32")


def test_float16_adds_up_in_float32(assert_tensor):
    x = tt.ones(5000, 2, dtype="float16")
    assert_tensor(x.sum(0), np.float16([5000, 5000]), "5000 ones: in float16, 2048 + 1 is 2048")


def test_of_nothing(assert_tensor, refused):
    x = tt.zeros(2, 0)
    assert_tensor(x.sum(), np.float32(0), "sum of nothing")
    assert_tensor(x.sum(1), np.float32([0, 0]), "sums of empty rows")
    assert_tensor(x.prod(), np.float32(1), "prod of nothing")
    assert_tensor(x.any(), np.array(False), "any of nothing")
    assert_tensor(x.all(1), np.array([True, True]), "all of empty rows")
    assert_tensor(x.amax(0), np.zeros(0, np.float32), "amax of no columns")
    assert_tensor(x.cumsum(1), np.zeros((2, 0), np.float32), "cumsum of empty rows")
    assert_tensor(x.norm(dim=1), np.float32([0, 0]), "norms of empty rows")
    for name in ("amax", "amin", "argmax", "argmin"):
        with refused(ValueError, name, "(2, 0)"):
            getattr(tt, name)(x)
        with refused(ValueError, name, "(2, 0)"):
            getattr(tt, name)(x, dim=1)
    for name in ("max", "min"):
        with refused(ValueError, name, "(2, 0)"):
            getattr(tt, name)(x, 1)


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("keepdim", [False, True])
def test_extremes_with_their_positions(dim, keepdim, assert_tensor):
    for name, best, find in (("max", np.max, np.argmax), ("min", np.min, np.argmin)):
        found = getattr(tt.tensor(X), name)(dim, keepdim)
        assert_tensor(found.values, best(X, dim, keepdims=keepdim), f"{name} along {dim}")
        assert_tensor(found.indices, find(X, dim, keepdims=keepdim), f"{name}: indices")
        only = getattr(tt, f"arg{name}")(tt.tensor(X), dim, keepdim)
        assert_tensor(only, find(X, dim, keepdims=keepdim), f"arg{name} along {dim}")


def test_the_first_of_equals(assert_tensor):
    x = tt.tensor([2, 5, 5, 2])
    assert_tensor(x.argmax(), np.array(1), "argmax of equals")
    assert_tensor(x.argmin(0), np.array(0), "argmin of equals")
    assert_tensor(x.max(0).indices, np.array(1), "max of equals")
    assert_tensor(tt.tensor([False, True]).argmax(), np.array(1), "argmax of booleans")


def test_the_three_forms_of_max(assert_tensor):
    x, y = tt.tensor([[1.0, 4.0], [3.0, 2.0]]), tt.tensor([2.0, 3.0])
    assert_tensor(tt.max(x), np.float32(4), "max(x)")
    assert_tensor(tt.min(x), np.float32(1), "min(x)")
    assert_tensor(tt.max(x, keepdim=True), np.float32([[4]]), "max(x, keepdim=True)")
    assert_tensor(tt.max(x, y), np.float32([[2, 4], [3, 3]]), "max(x, y)")
    assert_tensor(tt.min(x, y), np.float32([[1, 3], [2, 2]]), "min(x, y)")
    values, indices = tt.max(x, 1)
    assert_tensor(values, np.float32([4, 3]), "max(x, 1)")
    assert_tensor(indices, np.array([1, 0]), "max(x, 1): indices")
    values, indices = tt.max(tt.tensor(5.0), 0)
    assert_tensor(values, np.float32(5), "max of a 0-d tensor")
    assert_tensor(indices, np.array(0), "max of a 0-d tensor: index")


@pytest.mark.parametrize("kind", ["float16", "int8", "uint8", "bool"])
def test_extremes_keep_the_dtype(kind):
    x = tt.tensor([0, 1], dtype=kind)
    for found in (x.amax(), x.amin(0), x.max(0).values, tt.max(x)):
        assert found.dtype == np.dtype(kind)


def test_nan_is_extreme(assert_tensor):
    x = tt.tensor([1.0, np.nan, 3.0, np.nan])
    for found in (x.amax(), x.amin(), x.max(0).values, x.min(0).values):
        assert_tensor(found, np.float32(np.nan), "the extreme of nan")
    assert_tensor(x.argmax(), np.array(1), "argmax: the first nan")


def test_argmax_of_all(assert_tensor):
    x = tt.tensor(X)
    assert_tensor(x.argmax(), np.array(X.argmax()), "argmax of all")
    assert_tensor(x.argmax(keepdim=True), np.full((1, 1, 1), X.argmax()), "argmax, keepdim")
    assert_tensor(tt.tensor(2.0).argmax(0), np.array(0), "argmax of a 0-d tensor")


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_cumsum(dim, assert_tensor):
    assert_tensor(tt.tensor(X).cumsum(dim), X.cumsum(dim), f"cumsum along {dim}")
    assert_tensor(tt.cumsum(tt.tensor(2.0), 0), np.float32(2), "cumsum of a 0-d tensor")


@pytest.mark.parametrize(
    ("p", "expected"),
    [(2, 13), (1, 19), (np.inf, 12), (-np.inf, 0), (0, 3), (3, (27 + 64 + 1728) ** (1 / 3))],
)
def test_norm(p, expected, assert_tensor):
    x = tt.tensor([3.0, -4.0, 0.0, 12.0], dtype="float64")
    assert_tensor(tt.norm(x, p), np.float64(expected), f"norm with p={p}", tolerance=1e-9)
    found = tt.norm(x.reshape(2, 2), p, 1, True)
    each = [tt.norm(row, p).item() for row in x.reshape(2, 2)]
    assert_tensor(found, np.float64(each)[:, None], f"norm of rows with p={p}")


def test_norm_of_other_types(assert_tensor):
    assert_tensor(tt.norm(tt.tensor([3, 4])), np.float32(5), "norm of integers")
    half = tt.tensor([300, 400], dtype="float16")
    assert_tensor(half.norm(), np.float16(500), "norm of float16")
    assert_tensor(tt.tensor(-2.0).norm(), np.float32(2), "norm of a 0-d tensor")


def test_any_and_all(assert_tensor):
    x = tt.tensor([[0.0, 2.0], [0.0, 0.0], [np.nan, 1.0]])
    assert_tensor(x.any(1), np.array([True, False, True]), "any of rows")
    assert_tensor(x.all(1), np.array([False, False, True]), "all of rows")
    assert_tensor(tt.any(tt.tensor([0, 1], dtype="uint8")), np.array(True), "any of uint8")


def test_arrays_give_arrays():
    for name in ("sum", "mean", "std", "max", "norm", "any"):
        found = getattr(tt, name)(X)
        assert isinstance(found, np.ndarray | np.generic), f"{name} of an array gives an array"
    values, indices = tt.max(X, 1)
    assert type(values) is type(indices) is np.ndarray
