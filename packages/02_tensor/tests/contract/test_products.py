"""Matrix products, Einstein's sums, dot products."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinytorch.tensor as tt

bounded = settings(max_examples=40, deadline=None, derandomize=True)


def sample(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


@bounded
@given(data=st.data())
def test_matmul_of_any_batches(data, assert_tensor):
    n, k, m = (data.draw(st.integers(0, 3)) for _ in range(3))
    batch = data.draw(st.sampled_from([(), (2,), (1, 3), (0,)]))
    other = data.draw(st.sampled_from([(), (2,), (2, 1), (1,)]))
    try:
        np.broadcast_shapes(batch, other)
    except ValueError:
        other = ()
    a, b = sample(*batch, n, k), sample(*other, k, m, seed=1)
    assert_tensor(tt.tensor(a) @ tt.tensor(b), a @ b, f"{a.shape} @ {b.shape}")


@pytest.mark.parametrize(
    ("left", "right"),
    [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((4, 2, 3), (3,)), ((0,), (0,))],
)
def test_matmul_of_lines(left, right, assert_tensor):
    a, b = sample(*left), sample(*right, seed=1)
    assert_tensor(tt.matmul(tt.tensor(a), tt.tensor(b)), np.asarray(a @ b), f"{left} @ {right}")


@pytest.mark.parametrize("kernel", ["blas", "loops", "rows"])
def test_an_empty_batch(kernel, assert_tensor):
    with tt.matmul.using(kernel):
        found = tt.zeros(0, 2, 3) @ tt.zeros(3, 4)
    assert_tensor(found, np.zeros((0, 2, 4), np.float32), f"{kernel}: (0, 2, 3) @ (3, 4)")


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (2, 3)), ((3,), (2,)), ((2, 3), (4,)), ((2, 2, 3), (2, 4)), ((2, 3), (4, 2, 3))],
)
@pytest.mark.parametrize("kernel", ["blas", "loops", "rows"])
def test_inner_sizes_must_agree(kernel, left, right, refused):
    with tt.matmul.using(kernel), refused(ValueError, "matmul", str(left), str(right)):
        tt.zeros(left) @ tt.zeros(right)


def test_a_number_is_no_matrix(refused):
    with refused(ValueError, "matmul", "()"):
        tt.zeros(2, 2) @ tt.tensor(2.0)
    with refused(TypeError, "matmul", "2"):
        tt.zeros(2, 2) @ 2
    with refused(ValueError, "matmul", "(2, 3, 4)", "(5, 4, 1)"):
        tt.zeros(2, 3, 4) @ tt.zeros(5, 4, 1)


def test_matmul_in_the_common_dtype(assert_tensor):
    found = tt.tensor([[1, 2]]) @ tt.tensor([[0.5], [1.0]])
    assert_tensor(found, np.float32([[2.5]]), "integers @ floats")
    assert_tensor(tt.tensor([[1, 2]]) @ tt.tensor([[3], [4]]), np.array([[11]]), "integers")


def test_matmul_of_transposed_and_stretched(assert_tensor):
    a = sample(5, 3, 4)
    x = tt.tensor(a)
    assert_tensor(x.mT @ x, a.swapaxes(1, 2) @ a, "xᵀ @ x, batched")
    stretched = tt.Tensor(np.broadcast_to(a[0], (5, 3, 4)))
    assert_tensor(stretched @ x.mT, a[0] @ a.swapaxes(1, 2), "stretched @ xᵀ")
    assert_tensor(x.mm(tt.eye(4, dtype="float64")), a, "mm with the identity")


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("ij,jk", [(2, 3), (3, 4)]),
        ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
        ("ii", [(3, 3)]),
        ("ii->i", [(3, 3)]),
        ("ij->ji", [(2, 3)]),
        ("ij->", [(2, 3)]),
        ("i,i->", [(3,), (3,)]),
        ("i,j->ij", [(2,), (3,)]),
        ("...ij,...jk->...ik", [(2, 3, 4), (4, 5)]),
        ("bhqd,bhkd->bhqk", [(1, 2, 3, 4), (1, 2, 5, 4)]),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)]),
        ("ba", [(2, 3)]),
        ("ij,jk->ik", [(2, 0), (0, 3)]),
    ],
)
def test_einsum(equation, shapes, assert_tensor):
    arrays = [sample(*shape, seed=i) for i, shape in enumerate(shapes)]
    expected = np.asarray(np.einsum(equation, *arrays))
    tensors = [tt.tensor(a) for a in arrays]
    assert_tensor(tt.einsum(equation, *tensors), expected, f"einsum {equation}")
    assert_tensor(tt.einsum(equation, tensors), expected, f"einsum {equation} of a list")


def test_einsum_copies():
    x = tt.ones(2, 2)
    for found in (tt.einsum("ij->ji", x), tt.einsum("ii->i", x)):
        assert not np.shares_memory(found.numpy(), x.numpy())


def test_einsum_that_does_not_fit(refused):
    with refused(ValueError, "contract"):
        tt.einsum("ij,jk->ik", tt.zeros(2, 3), tt.zeros(2, 3))
    with refused(ValueError, "contract"):
        tt.einsum("ijk->i", tt.zeros(2, 3))


def test_dot(assert_tensor, refused):
    found = tt.dot(tt.tensor([1.0, 2.0]), tt.tensor([3.0, 4.0]))
    assert_tensor(found, np.float32(11), "dot of [1, 2] and [3, 4]")
    with refused(ValueError, "dot", "(1, 2)", "(2,)"):
        tt.dot(tt.zeros(1, 2), tt.zeros(2))
    with refused(ValueError, "(2,)", "(3,)"):
        tt.dot(tt.zeros(2), tt.zeros(3))
