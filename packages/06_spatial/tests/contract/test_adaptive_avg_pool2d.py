"""Task 6.5: means of as many windows as are asked for."""

from collections.abc import Callable
from math import ceil, floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.spatial import adaptive_avg_pool2d
from tinytorch.tensor import Tensor, tensor

Array = np.ndarray[Any, Any]


def expected_means(x: Array, rows: int, columns: int) -> Array:
    out = np.empty((*x.shape[:-2], rows, columns), x.dtype)
    for i, j in np.ndindex(rows, columns):
        height, width = x.shape[-2:]
        window = x[
            ...,
            floor(i * height / rows) : ceil((i + 1) * height / rows),
            floor(j * width / columns) : ceil((j + 1) * width / columns),
        ]
        out[..., i, j] = window.astype(np.float64).mean((-2, -1))
    return out


@pytest.fixture
def check(assert_tensor: Callable[..., None]) -> Callable[..., None]:
    def check(x: Any, output_size: Any, rows: int, columns: int) -> None:
        given = x if isinstance(x, Tensor) else Tensor(x)
        before = np.array(given.numpy())
        found = adaptive_avg_pool2d(given, output_size)
        tried = f"adaptive_avg_pool2d of {before.shape} to {output_size}"
        assert_tensor(found, expected_means(before, rows, columns), tried)
        np.testing.assert_array_equal(given.numpy(), before, f"{tried} wrote to its input")

    return check


def test_by_hand(assert_tensor: Callable[..., None]) -> None:
    x = tensor([[[1.0, 2.0, 4.0, 8.0, 16.0]]])
    found = adaptive_avg_pool2d(x, (1, 2))
    expected = np.array([[[7 / 3, 28 / 3]]], np.float32)
    assert_tensor(found, expected, "two means of five places share the one in the middle")


@pytest.mark.parametrize(
    "shape", [(2, 3, 6, 8), (3, 5, 7), (0, 2, 4, 4), (2, 1, 1, 1), (1, 0, 3, 3)]
)
@pytest.mark.parametrize(
    ("output_size", "rows", "columns"),
    [(1, 1, 1), (2, 2, 2), ((3, 2), 3, 2), ((1, 4), 1, 4), ([5, 1], 5, 1), ((7, 9), 7, 9)],
    ids=["1", "2", "3×2", "1×4", "5×1", "7×9"],
)
def test_sizes(
    shape: tuple[int, ...],
    output_size: Any,
    rows: int,
    columns: int,
    drawn: Callable[..., Array],
    check: Callable[..., None],
) -> None:
    check(drawn(*shape), output_size, rows, columns)


def test_none_keeps_a_size(drawn: Callable[..., Array], check: Callable[..., None]) -> None:
    check(drawn(2, 3, 6, 5), (None, 2), 6, 2)
    check(drawn(2, 3, 6, 5), (4, None), 4, 5)
    check(drawn(3, 6, 5), (None, None), 6, 5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtypes(dtype: str, drawn: Callable[..., Array], check: Callable[..., None]) -> None:
    check(drawn(2, 2, 5, 6, dtype=dtype), (2, 4), 2, 4)
    check(drawn(2, 2, 5, 6, dtype=dtype), 1, 1, 1)


def test_memory_in_another_order(drawn: Callable[..., Array], check: Callable[..., None]) -> None:
    check(Tensor(drawn(2, 6, 5, 3)).permute(0, 3, 1, 2), (4, 2), 4, 2)
    check(Tensor(drawn(2, 3, 12, 5))[:, :, ::2].mT, (2, 4), 2, 4)


@pytest.mark.parametrize("output_size", [1, 2, (3, 3), (2, 5)], ids=str)
def test_nan_and_infinity_stay_in_their_windows(
    output_size: Any, drawn: Callable[..., Array], check: Callable[..., None]
) -> None:
    rows, columns = output_size if isinstance(output_size, tuple) else (output_size,) * 2
    x = drawn(2, 3, 6, 6)
    x[0, 0, 1, 2], x[0, 1, 5, 0], x[1, 2, 0, 5] = np.nan, np.inf, -np.inf
    check(x, output_size, rows, columns)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(*[st.integers(1, 9)] * 4, st.integers(0, 99))
def test_any_size(
    drawn: Callable[..., Array],
    assert_tensor: Callable[..., None],
    height: int,
    width: int,
    rows: int,
    columns: int,
    seed: int,
) -> None:
    x = drawn(2, height, width, seed=seed)
    found = adaptive_avg_pool2d(Tensor(x), (rows, columns))
    tried = f"adaptive_avg_pool2d of {x.shape} to {(rows, columns)}"
    assert_tensor(found, expected_means(x, rows, columns), tried)


@pytest.mark.parametrize("dtype", ["int32", "int64", "bool"])
def test_there_is_no_mean_of_integers(dtype: str, refused: Callable[..., Any]) -> None:
    with refused(TypeError, "adaptive_avg_pool2d", dtype, ".float()"):
        adaptive_avg_pool2d(Tensor(np.ones((1, 1, 4, 4), dtype)), 2)


@pytest.mark.parametrize("shape", [(4, 4), (4,), (1, 1, 1, 4, 4)], ids=str)
def test_what_is_no_image(shape: tuple[int, ...], refused: Callable[..., Any]) -> None:
    with refused(ValueError, "adaptive_avg_pool2d", str(shape), "(N, C, H, W)"):
        adaptive_avg_pool2d(Tensor(np.zeros(shape)), 2)


@pytest.mark.parametrize("shape", [(1, 1, 0, 3), (2, 3, 0)], ids=str)
def test_an_image_without_places(shape: tuple[int, ...], refused: Callable[..., Any]) -> None:
    with refused(ValueError, "adaptive_avg_pool2d", str(shape)):
        adaptive_avg_pool2d(Tensor(np.zeros(shape)), 1)


@pytest.mark.parametrize(
    ("output_size", "error"),
    [
        (0, ValueError),
        ((2, -1), ValueError),
        ((1, 2, 3), ValueError),
        ((2,), ValueError),
        (2.5, TypeError),
        ("2", TypeError),
    ],
    ids=["0", "negative", "three", "one of two", "a fraction", "a text"],
)
def test_sizes_that_are_none(
    output_size: Any, error: type[Exception], refused: Callable[..., Any]
) -> None:
    with refused(error, "adaptive_avg_pool2d", "output_size"):
        adaptive_avg_pool2d(Tensor(np.zeros((1, 1, 4, 4))), output_size)
