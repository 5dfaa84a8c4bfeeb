"""Task 2.1 by other ways: running products, a dot product, a walk from the last dimension."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    sizes = [max(size, 1) for size in shape]
    products = list(accumulate(sizes[:0:-1], mul, initial=1))
    return tuple(products[::-1]) if sizes else ()


def flat_index(index: Sequence[int], strides: Sequence[int]) -> int:
    position = 0
    for axis in range(len(strides)):
        position += index[axis] * strides[axis]
    return position


def is_contiguous(shape: Sequence[int], strides: Sequence[int]) -> bool:
    expected = 1
    contiguous = True
    for axis in range(len(shape) - 1, -1, -1):
        if shape[axis] == 0:
            return True
        if shape[axis] > 1:
            contiguous = contiguous and strides[axis] == expected
            expected *= shape[axis]
    return contiguous
