"""Task 2.6: the matrix product, by its definition and row by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinytorch.tensor as tt

bounded = settings(max_examples=40, deadline=None, derandomize=True)
pytestmark = pytest.mark.parametrize(
    "kernel", ["loops", "rows"], ids=["matmul_loops", "matmul_rows"]
)


def product(kernel: str, a: np.ndarray, b: np.ndarray) -> tt.Tensor:
    """a @ b as one of the student's kernels finds it."""
    with tt.matmul.using(kernel):
        return tt.Tensor(a) @ tt.Tensor(b)


def sample(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def test_by_hand(kernel, assert_tensor):
    a, b = np.float32([[1, 2, 3], [4, 5, 6]]), np.float32([[1, 0], [0, 1], [10, 100]])
    found = product(kernel, a, b)
    assert_tensor(
        found, np.float32([[31, 302], [64, 605]]), f"{kernel}: {a.tolist()} @ {b.tolist()}"
    )


@bounded
@given(n=st.integers(0, 5), k=st.integers(0, 5), m=st.integers(0, 5), seed=st.integers(0, 9))
def test_all_sizes(kernel, n, k, m, seed, assert_tensor):
    a, b = sample(n, k, seed=seed), sample(k, m, seed=seed + 10)
    assert_tensor(product(kernel, a, b), a @ b, f"{kernel}: ({n}, {k}) @ ({k}, {m})")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((5, 2, 3), (3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 1, 2, 3), (4, 3, 2)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 2)),
        ((1, 1), (1, 1)),
        ((2, 0), (0, 3)),
        ((0, 2), (2, 3)),
    ],
)
def test_all_that_matmul_takes(kernel, left, right, assert_tensor, check_gradient):
    a, b = sample(*left), sample(*right, seed=1)
    assert_tensor(product(kernel, a, b), np.asarray(a @ b), f"{kernel}: {left} @ {right}")
    with tt.matmul.using(kernel):
        check_gradient("matmul", a, b)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int8", "int32", "int64"])
def test_the_dtype_stays(kernel, kind, assert_tensor):
    a, b = np.array([[1, 2], [3, 4]], kind), np.array([[5, 6], [7, 8]], kind)
    made = tt.matmul.kernels[kernel](a, b)
    assert made.dtype == kind, f"matmul_{kernel} of two {kind} matrices gave {made.dtype}"
    assert_tensor(product(kernel, a, b), a @ b, f"{kernel}: two {kind} matrices")


def test_large_integers_are_exact(kernel, assert_tensor):
    a, b = np.array([[2**53, 1]]), np.array([[1], [1]])
    assert_tensor(product(kernel, a, b), np.array([[2**53 + 1]]), f"{kernel}: 2**53 + 1")


def test_other_memory_layouts(kernel, assert_tensor):
    x = sample(4, 6)
    assert_tensor(product(kernel, x.T, x), x.T @ x, f"{kernel}: transposed @ plain")
    stepped = x[::2, ::3]
    assert_tensor(product(kernel, stepped, stepped.T), stepped @ stepped.T, f"{kernel}: stepped")
    wide = np.broadcast_to(x[:1], (3, 6))
    assert_tensor(product(kernel, wide, x.T), wide @ x.T, f"{kernel}: stretched @ transposed")


def test_the_identity(kernel, assert_tensor):
    a = sample(3, 3)
    assert_tensor(product(kernel, a, np.eye(3)), a, f"{kernel}: a @ I")
    assert_tensor(product(kernel, np.eye(3), a), a, f"{kernel}: I @ a")


@bounded
@given(seed=st.integers(0, 99))
def test_transposed_in_reverse_order(kernel, seed, assert_tensor):
    a, b = sample(2, 3, seed=seed), sample(3, 4, seed=seed + 100)
    expected = product(kernel, b.T, a.T).numpy().T
    assert_tensor(product(kernel, a, b), expected, f"{kernel}: a @ b and (bᵀ @ aᵀ)ᵀ")


def test_nan_and_infinity_spread_as_far_as_they_reach(kernel, assert_tensor):
    a = np.float64([[np.nan, 1], [2, 3], [np.inf, 1]])
    b = np.float64([[1, 2], [3, 4]])
    expected = np.float64([[np.nan, np.nan], [11, 16], [np.inf, np.inf]])
    assert_tensor(product(kernel, a, b), expected, f"{kernel}: with nan and inf")


def test_the_inputs_are_left_alone(kernel):
    a, b = sample(2, 3), sample(3, 2)
    before = a.copy(), b.copy()
    product(kernel, a, b)
    assert (a == before[0]).all(), f"{kernel} changed its first input"
    assert (b == before[1]).all(), f"{kernel} changed its second input"


def test_the_result_has_memory_of_its_own(kernel):
    a, b = sample(1, 1), np.eye(1)
    found = product(kernel, a, b)
    assert not np.shares_memory(found.numpy(), a)
    assert not np.shares_memory(found.numpy(), b)
