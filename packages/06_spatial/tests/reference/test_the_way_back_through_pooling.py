"""Where the gradient of max_pool2d goes: windows that tile the image have a shorter way."""

from typing import Any

import numpy as np
import pytest

from tinytorch.spatial import max_pool2d
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import gradients_of

Array = np.ndarray[Any, Any]


def draw(kind: str, shape: tuple[int, ...]) -> Array:
    """Numbers of which many are equal, or nan, or as small as the padding."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, shape).astype(np.float32)
    if kind == "nan":
        x[rng.random(shape) < 0.2] = np.nan
    if kind == "lowest":
        x[rng.random(shape) < 0.6] = -np.inf
    return x


def first_of_the_largest(window: Array) -> tuple[int, int]:
    """Row by row; nan is the largest."""
    found = np.flatnonzero(np.isnan(window)) if np.isnan(window).any() else [np.argmax(window)]
    row, column = divmod(int(found[0]), window.shape[1])
    return row, column


def by_windows(g: Array, x: Array, kernel: tuple[int, int], stride: tuple[int, int]) -> Array:
    back = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*g.shape):
        top, left = i * stride[0], j * stride[1]
        row, column = first_of_the_largest(x[n, c, top : top + kernel[0], left : left + kernel[1]])
        back[n, c, top + row, left + column] += g[n, c, i, j]
    return back


def channels_last(x: Array) -> Array:
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def backward(g: Array, x: Array, **options: Any) -> Array:
    out = max_pool2d(Tensor(x), **options).numpy()
    (found,) = gradients_of(max_pool2d, (True,), [x], options, [out], (), g)
    return np.asarray(found)


@pytest.mark.parametrize("kind", ["ties", "nan", "lowest"])
@pytest.mark.parametrize("memory", ["rows", "channels last", "mixed"])
@pytest.mark.parametrize(
    ("kernel", "stride"),
    [((2, 2), (2, 2)), ((3, 2), (3, 2)), ((2, 3), (2, 2)), ((2, 2), (4, 2)), ((5, 4), (5, 4))],
)
def test_to_the_first_of_the_largest(
    kind: str, memory: str, kernel: tuple[int, int], stride: tuple[int, int]
) -> None:
    x = draw(kind, (2, 3, 12, 12))
    out = max_pool2d(Tensor(x), kernel_size=kernel, stride=stride)
    g = np.random.default_rng(1).integers(1, 9, out.shape).astype(np.float32)
    expected = by_windows(g, x, kernel, stride)
    x = x if memory == "rows" else channels_last(x)
    g = channels_last(g) if memory == "channels last" else g
    found = backward(g, x, kernel_size=kernel, stride=stride)
    np.testing.assert_array_equal(found, expected)
    assert found.strides == x.strides


def test_to_no_padding() -> None:
    x = np.full((1, 1, 4, 4), -np.inf, np.float32)
    found = backward(np.ones((1, 1, 3, 3), np.float32), x, kernel_size=2, padding=1)
    assert found.sum() == 9


@pytest.mark.parametrize("shape", [(0, 2, 4, 4), (2, 0, 4, 4), (3, 4, 4)])
def test_of_any_shape(shape: tuple[int, ...]) -> None:
    x = np.zeros(shape, np.float32)
    g = np.ones((*shape[:-2], 2, 2), np.float32)
    found = backward(g, x, kernel_size=2)
    assert found.shape == shape
    assert found.sum() == g.sum()
