"""Task 6.3: convolution as a matrix product, and the gradients that follow from it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.spatial import conv2d
from tinytorch.tensor import Tensor, tensor
from tinytorch.tensor.testing import check_rule


def test_by_hand(assert_tensor: Callable[..., None]) -> None:
    x = tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    weight = tensor([[[[1.0, 10.0], [100.0, 1000.0]]]])
    with conv2d.using("im2col"):
        found = conv2d(x, weight)
    expected = np.array([[[[5421, 6532], [8754, 9865]]]], np.float32)
    assert_tensor(found, expected, "1·w00 + 2·w01 + 4·w10 + 5·w11, and so on")


SHAPES = {
    "one channel": ((1, 1, 4, 4), (1, 1, 3, 3)),
    "several channels": ((2, 3, 7, 9), (4, 3, 2, 5)),
    "one image alone": ((3, 4, 5), (2, 3, 3, 2)),
    "a 1×1 window": ((2, 3, 3, 2), (4, 3, 1, 1)),
    "a window as large as the image": ((2, 2, 3, 4), (2, 2, 3, 4)),
    "one row": ((1, 2, 1, 5), (3, 2, 1, 3)),
    "no image": ((0, 2, 4, 4), (3, 2, 3, 3)),
    "a single number": ((1, 1, 1, 1), (1, 1, 1, 1)),
    "no channel": ((1, 0, 3, 3), (2, 0, 2, 2)),
    "no output": ((1, 2, 3, 3), (0, 2, 2, 2)),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "stride": {"stride": 2},
    "strides": {"stride": (1, 3)},
    "stride beyond the window": {"stride": (4, 3)},
    "padding": {"padding": 1},
    "paddings": {"padding": (3, 0)},
    "same": {"padding": "same"},
    "same and dilated": {"padding": "same", "dilation": (2, 3)},
    "valid": {"padding": "valid"},
    "dilation": {"dilation": 2},
    "dilated rows": {"dilation": (3, 1)},
    "dilated columns": {"dilation": (1, 3)},
    "all": {"stride": (2, 3), "padding": (1, 2), "dilation": (2, 1)},
}
GROUPS = {
    "two": (4, 4, 2),
    "more outputs": (4, 6, 2),
    "fewer outputs": (6, 3, 3),
    "depthwise": (3, 3, 3),
    "depthwise, two each": (2, 4, 2),
}


@pytest.mark.parametrize("shapes", list(SHAPES))
@pytest.mark.parametrize("with_bias", [True, False])
def test_shapes(
    shapes: str,
    with_bias: bool,
    drawn: Callable[..., Any],
    check_convolution: Callable[..., None],
) -> None:
    x, weight = SHAPES[shapes]
    bias = drawn(weight[0], seed=3) if with_bias else None
    check_convolution("im2col", drawn(*x, seed=1), drawn(*weight, seed=2), bias)


@pytest.mark.parametrize("options", list(OPTIONS))
def test_stride_padding_dilation(
    options: str, drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    x, weight = drawn(2, 2, 9, 8), drawn(3, 2, 3, 2, seed=1)
    check_convolution("im2col", x, weight, **OPTIONS[options])


@pytest.mark.parametrize("groups", list(GROUPS))
def test_groups(
    groups: str, drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    channels, outputs, count = GROUPS[groups]
    weight = drawn(outputs, channels // count, 3, 2, seed=1)
    bias = drawn(outputs, seed=2)
    check_convolution("im2col", drawn(2, channels, 6, 5), weight, bias, groups=count)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtypes(
    dtype: str, drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    x, weight = drawn(2, 2, 6, 6, dtype=dtype), drawn(3, 2, 3, 3, seed=1, dtype=dtype)
    check_convolution("im2col", x, weight, drawn(3, seed=2, dtype=dtype), padding=1)


def of_any_memory() -> dict[str, Tensor]:
    x = Tensor(np.random.default_rng(5).standard_normal((2, 4, 8, 6)))
    return {
        "channels last": Tensor(np.random.default_rng(5).standard_normal((2, 8, 6, 4))).permute(
            0, 3, 1, 2
        ),
        "rows and columns exchanged": x.mT,
        "every second row": x[:, :, ::2],
        "every second column": x[..., ::2],
        "a window of a larger image": x[..., 2:7, 1:5],
        "some channels": Tensor(np.random.default_rng(5).standard_normal((2, 8, 6, 6)))[:, 1:8:2],
        "backwards": Tensor(x.numpy()[:, :, ::-1, ::-1]),
        "one image for the whole batch": x[:1].broadcast_to(3, 4, 8, 6),
    }


@pytest.mark.parametrize("memory", list(of_any_memory()))
def test_any_memory(
    memory: str, drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    x = of_any_memory()[memory]
    weight = Tensor(drawn(2, 3, 4, 3, seed=1)).permute(1, 2, 0, 3)
    check_convolution("im2col", x, weight, padding=(0, 1))


@settings(derandomize=True, max_examples=50, deadline=None)
@given(
    st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(*[st.integers(1, 4)] * 2),
    st.tuples(*[st.integers(0, 5)] * 2),
    st.tuples(*[st.integers(1, 4)] * 2),
    st.tuples(*[st.integers(1, 3)] * 2),
    st.tuples(*[st.integers(0, 3)] * 2),
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
    padding: tuple[int, int],
    seed: int,
) -> None:
    batch, groups, inner, outer = counts
    size = [d * (k - 1) + 1 + more for k, d, more in zip(window, dilation, room, strict=True)]
    x = drawn(batch, groups * inner, *size, seed=seed)
    weight = drawn(groups * outer, inner, *window, seed=seed + 1)
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    check_convolution("im2col", x, weight, **options)


def test_nan_and_infinity_stay_where_they_are_seen(
    drawn: Callable[..., Any], check_convolution: Callable[..., None]
) -> None:
    x, weight = np.abs(drawn(1, 1, 6, 6)) + 0.1, np.abs(drawn(1, 1, 2, 2, seed=1)) + 0.1
    x[0, 0, 0, 0], x[0, 0, 5, 5] = np.nan, np.inf
    check_convolution("im2col", x, weight)


# The gradients: they are given, and stand on windows and im2col


@pytest.mark.parametrize("options", list(OPTIONS))
def test_gradients_with_options(options: str, drawn: Callable[..., Any]) -> None:
    with conv2d.using("im2col"):
        check_rule(
            conv2d, drawn(2, 2, 9, 6), drawn(2, 2, 3, 2, seed=1), drawn(2), **OPTIONS[options]
        )


@pytest.mark.parametrize("shapes", list(SHAPES))
def test_gradients_of_shapes(shapes: str, drawn: Callable[..., Any]) -> None:
    x, weight = SHAPES[shapes]
    with conv2d.using("im2col"):
        check_rule(conv2d, drawn(*x, seed=1), drawn(*weight, seed=2))


@pytest.mark.parametrize("groups", list(GROUPS))
def test_gradients_of_groups(groups: str, drawn: Callable[..., Any]) -> None:
    channels, outputs, count = GROUPS[groups]
    weight = drawn(outputs, channels // count, 2, 2, seed=1)
    with conv2d.using("im2col"):
        check_rule(conv2d, drawn(2, channels, 4, 3), weight, drawn(outputs), groups=count)


def test_gradients_in_any_memory(drawn: Callable[..., Any]) -> None:
    x = drawn(2, 5, 4, 3).transpose(0, 3, 1, 2)
    with conv2d.using("im2col"):
        check_rule(conv2d, x, drawn(2, 3, 2, 2, seed=1))
