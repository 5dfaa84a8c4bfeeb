"""Where a window fits, by counting its places."""

from __future__ import annotations

from tinytorch.spatial.window import Pair


def output_size(size: int, reach: int, stride: int) -> int:
    return len(range(0, size - reach + 1, stride))


def same_padding(kernel: Pair, dilation: Pair) -> tuple[Pair, Pair]:
    (kh, kw), (dh, dw) = kernel, dilation
    height, width = dh * kh - dh, dw * kw - dw
    return (height >> 1, height + 1 >> 1), (width >> 1, width + 1 >> 1)
