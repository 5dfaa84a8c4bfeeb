"""Where a window stands on an image: sizes, strides, padding, dilation, and how often it fits.

A window of size k moves in steps of `stride` over an image of size n that has `before` and `after`
zeros around it. Its own elements stand `dilation` apart, so it covers d·(k − 1) + 1 places, and it
fits

    ⌊(n + before + after − d·(k − 1) − 1) / stride⌋ + 1

times. A size for height and width may be one number for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from tinytorch.tensor import Array

Size: TypeAlias = int | Sequence[int]
Pair: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """kernel, stride, dilation: (height, width). padding: ((top, bottom), (left, right))."""

    kernel: Pair
    stride: Pair = (1, 1)
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))
    dilation: Pair = (1, 1)

    @property
    def reach(self) -> Pair:
        """How many rows and columns it covers."""
        (h, w), (dh, dw) = self.kernel, self.dilation
        return dh * (h - 1) + 1, dw * (w - 1) + 1

    @property
    def is_padded(self) -> bool:
        return any(map(any, self.padding))

    def tiles(self, size: Pair) -> bool:
        """Whether each number of an image is in exactly one window."""
        whole = all(n % step == 0 for n, step in zip(size, self.stride, strict=True))
        return whole and self.kernel == self.stride == self.reach and not self.is_padded

    def padded(self, size: Pair) -> Pair:
        """The size of an image with its padding."""
        (top, bottom), (left, right) = self.padding
        return size[0] + top + bottom, size[1] + left + right

    def places(self, size: Pair) -> Pair:
        """How often it fits into an image, down and across. Below 1 it does not fit."""
        height, width = self.padded(size)
        return (
            output_size(height, self.reach[0], self.stride[0]),
            output_size(width, self.reach[1], self.stride[1]),
        )

    def pad(self, x: Array, value: float = 0) -> Array:
        """x: (N, C, H, W), in a copy with its padding; x itself where there is none."""
        if not self.is_padded:
            return x
        return np.pad(x, ((0, 0), (0, 0), *self.padding), constant_values=value)


def output_size(size: int, reach: int, stride: int) -> int:
    """How often a window that covers `reach` places fits into `size` places in steps of `stride`.

    0 where it does not fit at all.
    """
    return max(0, (size - reach) // stride + 1)


def seen_from(offset: int, size: int, stride: int, places: int) -> tuple[slice, slice]:
    """Which windows have a number of the image at a place of theirs, and which numbers these are.

    offset: of that place from the first number of the image, in the first window; below 0 it is in
    the padding. size: of the image. places: how many windows there are, in steps of `stride`.
    """
    begin = max(0, -(offset // stride))
    end = max(begin, min(places, -(-(size - offset) // stride)))
    first = begin * stride + offset
    return slice(begin, end), slice(first, first + (end - begin) * stride, stride)


def as_pair(name: str, what: str, value: Size, least: int) -> Pair:
    """(height, width) of one number or two.

    Raises TypeError for what is no integer, ValueError for more or fewer of them, or below `least`.
    """
    pair = value if isinstance(value, tuple | list) else (value, value)
    if not all(isinstance(each, int | np.integer) for each in pair):
        raise TypeError(f"{name}: {what} must be one integer or two, not {value!r}")
    if len(pair) != 2:
        raise ValueError(f"{name}: {what} must be one integer or two, not {value!r}")
    if min(pair) < least:
        raise ValueError(f"{name}: {what} must be at least {least}, not {value!r}")
    return int(pair[0]), int(pair[1])


def same_padding(kernel: Pair, dilation: Pair) -> tuple[Pair, Pair]:
    """Zeros around the image with which the window fits once for each of its places, in steps of 1.

    Where their number is odd, the one that is over comes last: below and on the right.
    """
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    (top, left) = (each // 2 for each in total)
    return (top, total[0] - top), (left, total[1] - left)


def as_padding(
    name: str, padding: Size | str, kernel: Pair, stride: Pair, dilation: Pair
) -> tuple[Pair, Pair]:
    """((top, bottom), (left, right)) of what a caller may write for `padding`."""
    if isinstance(padding, str):
        if padding == "valid":
            return (0, 0), (0, 0)
        if padding != "same":
            raise ValueError(
                f"{name}: padding must be a number, two, 'same' or 'valid', not {padding!r}"
            )
        if stride != (1, 1):
            raise ValueError(
                f"{name}: padding='same' is for stride 1; with stride {stride} the result is "
                "smaller than the image anyway"
            )
        return same_padding(kernel, dilation)
    height, width = as_pair(name, "padding", padding, 0)
    return (height, height), (width, width)
