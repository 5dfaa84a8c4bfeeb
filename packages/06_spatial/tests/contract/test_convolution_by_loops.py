"""Task 6.2: convolution by its definition. The images are small: seven loops take their time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.spatial import conv2d
from tinytorch.tensor import Tensor, tensor


def test_by_hand(assert_tensor: Callable[..., None]) -> None:
    x = tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    weight = tensor([[[[1.0, 10.0], [100.0, 1000.0]]]])
    with conv2d.using("loops"):
        found = conv2d(x, weight)
    expected = np.array([[[[5421, 6532], [8754, 9865]]]], np.float32)
    assert_tensor(found, expected, "1·w00 + 2·w01 + 4·w10 + 5·w11, and so on")


@pytest.mark.parametrize(
    ("x", "weight"),
    [
        ((1, 1, 4, 4), (1, 1, 3, 3)),
        ((2, 3, 4, 5), (4, 3, 2, 3)),
        ((3, 4, 5), (2, 3, 3, 2)),
        ((2, 3, 3, 2), (4, 3, 1, 1)),
        ((2, 2, 3, 4), (2, 2, 3, 4)),
        ((1, 2, 1, 5), (3, 2, 1, 3)),
        ((0, 2, 4, 4), (3, 2, 3, 3)),
        ((1, 1, 1, 1), (1, 1, 1, 1)),
        ((1, 0, 3, 3), (2, 0, 2, 2)),
    ],
    ids=[
        "one channel",
        "several channels",
        "one image alone",
        "a 1×1 window",
        "a window as large as the image",
        "one row",
        "no image",
        "a single number",
        "no channel",
    ],
)
@pytest.mark.parametrize("with_bias", [True, False])
def test_shapes(
    x: tuple[int, ...],
    weight: tuple[int, ...],
    with_bias: bool,
    drawn: Callable[..., Any],
    check_convolution: Callable[..., None],
) -> None:
    bias = drawn(weight[0], seed=3) if with_bias else None
    check_convolution("loops", drawn(*x, seed=1), drawn(*weight, seed=2), bias)


@pytest.mark.parametrize(
    "options",
    [
        {"stride": 2},
        {"stride": (1, 3)},
        {"stride": (3, 2)},
        {"padding": 1},
        {"padding": (2, 0)},
        {"padding": "same"},
        {"dilation": 2},
        {"dilation": (3, 1)},
        {"dilation": (1, 2)},
        {"stride": 2, "padding": (1, 2), "dilation": (2, 1)},
    ],
    ids=str,
)
def test_stride_padding_dilation(
    options: dict[str, Any], drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    check_convolution("loops", drawn(2, 2, 7, 6), drawn(3, 2, 3, 2, seed=1), **options)


@pytest.mark.parametrize(
    ("channels", "outputs", "groups"), [(4, 4, 2), (4, 6, 2), (6, 3, 3), (3, 3, 3), (2, 6, 2)]
)
def test_groups(
    channels: int,
    outputs: int,
    groups: int,
    drawn: Callable[..., Any],
    check_convolution: Callable[..., None],
) -> None:
    weight = drawn(outputs, channels // groups, 2, 2, seed=1)
    check_convolution("loops", drawn(2, channels, 4, 3), weight, groups=groups)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtypes(
    dtype: str, drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    x, weight = drawn(2, 2, 4, 4, dtype=dtype), drawn(3, 2, 2, 2, seed=1, dtype=dtype)
    check_convolution("loops", x, weight, drawn(3, seed=2, dtype=dtype), padding=1)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    st.tuples(st.integers(0, 2), st.integers(1, 2), st.integers(1, 2), st.integers(1, 2)),
    st.tuples(*[st.integers(1, 3)] * 2),
    st.tuples(*[st.integers(0, 3)] * 2),
    st.tuples(*[st.integers(1, 3)] * 2),
    st.tuples(*[st.integers(1, 2)] * 2),
    st.integers(0, 99),
)
def test_any_window(
    drawn: Callable[..., Any],
    check_convolution: Callable[..., None],
    counts: tuple[int, int, int, int],
    window: tuple[int, int],
    room: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    seed: int,
) -> None:
    batch, groups, inner, outer = counts
    size = [d * (k - 1) + 1 + more for k, d, more in zip(window, dilation, room, strict=True)]
    x = drawn(batch, groups * inner, *size, seed=seed)
    weight = drawn(groups * outer, inner, *window, seed=seed + 1)
    check_convolution("loops", x, weight, stride=stride, dilation=dilation, groups=groups)


def test_nan_and_infinity_stay_where_they_are_seen(
    drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    x, weight = np.abs(drawn(1, 1, 5, 5)) + 0.1, np.abs(drawn(1, 1, 2, 2, seed=1)) + 0.1
    x[0, 0, 0, 0], x[0, 0, 4, 4] = np.nan, np.inf
    check_convolution("loops", x, weight)


def test_memory_in_another_order(
    drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    channels_last = Tensor(drawn(2, 4, 4, 3)).permute(0, 3, 1, 2)
    backwards = Tensor(drawn(2, 2, 3, 2)).permute(3, 2, 1, 0)
    check_convolution("loops", channels_last, backwards)
