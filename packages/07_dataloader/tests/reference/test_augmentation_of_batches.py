"""Transforms of a whole batch against the same transforms image by image, with the same draws."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.dataloader import Compose, Normalize, RandomCrop, RandomHorizontalFlip, ToFloat


@given(
    count=st.integers(0, 6),
    height=st.integers(1, 7),
    width=st.integers(1, 7),
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    data=st.data(),
)
@settings(max_examples=80, deadline=None)
def test_crops_by_the_definition(
    count: int, height: int, width: int, padding: tuple[int, int], data: Any
) -> None:
    across, down = padding
    size = (
        data.draw(st.integers(1, height + 2 * down)),
        data.draw(st.integers(1, width + 2 * across)),
    )
    images = np.random.default_rng(0).random((count, 2, height, width))
    found = RandomCrop(size, padding)(images, np.random.default_rng(1))
    draws = np.random.default_rng(1)
    tops = draws.integers(height + 2 * down - size[0] + 1, size=count)
    lefts = draws.integers(width + 2 * across - size[1] + 1, size=count)
    padded = np.pad(images, ((0, 0), (0, 0), (down, down), (across, across)))
    expected = [
        image[:, top : top + size[0], left : left + size[1]]
        for image, top, left in zip(padded, tops, lefts, strict=True)
    ]
    assert np.array_equal(found, np.reshape(expected, (count, 2, *size)))


@pytest.mark.parametrize("shape", [(3, 8, 8), (5, 3, 8, 8)])
def test_results_lie_in_order_in_memory(shape: tuple[int, ...]) -> None:
    """What comes behind (a convolution) should not have to copy."""
    images = np.zeros(shape, np.uint8)
    transform = Compose([RandomHorizontalFlip(), RandomCrop(8, 2), ToFloat(), Normalize(0, 1)])
    assert transform(images, np.random.default_rng(0)).flags.c_contiguous
