"""Task 2.7: gather and scatter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinytorch.tensor as tt

bounded = settings(max_examples=40, deadline=None, derandomize=True)


def sample(*shape: int, kind: str = "float64") -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(kind)


def gathered(x: np.ndarray, dim: int, index: np.ndarray) -> np.ndarray:
    """out[i, j, …] = x[…, index[i, j, …], …], one element at a time."""
    out = np.zeros(index.shape, x.dtype)
    for place in np.ndindex(*index.shape):
        source = list(place)
        source[dim] = index[place]
        out[place] = x[tuple(source)]
    return out


def scattered(x: np.ndarray, dim: int, index: np.ndarray, src: np.ndarray) -> np.ndarray:
    """out[…, index[i, j, …], …] += src[i, j, …], one element at a time."""
    out = x.copy()
    for place in np.ndindex(*index.shape):
        target = list(place)
        target[dim] = index[place]
        out[tuple(target)] += src[place]
    return out


@st.composite
def picks(draw: st.DrawFn) -> tuple[np.ndarray, int, np.ndarray]:
    """A tensor, a dimension of it, and an index that can pick along it."""
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    sizes = [draw(st.integers(0, size)) for size in shape]
    sizes[dim] = draw(st.integers(0, 5))
    seed = draw(st.integers(0, 99))
    index = np.random.default_rng(seed).integers(0, shape[dim], sizes)
    return sample(*shape), dim, index


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ([0, 5, 2], [10, 15, 12]),
        ([-1, -6], [15, 10]),
        ([[3, 3], [0, 1]], [[13, 13], [10, 11]]),
        (4, 14),
        ([[2]], [[12]]),
    ],
)
def test_take(index, expected, assert_tensor, check_gradient):
    x = np.arange(10.0, 16.0).reshape(2, 3)
    found = tt.take(tt.tensor(x), tt.tensor(index))
    assert_tensor(found, expected, f"take positions {index} of 10 … 15", dtype="float64")
    assert_tensor(tt.tensor(x).take(tt.tensor(index)), expected, "the method", dtype="float64")
    check_gradient("take", x, index=np.asarray(index))


def test_take_of_odd_tensors(assert_tensor):
    x = np.arange(12.0).reshape(3, 4)
    index = np.array([[0, 5], [11, 2]])
    found = tt.take(tt.Tensor(x.T), tt.tensor(index))
    assert_tensor(found, x.T.reshape(-1)[index], "take of a transposed tensor, row by row")
    assert_tensor(tt.take(tt.tensor(7.0), tt.tensor([0, 0])), np.float32([7, 7]), "take of 0-d")
    nothing = tt.tensor([], dtype="int64")
    assert_tensor(tt.take(tt.zeros(0), nothing), np.zeros(0, np.float32), "take nothing of nothing")
    picked = tt.take(tt.zeros(2, 3, dtype="int8"), tt.zeros(0, 4, dtype="int64"))
    assert_tensor(picked, np.zeros((0, 4), np.int8), "take with an index of shape (0, 4)")


@pytest.mark.parametrize(
    ("dim", "index", "expected"),
    [
        (1, [[0, 2], [1, 1]], [[10, 12], [14, 14]]),
        (-1, [[2], [0]], [[12], [13]]),
        (0, [[0, 1, 0]], [[10, 14, 12]]),
        (0, [[1, 1, 1], [0, 0, 0], [1, 0, 1]], [[13, 14, 15], [10, 11, 12], [13, 11, 15]]),
        (1, [[2, 2, 2, 2, 0]], [[12, 12, 12, 12, 10]]),
        (-2, [[1]], [[13]]),
    ],
)
def test_gather(dim, index, expected, assert_tensor, check_gradient):
    x = np.arange(10.0, 16.0).reshape(2, 3)
    found = tt.gather(tt.tensor(x), dim, tt.tensor(index))
    tried = f"gather along {dim} by {index} from {x.tolist()}"
    assert_tensor(found, expected, tried, dtype="float64")
    assert_tensor(tt.tensor(x).gather(dim, tt.tensor(index)), expected, tried, dtype="float64")
    check_gradient("gather", x, dim=dim, index=np.asarray(index))


@bounded
@given(pick=picks())
def test_gather_element_by_element(pick, assert_tensor):
    x, dim, index = pick
    found = tt.gather(tt.tensor(x), dim, tt.tensor(index))
    tried = f"gather from {x.shape} along {dim} by {index.tolist()}"
    assert_tensor(found, gathered(x, dim, index), tried)


@pytest.mark.parametrize(
    ("dim", "index", "src", "expected"),
    [
        (0, [0, 2, 2], [1, 2, 3], [11, 10, 15]),
        (-1, [1], [5], [10, 15, 10]),
        (0, [1, 1, 1, 1], [1, 1, 1, 1], [10, 14, 10]),
        (0, [], [], [10, 10, 10]),
    ],
)
def test_scatter_add_to_a_line(dim, index, src, expected, assert_tensor):
    x, index = tt.full((3,), 10.0), tt.tensor(index, dtype="int64")
    found = tt.scatter_add(x, tt.tensor(src, dtype="float32"), dim=dim, index=index)
    tried = f"scatter_add {src} at {index.tolist()} to [10, 10, 10]"
    assert x.tolist() == [10, 10, 10], f"{tried} changed its input: it should change a copy"
    assert_tensor(found, np.float32(expected), tried)
    assert_tensor(x.scatter_add(dim, index, tt.tensor(src, dtype="float32")), expected, tried,
                  dtype="float32")  # fmt: skip


@bounded
@given(pick=picks())
def test_scatter_add_element_by_element(pick, assert_tensor):
    x, dim, index = pick
    src = sample(*index.shape)
    found = tt.scatter_add(tt.tensor(x), tt.tensor(src), dim=dim, index=tt.tensor(index))
    tried = f"scatter_add to {x.shape} along {dim} at {index.tolist()}"
    assert_tensor(found, scattered(x, dim, index, src), tried)


@bounded
@given(pick=picks())
def test_each_is_the_reverse_of_the_other(pick):
    x, dim, index = pick
    g = sample(*index.shape)
    there = (tt.gather(tt.tensor(x), dim, tt.tensor(index)).numpy() * g).sum()
    zeros = tt.zeros(x.shape, dtype="float64")
    back = tt.scatter_add(zeros, tt.tensor(g), dim=dim, index=tt.tensor(index)).numpy()
    assert np.isclose(there, (x * back).sum()), "Σ gather(x)·g should be Σ x·scatter_add(0, g)"


def test_gradient_of_scatter_add(assert_tensor, check_gradient):
    x, src, index = sample(3, 2), sample(2, 2), np.array([[0, 2], [0, 1]])
    found = tt.scatter_add(tt.tensor(x), tt.tensor(src), dim=0, index=tt.tensor(index))
    assert_tensor(found, scattered(x, 0, index, src), "scatter_add along 0")
    check_gradient("scatter_add", x, src, dim=0, index=index)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int8", "int64"])
def test_the_dtype_stays(kind, assert_tensor):
    x, index = np.array([1, 2, 3], kind), tt.tensor([2, 0])
    assert_tensor(tt.take(tt.tensor(x), index), x[[2, 0]], f"take of {kind}")
    assert_tensor(tt.gather(tt.tensor(x), 0, index), x[[2, 0]], f"gather of {kind}")
    found = tt.scatter_add(tt.tensor(x), tt.ones(2, dtype=kind), dim=0, index=index)
    assert_tensor(found, np.array([2, 2, 4], kind), f"scatter_add of {kind}")


def test_large_integers_are_exact(assert_tensor):
    x, index = np.array([2**53 + 1, 0]), tt.tensor([0, 0])
    assert_tensor(tt.gather(tt.tensor(x), 0, index), x[[0, 0]], "gather of 2**53 + 1")
    found = tt.scatter_add(tt.tensor(x), tt.tensor([1, 1]), dim=0, index=index)
    assert_tensor(found, np.array([2**53 + 3, 0]), "scatter_add to 2**53 + 1")


@pytest.mark.parametrize("kind", ["int8", "uint8", "int32"])
def test_positions_of_any_integer_type(kind, assert_tensor):
    x, index = np.float32([1, 2, 3]), tt.tensor([2, 1], dtype=kind)
    assert_tensor(tt.take(tt.tensor(x), index), x[[2, 1]], f"take by {kind}")
    assert_tensor(tt.gather(tt.tensor(x), 0, index), x[[2, 1]], f"gather by {kind}")
    found = tt.scatter_add(tt.tensor(x), tt.ones(2), dim=0, index=index)
    assert_tensor(found, np.float32([1, 3, 4]), f"scatter_add by {kind}")


def test_other_memory_layouts(assert_tensor):
    x = sample(4, 3)
    index = np.array([[0, 1], [2, 2], [1, 0]]).T
    found = tt.gather(tt.Tensor(x.T), 1, tt.Tensor(index))
    assert_tensor(found, gathered(x.T, 1, index), "gather, all transposed")
    src = sample(3, 2).T
    found = tt.scatter_add(tt.Tensor(x.T), tt.Tensor(src), dim=0, index=tt.Tensor(index))
    assert_tensor(found, scattered(x.T, 0, index, src), "scatter_add, all transposed")


@pytest.mark.parametrize("index", [[6], [-7], [0, 99]])
def test_take_outside(index, refused):
    with refused(IndexError, "take", "6"):
        tt.take(tt.zeros(2, 3), tt.tensor(index))


@pytest.mark.parametrize("kind", ["float32", "bool"])
def test_positions_are_integers(kind, refused):
    index = tt.ones(1, 1, dtype=kind)
    with refused(TypeError, "take", kind):
        tt.take(tt.zeros(2, 3), index)
    with refused(TypeError, "gather", kind):
        tt.gather(tt.zeros(2, 3), 0, index)
    with refused(TypeError, "scatter_add", kind):
        tt.scatter_add(tt.zeros(2, 3), tt.zeros(1, 1), dim=0, index=index)


@pytest.mark.parametrize(
    ("index", "told"), [([[3]], "3"), ([[0], [4]], "4"), ([[-1]], "-1"), ([[0], [-1]], "-1")]
)
def test_along_a_dimension_and_outside(index, told, refused):
    index = tt.tensor(index)
    with refused(IndexError, "gather", told):
        tt.gather(tt.zeros(2, 3), 1, index)
    with refused(IndexError, "scatter_add", told):
        tt.scatter_add(tt.zeros(2, 3), tt.ones(index.shape), dim=1, index=index)


@pytest.mark.parametrize("shape", [(2,), (1, 1, 1), (3, 1), ()])
def test_the_index_must_fit(shape, refused):
    index = tt.zeros(shape, dtype="int64")
    with refused(ValueError, "gather", str(shape), "(2, 3)"):
        tt.gather(tt.zeros(2, 3), 1, index)
    with refused(ValueError, "scatter_add", str(shape), "(2, 3)"):
        tt.scatter_add(tt.zeros(2, 3), tt.zeros(shape), dim=1, index=index)


@pytest.mark.parametrize("dim", [2, -3])
def test_a_dimension_that_is_not_there(dim, refused):
    index = tt.zeros(1, 1, dtype="int64")
    with refused(IndexError, "gather", f"dimension {dim}"):
        tt.gather(tt.zeros(2, 3), dim, index)
    with refused(IndexError, "scatter_add", f"dimension {dim}"):
        tt.scatter_add(tt.zeros(2, 3), tt.zeros(1, 1), dim=dim, index=index)


def test_the_source_must_have_the_shape_of_the_index(refused):
    with refused(ValueError, "scatter_add", "(1, 2)", "(2, 2)"):
        tt.scatter_add(tt.zeros(2, 3), tt.zeros(2, 2), dim=1, index=tt.zeros(1, 2, dtype="int64"))


def test_scatter_add_in_the_common_dtype(assert_tensor):
    index = tt.tensor([0])
    found = tt.scatter_add(tt.tensor([1.0]), tt.tensor([2]), dim=0, index=index)
    assert_tensor(found, np.float32([3]), "integers added to a float32 tensor")
    found = tt.scatter_add(tt.tensor([1]), tt.tensor([0.5]), dim=0, index=index)
    assert_tensor(found, np.float32([1.5]), "0.5 added to an integer tensor")
