"""The fast kernel: the same numbers as the others, a few images at a time, channels last."""

import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from tinytorch.spatial import AvgPool2d, Conv2d, MaxPool2d, conv2d, fast, gradients
from tinytorch.spatial.columns import Columns
from tinytorch.spatial.convolution import DEFAULT_KERNEL, window_of
from tinytorch.spatial.strips import Strips
from tinytorch.tensor import Tensor

Array = np.ndarray[Any, Any]


class Case(NamedTuple):
    x: Array
    weight: Array
    options: dict[str, Any]


def case(seed: int) -> Case:
    """A convolution drawn at random: sizes, strides, padding, dilation, groups, memory order."""
    rng = np.random.default_rng(seed)

    def pair(low: int, high: int) -> tuple[int, int]:
        return int(rng.integers(low, high)), int(rng.integers(low, high))

    window, dilation, padding = pair(1, 6), pair(1, 3), pair(0, 4)
    groups, inner, outer = (int(n) for n in rng.integers(1, 4, 3))
    reach = [d * (k - 1) + 1 for k, d in zip(window, dilation, strict=True)]
    size = [
        max(1, r - 2 * p) + int(rng.integers(0, 9)) for r, p in zip(reach, padding, strict=True)
    ]
    x = rng.standard_normal((int(rng.integers(1, 6)), *size, groups * inner)).transpose(0, 3, 1, 2)
    if seed % 2:
        x = np.ascontiguousarray(x)
    weight = rng.standard_normal((groups * outer, inner, *window))
    options = {
        "stride": pair(1, 4),
        "padding": padding,
        "dilation": dilation if seed % 3 else 1,
        "groups": groups,
    }
    return Case(x, weight, options)


def by(kernel: str, x: Array, weight: Array, **options: Any) -> Array:
    return conv2d.kernels[kernel](x, weight, **options)


def gradients_by(way: Any, g: Array, x: Array, weight: Array, **options: Any) -> list[Array]:
    window = window_of(weight, options["stride"], options["padding"], options["dilation"])
    groups = options["groups"]
    return [
        way.input_gradient(g, weight, x.shape, window, groups),
        way.weight_gradient(g, x, weight.shape, window, groups),
    ]


def compare(chosen: Case) -> None:
    x, weight, options = chosen
    found = by("fast", x, weight, **options)
    np.testing.assert_allclose(found, by("im2col", x, weight, **options), atol=1e-11)
    g = np.random.default_rng(1).standard_normal(found.shape)
    for ours, theirs in zip(
        gradients_by(fast, g, x, weight, **options),
        gradients_by(gradients, g, x, weight, **options),
        strict=True,
    ):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


def test_it_is_the_default() -> None:
    assert DEFAULT_KERNEL == conv2d.kernel == "fast"


EITHER = pytest.mark.parametrize("way", ["chosen", "strips", "columns"])
"""Strips or columns, whichever suits the channels; always one of them, where it can be."""


def go(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way != "chosen":
        monkeypatch.setattr(fast, "FEW", {"strips": 0, "columns": 10**9}[way])


def windows(x: Array, weight: Array, **options: Any) -> Strips | Columns:
    window = window_of(weight, options["stride"], options["padding"], options["dilation"])
    return fast.windows_of(x, window)


ONE_STEP: dict[str, Any] = {"stride": 1, "padding": 1, "dilation": 1}


@pytest.mark.parametrize("channels", [3, 6, 7, 64])
def test_few_channels_go_by_columns(channels: int) -> None:
    x, weight = np.ones((1, channels, 4, 4)), np.ones((1, channels, 3, 3))
    few = channels * 3 <= fast.FEW
    assert isinstance(windows(x, weight, **ONE_STEP), Columns if few else Strips)
    assert isinstance(windows(x, weight, **ONE_STEP | {"dilation": 2}), Columns)


@EITHER
@pytest.mark.parametrize("first", range(0, 400, 50))
def test_the_same_numbers_as_by_columns(
    first: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(way, monkeypatch)
    for seed in range(first, first + 50):
        compare(case(seed))


@EITHER
@pytest.mark.parametrize("kilobytes", [0, 1, 4, 16, 64])
def test_wherever_the_batch_is_cut(
    kilobytes: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With few bytes at a time, one image or two; the last strip is often not full."""
    go(way, monkeypatch)
    monkeypatch.setattr(fast, "BYTES_AT_A_TIME", kilobytes * 1024)
    for seed in range(60):
        compare(case(seed))


@pytest.mark.parametrize("way", ["strips", "columns"])
@pytest.mark.parametrize("batch", [1, 2, 3, 4, 5, 7])
def test_a_last_part_that_is_not_full(
    batch: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(way, monkeypatch)
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((batch, 2, 6, 6)), rng.standard_normal((3, 2, 3, 3))
    of_one = windows(x[:1], weight, **ONE_STEP)
    size = (of_one.strips if isinstance(of_one, Strips) else of_one.memory).nbytes
    for several in (1, 2, 3):
        monkeypatch.setattr(fast, "BYTES_AT_A_TIME", several * size)
        assert windows(x, weight, **ONE_STEP).images_at_a_time == min(several, batch)
        compare(Case(x, weight, ONE_STEP | {"groups": 1}))


@EITHER
@pytest.mark.parametrize("padding", [(2, 2), (2, 0), (0, 2), (5, 5)])
@pytest.mark.parametrize("window", [(1, 1), (3, 3), (2, 6)])
def test_what_came_before_leaves_no_trace_in_the_padding(
    window: tuple[int, int], padding: tuple[int, int], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Padding is written once, when a strip is made, and the rows of an image share it."""
    go(way, monkeypatch)
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((1, 1, *window))
    monkeypatch.setattr(fast, "BYTES_AT_A_TIME", 1 << 14)
    x = rng.standard_normal((100, 1, 6, 6))
    compare(Case(x, weight, ONE_STEP | {"padding": padding, "groups": 1}))


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("groups", [1, 2])
def test_the_result_lies_channels_last(padding: int, groups: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 4, 6, 5))
    weight = np.ones((6, 4 // groups, 3, 3))
    for memory in (x, np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)):
        out = by("fast", memory, weight, padding=padding, groups=groups)
        assert out.transpose(0, 2, 3, 1).flags.c_contiguous
        window = window_of(weight, 1, padding, 1)
        back = fast.input_gradient(out, weight, x.shape, window, groups)
        assert back.transpose(0, 2, 3, 1).flags.c_contiguous


@pytest.mark.parametrize("pool", [lambda: MaxPool2d(2), lambda: AvgPool2d(2)], ids=["max", "avg"])
def test_pooling_and_elementwise_operations_keep_that_order(pool: Callable[[], Any]) -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((2, 4, 8, 8)))
    seen = Conv2d(4, 6, 3, padding=1, dtype="float64")(x)
    for y in (seen, seen * 2 + 1, pool()(seen), pool()(seen.exp())):
        assert y.permute(0, 2, 3, 1).is_contiguous()


def peak(run: Callable[[], Any]) -> int:
    """The most bytes that were taken at any moment of a call."""
    run()
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_no_copy_of_the_whole_batch() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((512, 16, 16, 16)).astype(np.float32)
    weight = rng.standard_normal((16, 16, 3, 3)).astype(np.float32)
    window = window_of(weight, 1, 1, 1)
    g = by("fast", x, weight, padding=1)
    room = 4 * fast.BYTES_AT_A_TIME
    assert x.nbytes > room
    assert peak(lambda: by("fast", x, weight, padding=1)) < g.nbytes + room
    assert peak(lambda: fast.input_gradient(g, weight, x.shape, window, 1)) < x.nbytes + room
    assert peak(lambda: fast.weight_gradient(g, x, weight.shape, window, 1)) < room
    assert peak(lambda: by("im2col", x, weight, padding=1)) > 9 * x.nbytes


def test_a_gradient_that_nobody_needs_is_not_computed() -> None:
    rule = conv2d.rule
    assert rule is not None
    (pull,) = rule.plan(0b010, 3).pulls
    x, weight = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    found = pull.function(np.ones((1, 1, 3, 3)), (False, True, False), x, weight, 1, 0, 1, 1)
    assert found[0] is None
    assert found[1].tolist() == [[[[9, 9], [9, 9]]]]
    assert found[2] is None
