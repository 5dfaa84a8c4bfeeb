"""Task 2.5: reductions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=40, deadline=None, derandomize=True)

EVERYWHERE = [None, (), 0, 1, 2, -1, -3, (0, 2), (-1, 0), [1], (0, 1, 2)]
REDUCE = {
    "sum": lambda x, **how: x.sum(**how),
    "mean": lambda x, **how: x.mean(**how),
    "var": lambda x, **how: x.var(ddof=1, **how),
    "logsumexp": lambda x, **how: np.log(np.exp(x).sum(**how)),
    "amax": lambda x, **how: x.max(**how),
    "amin": lambda x, **how: x.min(**how),
    "norm": lambda x, **how: np.sqrt((x * x).sum(**how)),
}


def sample(*shape: int, kind: str = "float64") -> np.ndarray:
    return np.random.default_rng(1).standard_normal(shape).astype(kind)


def axes(dim: object) -> object:
    """What NumPy calls `dim`: for it, () would mean no dimension at all."""
    return tuple(dim) if isinstance(dim, list | tuple) and dim else dim if dim != () else None


@pytest.mark.parametrize("name", REDUCE)
@pytest.mark.parametrize("dim", EVERYWHERE, ids=str)
@pytest.mark.parametrize("keepdim", [False, True])
def test_along_any_dimension(name, dim, keepdim, assert_tensor):
    x = sample(2, 3, 4)
    found = getattr(tt, name)(tt.tensor(x), dim=dim, keepdim=keepdim)
    expected = np.asarray(REDUCE[name](x, axis=axes(dim), keepdims=keepdim))
    assert_tensor(found, expected, f"{name} of (2, 3, 4), dim={dim}, keepdim={keepdim}")


@pytest.mark.parametrize("name", ["mean", "var", "logsumexp", "sum"])
@pytest.mark.parametrize("dim", [None, 0, (0, 2), -1], ids=str)
def test_gradient(name, dim, assert_tensor, check_gradient):
    x = sample(2, 3, 2)
    found = getattr(tt, name)(tt.tensor(x), dim=dim)
    assert_tensor(found, np.asarray(REDUCE[name](x, axis=dim)), f"{name}, dim={dim}")
    check_gradient(name, x, dim=dim, keepdim=False)
    check_gradient(name, x, dim=dim, keepdim=True)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "logsumexp", "prod", "any", "argmax"])
@pytest.mark.parametrize("dim", [3, -4])
def test_a_dimension_that_is_not_there(name, dim, refused):
    with refused(IndexError, name, f"dimension {dim}"):
        getattr(tt, name)(tt.zeros(2, 3, 4), dim=dim)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "logsumexp", "amax", "all"])
@pytest.mark.parametrize("dim", [(0, 0), (1, -2), [2, 2]], ids=str)
def test_a_dimension_named_twice(name, dim, refused):
    with refused(ValueError, name, str(dim)):
        getattr(tt, name)(tt.zeros(2, 3, 4), dim=dim)


@pytest.mark.parametrize("name", ["sum", "mean", "logsumexp", "amax"])
@pytest.mark.parametrize("dim", [None, 0, -1, (0,), ()], ids=str)
def test_a_single_number_may_be_reduced(name, dim, assert_tensor):
    for keepdim in (False, True):
        found = getattr(tt, name)(tt.tensor(3.0), dim=dim, keepdim=keepdim)
        assert_tensor(found, np.float32(3), f"{name} of a 0-d tensor, dim={dim}")


@pytest.mark.parametrize("dim", [1, -2, (0, 0), (1,)], ids=str)
def test_a_single_number_has_no_further_dimension(dim, refused):
    with refused((IndexError, ValueError), "sum", "0-d" if isinstance(dim, int) else ""):
        tt.sum(tt.tensor(3.0), dim=dim)


def test_numpy_integers_are_dimensions(assert_tensor):
    found = tt.sum(tt.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=np.int64(1))
    assert_tensor(found, np.float32([3, 7]), "sum with dim a NumPy integer, np.int64(1),")


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["mean", "var", "logsumexp"])
def test_the_dtype_stays(kind, name, assert_tensor):
    x = np.array([[1, 2, 4], [0, 2, 7]], kind)
    expected = np.asarray(REDUCE[name](x.astype(np.float64), axis=1)).astype(kind)
    found = getattr(tt, name)(tt.tensor(x), 1)
    assert_tensor(
        found, expected, f"{name} of {kind}", tolerance=2e-3 if kind == "float16" else None
    )


@pytest.mark.parametrize("name", ["mean", "var"])
@pytest.mark.parametrize("kind", ["int64", "uint8", "bool"])
def test_no_mean_of_integers(name, kind, refused):
    with refused(TypeError, name, kind):
        getattr(tt, name)(tt.ones(3, dtype=kind))


def test_logsumexp_of_integers_is_floating(assert_tensor):
    found = tt.logsumexp(tt.tensor([1, 2]), 0)
    assert_tensor(found, np.float32(np.log(np.e + np.e**2)), "logsumexp of [1, 2]")


@bounded
@given(
    x=hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-9, 9))
)
def test_as_numpy_for_all_shapes(x, assert_tensor):
    t = tt.Tensor(x)
    assert_tensor(t.mean(0), np.asarray(x.mean(0)), f"mean of {x.tolist()}")
    assert_tensor(t.var(0, correction=0), np.asarray(x.var(0)), "var", tolerance=1e-9)
    expected = np.asarray(np.logaddexp.reduce(x, axis=-1))
    assert_tensor(t.logsumexp(-1), expected, f"logsumexp of {x.tolist()}", tolerance=1e-9)


@bounded
@given(x=hnp.arrays(np.float64, (3, 4), elements=st.floats(-9, 9)), c=st.floats(-500, 500))
def test_what_a_constant_does(x, c, assert_tensor):
    t, moved = tt.Tensor(x), tt.Tensor(x + c)
    assert_tensor(moved.mean(1), t.mean(1).numpy() + c, f"mean of x + {c}", tolerance=1e-9)
    assert_tensor(moved.var(1), t.var(1).numpy(), f"var of x + {c}", tolerance=1e-9)
    expected = t.logsumexp(1).numpy() + c
    assert_tensor(moved.logsumexp(1), expected, f"logsumexp of x + {c}", tolerance=1e-9)


def test_other_memory_layouts(assert_tensor):
    x = sample(4, 6)
    for name in ("mean", "var", "logsumexp"):
        for look in (x.T, x[::2, 1::2], np.broadcast_to(x[:, :1], (4, 5))):
            found = getattr(tt, name)(tt.Tensor(look), 1)
            expected = np.asarray(REDUCE[name](look, axis=1))
            assert_tensor(found, expected, f"{name}, strides {look.strides}", tolerance=1e-9)


@pytest.fixture
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.usefixtures("no_warnings")
def test_the_mean_of_nothing_is_nan(assert_tensor):
    assert_tensor(tt.zeros(0).mean(), np.float32(np.nan), "mean of nothing")
    assert_tensor(tt.zeros(2, 0).mean(1), np.float32([np.nan, np.nan]), "means of empty rows")
    assert_tensor(tt.zeros(0, 2).mean(1), np.zeros(0, np.float32), "mean of no rows")
    assert_tensor(tt.zeros(2, 0).var(1), np.float32([np.nan, np.nan]), "variances of empty rows")


def test_the_mean_of_nan_and_infinity(assert_tensor):
    x = tt.tensor([[1.0, np.nan], [1.0, np.inf], [1.0, 2.0]])
    assert_tensor(x.mean(1), np.float32([np.nan, np.inf, 1.5]), "mean with nan and inf")


@pytest.mark.parametrize(
    ("values", "correction", "expected"),
    [
        ([1, 2, 3, 4], 1, 5 / 3),
        ([1, 2, 3, 4], 0, 5 / 4),
        ([1, 2, 3, 4], 2, 5 / 2),
        ([1, 2, 3, 4], 0.5, 5 / 3.5),
        ([3, 3, 3], 1, 0),
        ([3], 0, 0),
        ([3], 1, np.nan),
        ([3, 4], 2, np.inf),
        ([3, 4], 3, np.inf),
        ([3, 4], 2.5, np.inf),
    ],
)
@pytest.mark.usefixtures("no_warnings")
def test_correction(values, correction, expected, assert_tensor):
    x = tt.tensor(values, dtype="float32")
    tried = f"var of {values} with correction={correction}"
    assert_tensor(tt.var(x, correction=correction), np.float32(expected), tried)
    assert_tensor(x.std(correction=correction), np.float32(np.sqrt(expected)), f"std: {tried}")


def test_the_correction_counts_the_reduced_elements(assert_tensor):
    x = sample(2, 3, 4)
    found = tt.var(tt.tensor(x), dim=(0, 2))
    assert_tensor(found, x.var(axis=(0, 2), ddof=1), "var over 8 of 24 elements")


def test_the_variance_of_large_numbers_keeps_its_digits(assert_tensor):
    x = np.float32([10_000, 10_001, 10_002, 10_003])
    found = tt.tensor(x).var()
    assert_tensor(found, np.float32(5 / 3), "var of 10000 … 10003: Σx² − n·mean² loses all digits")


def test_logsumexp_does_not_overflow(assert_tensor):
    x = tt.tensor([[1000.0, 1000.0], [-1000.0, -1000.0], [0.0, -1000.0]])
    expected = np.float32([1000 + np.log(2), -1000 + np.log(2), 0])
    assert_tensor(x.logsumexp(1), expected, "logsumexp of rows around 1000 and −1000")


@pytest.mark.usefixtures("no_warnings")
def test_logsumexp_of_infinite_values(assert_tensor):
    inf, nan = np.inf, np.nan
    x = tt.tensor([[-inf, -inf], [-inf, 1.0], [inf, 1.0], [inf, inf], [inf, -inf], [nan, 1.0]])
    found = tt.logsumexp(x, 1)
    assert_tensor(found, np.float32([-inf, 1, inf, inf, inf, nan]), "logsumexp with infinities")


@pytest.mark.usefixtures("no_warnings")
def test_logsumexp_of_nothing(assert_tensor):
    assert_tensor(tt.zeros(0).logsumexp(0), np.float32(-np.inf), "logsumexp of nothing")
    found = tt.logsumexp(tt.zeros(2, 0), 1, keepdim=True)
    assert_tensor(found, np.full((2, 1), -np.inf, np.float32), "logsumexp of empty rows")
    assert_tensor(tt.zeros(0, 2).logsumexp(1), np.zeros(0, np.float32), "logsumexp of no rows")


def test_many_small_steps_are_not_lost(assert_tensor):
    x = tt.full((4096,), 0.1)
    assert_tensor(x.mean(), np.float32(0.1), "mean of 4096 times 0.1", tolerance=1e-5)


def test_the_input_is_left_alone():
    x = tt.tensor([[1.0, 2.0], [3.0, 5.0]])
    for name in ("mean", "var", "logsumexp"):
        getattr(tt, name)(x, dim=0)
        assert x.tolist() == [[1, 2], [3, 5]], f"{name} changed its input"
