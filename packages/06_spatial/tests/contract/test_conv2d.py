"""What is given of `conv2d`: its kernels agree, its gradient rule holds, and what it refuses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.spatial import conv2d
from tinytorch.tensor import Tensor, zeros
from tinytorch.tensor.testing import check_rule

Array = np.ndarray[Any, Any]
KERNELS = ["loops", "im2col", "fast"]

CASES: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "plain": ((2, 3, 5, 6), (4, 3, 3, 2), {}),
    "one image alone": ((3, 5, 6), (4, 3, 3, 2), {}),
    "no image": ((0, 3, 5, 6), (4, 3, 3, 2), {}),
    "no channel": ((2, 0, 3, 3), (2, 0, 2, 2), {}),
    "no output": ((2, 2, 3, 3), (0, 2, 2, 2), {}),
    "a 1×1 window": ((2, 3, 3, 2), (4, 3, 1, 1), {}),
    "as large as the image": ((2, 2, 3, 4), (2, 2, 3, 4), {}),
    "stride": ((2, 2, 5, 6), (2, 2, 2, 3), {"stride": (2, 1)}),
    "stride beyond the window": ((2, 2, 7, 8), (2, 2, 2, 2), {"stride": (3, 4)}),
    "padding": ((2, 2, 3, 4), (2, 2, 3, 3), {"padding": (1, 2)}),
    "padding beyond the window": ((1, 1, 2, 2), (1, 1, 2, 2), {"padding": 3}),
    "padding beyond the image": ((1, 2, 1, 2), (2, 2, 7, 5), {"padding": (4, 3)}),
    "same": ((2, 2, 4, 3), (2, 2, 2, 4), {"padding": "same"}),
    "valid": ((2, 2, 4, 3), (2, 2, 2, 2), {"padding": "valid"}),
    "dilation": ((2, 2, 6, 5), (2, 2, 2, 3), {"dilation": 2}),
    "dilated rows": ((2, 2, 6, 5), (2, 2, 2, 3), {"dilation": (3, 1)}),
    "dilated columns": ((2, 2, 4, 6), (2, 2, 2, 2), {"dilation": (1, 3)}),
    "groups": ((2, 4, 4, 3), (6, 2, 2, 2), {"groups": 2}),
    "depthwise": ((2, 3, 4, 3), (3, 1, 2, 2), {"groups": 3, "padding": 1}),
    "all": (
        (2, 4, 7, 6), (4, 2, 3, 2), {"stride": 2, "padding": 1, "dilation": (2, 1), "groups": 2},
    ),
}  # fmt: skip


def test_its_kernels() -> None:
    assert sorted(conv2d.kernels) == sorted(KERNELS)
    assert conv2d.inputs == ("x", "weight", "bias")
    assert conv2d.attributes == ("stride", "padding", "dilation", "groups")


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("with_bias", [True, False])
def test_the_fast_kernel(
    case: str,
    with_bias: bool,
    drawn: Callable[..., Array],
    check_convolution: Callable[..., None],
) -> None:
    x, weight, options = CASES[case]
    bias = drawn(weight[0], seed=3) if with_bias else None
    check_convolution("fast", drawn(*x, seed=1), drawn(*weight, seed=2), bias, **options)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(*[st.integers(1, 4)] * 2),
    st.tuples(*[st.integers(0, 5)] * 2),
    st.tuples(*[st.integers(1, 4)] * 2),
    st.tuples(*[st.integers(1, 3)] * 2),
    st.tuples(*[st.integers(0, 3)] * 2),
    st.integers(0, 99),
)
def test_the_fast_kernel_with_any_window(
    drawn: Callable[..., Array],
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
    check_convolution("fast", x, weight, **options)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_fast_kernel_in_any_dtype(
    dtype: str, drawn: Callable[..., Array], check_convolution: Callable[..., None]
) -> None:
    x, weight = drawn(2, 2, 6, 6, dtype=dtype), drawn(3, 2, 3, 3, seed=1, dtype=dtype)
    check_convolution("fast", x, weight, drawn(3, seed=2, dtype=dtype), padding=1)


@pytest.mark.parametrize("case", list(CASES))
def test_gradients_of_the_fast_kernel(case: str, drawn: Callable[..., Array]) -> None:
    x, weight, options = CASES[case]
    with conv2d.using("fast"):
        check_rule(conv2d, drawn(*x, seed=1), drawn(*weight, seed=2), drawn(weight[0]), **options)


@pytest.mark.parametrize("case", ["one image alone", "no image", "as large as the image", "same"])
def test_gradients_of_the_loops(case: str, drawn: Callable[..., Array]) -> None:
    """A few, since central differences run the loops twice for each number."""
    x, weight, options = CASES[case]
    with conv2d.using("loops"):
        check_rule(conv2d, drawn(*x, seed=1), drawn(*weight, seed=2), **options)


@pytest.mark.parametrize("kernel", KERNELS)
def test_dtypes_meet_in_the_wider_one(
    kernel: str, drawn: Callable[..., Array], assert_tensor: Callable[..., None]
) -> None:
    weight = np.ones((1, 1, 2, 2))
    x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    expected = np.array([[[[8, 12], [20, 24]]]], np.float64)
    with conv2d.using(kernel):
        assert_tensor(conv2d(Tensor(x), Tensor(weight)), expected, "float32 with float64")
        whole = Tensor(x.astype(np.int64))
        single = Tensor(weight.astype(np.float32))
        assert_tensor(conv2d(whole, single), expected.astype(np.float32), "int64 with float32")


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_result_has_memory_of_its_own(kernel: str, drawn: Callable[..., Array]) -> None:
    x, weight = Tensor(drawn(1, 1, 3, 3)), Tensor(np.ones((1, 1, 1, 1)))
    before = np.array(x.numpy())
    with conv2d.using(kernel):
        conv2d(x, weight).fill_(7)
    np.testing.assert_array_equal(x.numpy(), before, "writing to the result changed the input")
    np.testing.assert_array_equal(weight.numpy(), np.ones((1, 1, 1, 1)))


@pytest.mark.parametrize("kernel", KERNELS)
def test_options_by_position(
    kernel: str,
    drawn: Callable[..., Array],
    convolved: Callable[..., Array],
    assert_tensor: Callable[..., None],
) -> None:
    x, weight, bias = drawn(1, 2, 6, 5), drawn(2, 1, 2, 2, seed=1), drawn(2, seed=2)
    with conv2d.using(kernel):
        found = conv2d(Tensor(x), Tensor(weight), Tensor(bias), 2, 1, (2, 1), 2)
    expected = convolved(x, weight, bias, stride=2, padding=1, dilation=(2, 1), groups=2)
    assert_tensor(found, expected, "conv2d(x, weight, bias, stride, padding, dilation, groups)")


REFUSED: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any], list[str]]] = {
    "an image without channels": ((4, 4), (1, 1, 3, 3), {}, ["(4, 4)", "(N, C, H, W)"]),
    "five dimensions": ((1, 1, 1, 4, 4), (1, 1, 3, 3), {}, ["(1, 1, 1, 4, 4)"]),
    "an empty image": ((1, 1, 0, 4), (1, 1, 1, 1), {}, ["(1, 1, 0, 4)"]),
    "a weight of three dimensions": ((1, 1, 4, 4), (1, 3, 3), {}, ["(1, 3, 3)", "height"]),
    "an empty window": ((1, 1, 4, 4), (1, 1, 0, 3), {}, ["window", "(0, 3)"]),
    "other channels": ((1, 3, 4, 4), (2, 4, 3, 3), {}, ["(1, 3, 4, 4)", "(2, 4, 3, 3)", "(2, 3,"]),
    "channels of a group": (
        (1, 4, 4, 4), (2, 4, 3, 3), {"groups": 2}, ["(1, 4, 4, 4)", "(2, 4, 3, 3)", "(2, 2,"],
    ),
    "groups of the input": ((1, 3, 4, 4), (2, 1, 3, 3), {"groups": 2}, ["groups=2", "3"]),
    "groups of the output": ((1, 4, 4, 4), (3, 2, 3, 3), {"groups": 2}, ["groups=2", "3"]),
    "no groups": ((1, 3, 4, 4), (2, 3, 3, 3), {"groups": 0}, ["groups=0"]),
    "too large": ((1, 1, 4, 2), (1, 1, 3, 3), {}, ["(3, 3)", "(4, 2)"]),
    "too large when dilated": (
        (1, 1, 4, 4), (1, 1, 3, 3), {"dilation": (2, 1)}, ["(5, 3)", "(4, 4)"],
    ),
    "too large with padding": ((1, 1, 2, 2), (1, 1, 5, 5), {"padding": 1}, ["(5, 5)", "(4, 4)"]),
    "no stride": ((1, 1, 4, 4), (1, 1, 3, 3), {"stride": 0}, ["stride", "0"]),
    "three strides": ((1, 1, 4, 4), (1, 1, 3, 3), {"stride": (1, 1, 1)}, ["stride", "(1, 1, 1)"]),
    "no dilation": ((1, 1, 4, 4), (1, 1, 3, 3), {"dilation": (1, 0)}, ["dilation", "(1, 0)"]),
    "negative padding": ((1, 1, 4, 4), (1, 1, 3, 3), {"padding": -1}, ["padding", "-1"]),
    "unknown padding": (
        (1, 1, 4, 4), (1, 1, 3, 3), {"padding": "full"}, ["padding", "'full'", "'same'"],
    ),
    "same with strides": (
        (1, 1, 4, 4), (1, 1, 3, 3), {"padding": "same", "stride": 2}, ["'same'", "stride"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_does_not_fit(case: str, refused: Callable[..., Any]) -> None:
    x, weight, options, words = REFUSED[case]
    with refused(ValueError, "conv2d", *words):
        conv2d(zeros(x), zeros(weight), **options)


@pytest.mark.parametrize("bias", [(3,), (2, 1), (1,), ()], ids=str)
def test_a_bias_of_another_shape(bias: tuple[int, ...], refused: Callable[..., Any]) -> None:
    with refused(ValueError, "conv2d", str(bias), "(2, 1, 3, 3)", "(2,)"):
        conv2d(zeros(1, 1, 4, 4), zeros(2, 1, 3, 3), zeros(bias))


def test_integers_are_refused(refused: Callable[..., Any]) -> None:
    whole = Tensor(np.ones((1, 1, 2, 2), np.int64))
    with refused(TypeError, "conv2d", "int64", ".float()"):
        conv2d(whole, whole)
    with refused(TypeError, "conv2d", "stride", "1.5"):
        conv2d(zeros(1, 1, 4, 4), zeros(1, 1, 2, 2), stride=1.5)
