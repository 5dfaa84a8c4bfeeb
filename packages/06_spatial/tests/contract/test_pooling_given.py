"""What is given of pooling: where the largest numbers stand, where their gradients go, and what is
refused.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinytorch.spatial import MaxPool2d, avg_pool2d, max_pool2d
from tinytorch.tensor import Tensor, zeros
from tinytorch.tensor.testing import check_rule, gradients_of

Array = np.ndarray[Any, Any]

WINDOWS: dict[str, dict[str, Any]] = {
    "plain": {"kernel_size": 2},
    "overlapping": {"kernel_size": 3, "stride": 1},
    "padded": {"kernel_size": 3, "stride": 2, "padding": 1},
    "rounded up": {"kernel_size": 2, "stride": 2, "ceil_mode": True},
    "dilated": {"kernel_size": (2, 3), "stride": 1, "dilation": (3, 2), "padding": (1, 0)},
}


@pytest.mark.parametrize("window", list(WINDOWS))
@pytest.mark.parametrize("shape", [(2, 3, 7, 9), (3, 7, 9), (0, 2, 7, 9)], ids=str)
def test_the_places_of_the_largest(
    window: str,
    shape: tuple[int, ...],
    drawn: Callable[..., Array],
    assert_tensor: Callable[..., None],
) -> None:
    x, options = drawn(*shape), WINDOWS[window]
    expected = max_pool2d(Tensor(x), **options).numpy()
    values, places = max_pool2d(Tensor(x), return_indices=True, **options)
    assert_tensor(values, expected, "the values beside the indices")
    found = places.numpy()
    assert found.dtype == np.int64
    assert found.shape == expected.shape
    flat = x.reshape(*x.shape[:-2], 7 * 9)
    flat_places = found.reshape(*found.shape[:-2], found.shape[-2] * found.shape[-1])
    there = np.take_along_axis(flat, flat_places, -1)
    np.testing.assert_array_equal(
        there.reshape(found.shape), expected, "x.flatten(-2) at the indices is not the values"
    )
    layer = MaxPool2d(return_indices=True, **options)
    again = [each.numpy() for each in layer(Tensor(x))]
    np.testing.assert_array_equal(again[0], expected)
    np.testing.assert_array_equal(again[1], found)


def test_the_first_of_equals() -> None:
    for value in (0.0, -np.inf, np.nan):
        x = Tensor(np.full((1, 1, 4, 4), value))
        _, places = max_pool2d(x, 3, 2, 1, return_indices=True)
        assert places.tolist() == [[[[0, 1], [4, 5]]]], (
            f"of {value} everywhere, the first of each window in the image, row by row"
        )


def test_whole_numbers_have_places_too() -> None:
    x = np.full((1, 1, 3, 3), -128, np.int8)
    values, places = max_pool2d(Tensor(x), 3, 2, 1, return_indices=True)
    assert values.tolist() == [[[[-128, -128], [-128, -128]]]]
    assert places.tolist() == [[[[0, 1], [3, 4]]]]


@pytest.mark.parametrize("window", list(WINDOWS))
def test_gradients_with_indices(window: str) -> None:
    x = np.random.default_rng(0).permutation(2 * 2 * 7 * 9).reshape(2, 2, 7, 9) / 10
    check_rule(max_pool2d, x, return_indices=True, **WINDOWS[window])


def test_of_equals_the_first_takes_the_gradient() -> None:
    x = np.zeros((1, 1, 3, 3))
    options = {"kernel_size": 3, "stride": 2, "padding": 1}
    out = max_pool2d(x, **options)
    g = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    found = gradients_of(max_pool2d, (True,), [x], options, [out], (), g)[0]
    assert np.asarray(found).tolist() == [[[[1, 2, 0], [3, 4, 0], [0, 0, 0]]]]


POOLS = {"max_pool2d": max_pool2d, "avg_pool2d": avg_pool2d}
REFUSED: dict[str, tuple[tuple[int, ...], dict[str, Any], type[Exception], list[str]]] = {
    "an image without channels": ((4, 4), {}, ValueError, ["(4, 4)", "(N, C, H, W)"]),
    "five dimensions": ((1, 1, 1, 4, 4), {}, ValueError, ["(1, 1, 1, 4, 4)"]),
    "an empty image": ((1, 1, 0, 4), {}, ValueError, ["(1, 1, 0, 4)"]),
    "too large": ((1, 1, 4, 3), {"kernel_size": (2, 4)}, ValueError, ["(2, 4)", "(1, 1, 4, 3)"]),
    "too large, rounded up": (
        (1, 1, 4, 4), {"kernel_size": 7, "stride": 3, "ceil_mode": True}, ValueError, ["(7, 7)"],
    ),
    "an empty window": ((1, 1, 4, 4), {"kernel_size": 0}, ValueError, ["kernel_size", "0"]),
    "three sizes": (
        (1, 1, 4, 4), {"kernel_size": (1, 2, 3)}, ValueError, ["kernel_size", "(1, 2, 3)"],
    ),
    "a fraction": ((1, 1, 4, 4), {"kernel_size": 1.5}, TypeError, ["kernel_size", "1.5"]),
    "no stride": ((1, 1, 4, 4), {"stride": 0}, ValueError, ["stride", "0"]),
    "negative padding": ((1, 1, 4, 4), {"padding": -1}, ValueError, ["padding", "-1"]),
    "more padding than half a window": (
        (1, 1, 4, 4), {"kernel_size": 3, "padding": 2}, ValueError, ["padding", "2", "(3, 3)"],
    ),
    "more padding than half a window, to the sides": (
        (1, 1, 4, 4), {"padding": (0, 2)}, ValueError, ["padding", "(0, 2)", "(2, 2)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(REFUSED))
@pytest.mark.parametrize("pool", list(POOLS))
def test_what_does_not_fit(pool: str, case: str, refused: Callable[..., Any]) -> None:
    shape, options, error, words = REFUSED[case]
    with refused(error, pool, *words):
        POOLS[pool](zeros(shape), **({"kernel_size": 2} | options))


def test_options_that_only_one_of_them_has(refused: Callable[..., Any]) -> None:
    with refused(ValueError, "max_pool2d", "dilation", "0"):
        max_pool2d(zeros(1, 1, 4, 4), 2, dilation=0)
    with refused(ValueError, "max_pool2d", "padding", "half"):
        max_pool2d(zeros(1, 1, 8, 8), 3, padding=2, dilation=2)
    with refused(ValueError, "avg_pool2d", "divisor_override", "0"):
        avg_pool2d(zeros(1, 1, 4, 4), 2, divisor_override=0)


def test_a_dilated_window_that_is_too_large(refused: Callable[..., Any]) -> None:
    with refused(ValueError, "max_pool2d", "(7, 4)", "(1, 1, 6, 6)"):
        max_pool2d(zeros(1, 1, 6, 6), (3, 4), dilation=(3, 1))
