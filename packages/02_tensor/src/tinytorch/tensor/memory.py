"""How a tensor lies in memory: one line of numbers, and the strides that make it a grid.

Memory has one dimension. A tensor has a shape, and for each dimension a stride: how many elements
to walk to reach the next index in that dimension. Element (i, j, …) lies at i·stride[0] +
j·stride[1] + … from the start. Strides here are counted in elements, as PyTorch counts them; NumPy
counts them in bytes.
"""

from __future__ import annotations

from collections.abc import Sequence


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides, in elements, of a tensor of `shape` stored row by row without gaps.

    The last dimension has stride 1; each other one has the next dimension's stride times its size.
    Sizes of 0 count as 1, as in PyTorch. `contiguous_strides((2, 3, 4)) == (12, 4, 1)`; of `()` it
    is `()`.
    """
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def flat_index(index: Sequence[int], strides: Sequence[int]) -> int:
    """Where the element at `index` lies, in elements from the start: the sum of index times stride.

    `flat_index((1, 2), (3, 1)) == 5`. `index` and `strides` have the same length; of `()` it is 0.
    """
    return sum(i * stride for i, stride in zip(index, strides, strict=True))


def is_contiguous(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether a tensor of `shape` with `strides` (in elements) lies row by row without gaps.

    The stride of a dimension of size 1 does not matter: nobody ever takes that step. A tensor
    without elements is contiguous.
    """
    if 0 in shape:
        return True
    return all(
        size == 1 or stride == wanted
        for size, stride, wanted in zip(shape, strides, contiguous_strides(shape), strict=True)
    )
