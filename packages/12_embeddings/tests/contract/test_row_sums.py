"""Task 12.4: rows added up by their index."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings.row_sums import sum_by_one_hot, sum_rows, sum_sorted
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule

WAYS = pytest.mark.parametrize("ways", [sum_sorted, sum_by_one_hot], ids=["sorted", "one hot"])


def by_loop(g: Any, indices: Any, rows: int) -> Any:
    out = np.zeros((rows, g.shape[-1]))
    for place in np.ndindex(*indices.shape):
        out[indices[place]] += g[place]
    return out


@WAYS
def test_by_hand(ways: Any, assert_close: Any) -> None:
    g = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0], [8.0, 80.0]])
    found = ways(g, np.array([2, 0, 2, 4]), 6)
    expected = np.array([[2.0, 20], [0, 0], [5, 50], [0, 0], [8, 80], [0, 0]])
    assert_close(found, expected, "rows 1, 2, 4, 8 to the indices 2, 0, 2, 4")


@WAYS
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("count", "rows", "dim"), [(1, 1, 1), (7, 1, 3), (1, 9, 2), (40, 5, 3), (40, 300, 4), (5, 5, 0)]
)
def test_any_sizes(
    ways: Any, dtype: str, count: int, rows: int, dim: int, drawn: Any, assert_close: Any
) -> None:
    g = drawn(count, dim, dtype=dtype)
    indices = np.random.default_rng(1).integers(0, rows, count)
    found = ways(g, indices, rows)
    assert_close(found, by_loop(g, indices, rows), f"{count} to {rows} rows", dtype=dtype)


@WAYS
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_where_there_is_nothing(ways: Any, rows: int, assert_close: Any) -> None:
    found = ways(np.zeros((0, 3)), np.zeros(0, np.int64), rows)
    assert_close(found, np.zeros((rows, 3)), f"nothing, to {rows} rows")


@WAYS
@pytest.mark.parametrize("indices", [[0, 0, 0], [3, 3, 3], [0, 3, 0], [3, 2, 1], [0, 1, 2]])
def test_the_first_and_the_last_row(
    ways: Any, indices: list[int], drawn: Any, assert_close: Any
) -> None:
    g, places = drawn(3, 2), np.array(indices)
    assert_close(ways(g, places, 4), by_loop(g, places, 4), f"to the rows {indices} of 4")


@WAYS
def test_indices_of_other_types(ways: Any, drawn: Any, assert_close: Any) -> None:
    g = drawn(4, 2)
    for dtype in ("int32", "uint8"):
        places = np.array([0, 2, 0, 1], dtype=dtype)
        assert_close(ways(g, places, 3), by_loop(g, places, 3), f"indices of {dtype}")


@WAYS
def test_inputs_are_left_alone(ways: Any, drawn: Any) -> None:
    g, places = drawn(4, 2), np.array([2, 0, 2, 1])
    before = g.copy(), places.copy()
    ways(g, places, 3)
    np.testing.assert_array_equal(g, before[0])
    np.testing.assert_array_equal(places, before[1])


# The operation, which chooses between them


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 4), max_size=3),
    st.integers(0, 4),
    st.sampled_from([1, 5, 128, 129, 1000]),
    st.integers(0, 99),
)
def test_any_shape(shape: list[int], dim: int, rows: int, seed: int) -> None:
    draws = np.random.default_rng(seed)
    g, indices = draws.standard_normal((*shape, dim)), np.asarray(draws.integers(0, rows, shape))
    found = sum_rows(Tensor(g), indices=indices, rows=rows).numpy()
    np.testing.assert_allclose(found, by_loop(g, indices, rows), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("rows", [4, 200])
def test_its_gradient(rows: int, drawn: Any) -> None:
    indices = np.array([[0, 3, 0], [1, 1, 3]])
    check_rule(sum_rows, drawn(2, 3, 2), indices, rows)


@pytest.mark.parametrize("rows", [4, 200])
def test_float16_is_summed_in_float32(rows: int, assert_close: Any) -> None:
    """4096 times 1: beyond 2048 float16 has no odd numbers, and a sum of ones would stop there."""
    g = Tensor(np.ones((4096, 2), np.float16))
    found = sum_rows(g, indices=np.full(4096, 1), rows=rows)
    expected = np.zeros((rows, 2))
    expected[1] = 4096
    assert_close(found, expected, "4096 ones in one row", dtype="float16", tolerance=0.0)


@pytest.mark.parametrize("how", ["Fortran order", "backwards", "every second"])
@pytest.mark.parametrize("rows", [6, 200])
def test_however_it_lies_in_memory(
    how: str, rows: int, drawn: Any, laid_out: Any, assert_close: Any
) -> None:
    g = drawn(4, 5, 6)
    indices = np.random.default_rng(2).integers(0, 6, (4, 5))
    found = sum_rows(Tensor(laid_out(g, how)), indices=laid_out(indices, how), rows=rows)
    assert_close(found, by_loop(g, indices, rows), f"g and indices lying {how}")
