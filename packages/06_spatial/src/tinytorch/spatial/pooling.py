"""Pooling: one number in the place of each window, channel by channel.

PyTorch's rounding: windows that would reach beyond the image are left out, or kept with
`ceil_mode`, as long as they begin inside of it or in the padding before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Array, Tensor, cat, mean, operation

from .images import as_batch, check_floating, check_images
from .window import Pair, Size, Window, as_pair


def pooled_size(
    size: int, reach: int, stride: int, before: int, after: int, ceil_mode: bool
) -> int:
    """How many windows there are along one dimension.

    size: of the image; before, after: its padding. reach: how many places a window covers. With
    `ceil_mode` a last window that reaches beyond the end counts, too, unless it would begin behind
    the image.
    """
    room = before + size + after - reach
    if not ceil_mode:
        return max(0, room // stride + 1)
    count = -(-room // stride) + 1
    if (count - 1) * stride >= size + before:
        count -= 1
    return max(0, count)


def window_for(
    name: str,
    x: Array,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    dilation: Size,
    ceil_mode: bool,
) -> tuple[Window, Pair]:
    """The window, with as much padding as its last places need, and how many places there are.

    Raises ValueError where no window fits, or where there is more padding than half a window, so
    that windows could lie in it with nothing of the image.
    """
    check_images(name, x)
    kernel = as_pair(name, "kernel_size", kernel_size, 1)
    steps = kernel if stride is None else as_pair(name, "stride", stride, 1)
    around = as_pair(name, "padding", padding, 0)
    apart = as_pair(name, "dilation", dilation, 1)
    plain = Window(kernel, steps, dilation=apart)
    places, padded = [], []
    for n, k, reach, s, p in zip(x.shape[-2:], kernel, plain.reach, steps, around, strict=True):
        if 2 * p > k:
            raise ValueError(
                f"{name}: padding {padding} is more than half of the window {kernel}: some windows "
                "would see nothing of the image"
            )
        count = pooled_size(n, reach, s, p, p, ceil_mode)
        if count < 1:
            raise ValueError(
                f"{name}: a window that covers {plain.reach} does not fit into the image {x.shape}"
            )
        places.append(count)
        padded.append((p, max(p, (count - 1) * s + reach - n - p)))
    return Window(kernel, steps, (padded[0], padded[1]), apart), (places[0], places[1])


def parts(x: Array, window: Window, places: Pair) -> Iterator[Array]:
    """For each place in the window, what all windows have there: kh·kw views (N, C, OH, OW).

    x: (N, C, H, W), with its padding.
    """
    (sh, sw), (dh, dw) = window.stride, window.dilation
    for u in range(window.kernel[0]):
        for v in range(window.kernel[1]):
            rows = slice(dh * u, dh * u + sh * (places[0] - 1) + 1, sh)
            columns = slice(dw * v, dw * v + sw * (places[1] - 1) + 1, sw)
            yield x[:, :, rows, columns]


def offering_indices(pool: Callable[..., Array]) -> Callable[..., Any]:
    """max_pool2d with one option more, which says where the largest numbers stand."""

    def max_pool2d(
        x: Array,
        *,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Array | tuple[Array, Array]:
        out = pool(
            x,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )
        if not return_indices:
            return out
        options = (kernel_size, stride, padding, dilation, ceil_mode)
        window, places = window_for("max_pool2d", x, *options)
        numbers = np.arange(x.shape[-2] * x.shape[-1]).reshape(1, 1, *x.shape[-2:])
        found = np.zeros(as_batch(out).shape, np.int64)
        for won, number in zip(
            winners(x, out, window, places), parts(window.pad(numbers), window, places), strict=True
        ):
            found += won * number
        return out, found.reshape(out.shape)

    max_pool2d.__doc__ = pool.__doc__
    return max_pool2d


@operation
@offering_indices
def max_pool2d(
    x: Array,
    *,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> Array:
    """The largest number in each window; `nan` where there is one in it.

    x: (N, C, H, W) or (C, H, W). stride: the window's size if not given. padding: with −∞. A tie's
    gradient goes to the first of the largest, row by row.

    With `return_indices=True` the result is (values, indices): where in its image, flattened, each
    of them stands.
    """
    window, places = window_for("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode)
    first, *others = parts(window.pad(as_batch(x), lowest(x.dtype)), window, places)
    out = first.copy(order="K")
    for part in others:
        np.maximum(out, part, out=out)
    return out if x.ndim == 4 else out[0]


def lowest(dtype: np.dtype[Any]) -> Any:
    """What no number of this type is below."""
    if dtype.kind == "f":
        return -np.inf
    return False if dtype.kind == "b" else np.iinfo(dtype).min


def winners(x: Array, out: Array, window: Window, places: Pair) -> Iterator[Array]:
    """For each place in the window, as `parts`: in which windows the largest number stands there,
    and not before.

    x: (N, C, H, W) or (C, H, W), without its padding. out: what max_pool2d made of it. Padding
    never wins, though its −∞ may be as large as anything.
    """
    images, largest = window.pad(as_batch(x), lowest(x.dtype)), as_batch(out)
    real = window.pad(np.ones((1, 1, *x.shape[-2:]), bool))
    has_nan = bool(np.any(largest != largest))
    waiting = np.ones_like(largest, bool)
    for part, eligible in zip(
        parts(images, window, places), parts(real, window, places), strict=True
    ):
        won = part == largest
        if has_nan:
            won |= part != part
        won &= waiting
        if window.is_padded:
            won &= eligible
        waiting ^= won
        yield won


@max_pool2d.define_fused_rule
def _(
    g: Any,
    x: Array,
    out: Any,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    dilation: Size,
    ceil_mode: bool,
    return_indices: bool,
) -> list[Array]:
    """g goes to where the largest number came from: the first place that has it."""
    if return_indices:
        (g, _), (out, _) = g, out
    window, places = window_for("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode)
    given = as_batch(in_order_of(out, g))
    wins = winners(x, out, window, places)
    if window.tiles(x.shape[-2:]):
        back = np.empty_like(as_batch(x), g.dtype)
        for won, into in zip(wins, parts(back, window, places), strict=True):
            np.multiply(given, won, out=into)
        return [back.reshape(x.shape)]
    back = np.zeros_like(window.pad(as_batch(x)), g.dtype)
    for won, into in zip(wins, parts(back, window, places), strict=True):
        into += given * won
    return [inside(back, window, x.shape)]


def in_order_of(like: Array, x: Array) -> Array:
    """x with its memory in the order of another array of its shape, so that both are walked along
    memory.
    """
    if x.strides == like.strides:
        return x
    copy = np.empty_like(like, x.dtype)
    copy[...] = x
    return copy


def inside(padded: Array, window: Window, shape: tuple[int, ...]) -> Array:
    """Of padded images, the images: in the `shape` of the input."""
    (top, _), (left, _) = window.padding
    return padded[:, :, top : top + shape[-2], left : left + shape[-1]].reshape(shape)


@operation
def avg_pool2d(
    x: Array,
    *,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """The mean of each window.

    x: (N, C, H, W) or (C, H, W), floating. stride: the window's size if not given. The padding's
    zeros count in the mean unless `count_include_pad` is False; what `ceil_mode` adds behind it
    never does. divisor_override: what to divide by in the place of the count.
    """
    check_floating("avg_pool2d", x)
    window, places = window_for("avg_pool2d", x, kernel_size, stride, padding, 1, ceil_mode)
    first, *others = parts(window.pad(as_batch(x)), window, places)
    out = first.copy(order="K")
    for part in others:
        out += part
    out /= counts(x, window, places, padding, count_include_pad, divisor_override)
    return out if x.ndim == 4 else out[0]


def counts(
    x: Array,
    window: Window,
    places: Pair,
    padding: Size,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    """How many numbers are in each window: (OH, OW)."""
    if divisor_override is not None:
        if divisor_override == 0:
            raise ValueError("avg_pool2d: divisor_override must not be 0")
        return np.full(places, divisor_override, x.dtype)
    along = []
    around = as_pair("avg_pool2d", "padding", padding, 0)
    for n, k, s, p, count in zip(
        x.shape[-2:], window.kernel, window.stride, around, places, strict=True
    ):
        begin = np.arange(count) * s - p
        end = np.minimum(begin + k, n + p)
        if not count_include_pad:
            begin, end = np.maximum(begin, 0), np.minimum(end, n)
        along.append(end - begin)
    return np.multiply.outer(*along).astype(x.dtype)


@avg_pool2d.define_fused_rule
def _(
    g: Array,
    x: Array,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> list[Array]:
    """Each number of a window has the same share in its mean."""
    window, places = window_for("avg_pool2d", x, kernel_size, stride, padding, 1, ceil_mode)
    share = g / counts(x, window, places, padding, count_include_pad, divisor_override)
    back = np.zeros_like(window.pad(as_batch(x)), g.dtype)
    for into in parts(back, window, places):
        into += share
    return [inside(back, window, x.shape)]


def adaptive_avg_pool2d(x: Tensor, output_size: Size | Sequence[int | None]) -> Tensor:
    """Means of windows chosen so that the result is (N, C, *output_size), whatever x's size is.

    x: (N, C, H, W) or (C, H, W), floating. None in `output_size` keeps that size. Output i is the
    mean of the places from ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉, for n places and m outputs.
    """
    check_images("adaptive_avg_pool2d", x)
    check_floating("adaptive_avg_pool2d", x)
    rows, columns = as_output_size(output_size)
    x = averages(x, x.shape[-2] if rows is None else rows, -2)
    return averages(x, x.shape[-1] if columns is None else columns, -1)


def averages(x: Tensor, count: int, dim: int) -> Tensor:
    """Means along one dimension, −1 or −2: x with `count` in the place of that size."""
    size = x.shape[dim]
    along = x if dim == -2 else x.mT
    means = []
    for i in range(count):
        begin, end = i * size // count, -(-(i + 1) * size // count)
        means.append(mean(along[..., begin:end, :], -2, keepdim=True))
    found = cat(means, -2)
    return found if dim == -2 else found.mT


def as_output_size(output_size: Size | Sequence[int | None]) -> tuple[int | None, int | None]:
    """(rows, columns) of what a caller may write for the size of a result."""
    given = output_size if isinstance(output_size, tuple | list) else (output_size,) * 2
    as_pair("adaptive_avg_pool2d", "output_size", [1 if n is None else n for n in given], 1)
    rows, columns = given
    return rows, columns
