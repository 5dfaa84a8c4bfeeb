"""Task 6.1: how often a window fits, and how much padding makes it fit everywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.spatial import output_size, same_padding

bounded = settings(derandomize=True, max_examples=100, deadline=None)


def fitted(size: int, reach: int, stride: int) -> int:
    """Every place is tried."""
    return sum(start % stride == 0 and start + reach <= size for start in range(size))


def expect_size(size: int, reach: int, stride: int, expected: int) -> None:
    found = output_size(size, reach, stride)
    assert found == expected, (
        f"a window of {reach} fits into {size} places {expected} times in steps of {stride}; "
        f"output_size({size}, {reach}, {stride}) says {found}"
    )


@pytest.mark.parametrize(
    ("size", "reach", "stride", "expected"),
    [
        (5, 3, 1, 3),
        (5, 3, 2, 2),
        (6, 3, 2, 2),
        (7, 3, 2, 3),
        (32, 5, 1, 28),
        (224, 7, 2, 109),
        (4, 4, 1, 1),
        (4, 4, 9, 1),
        (1, 1, 1, 1),
        (7, 1, 3, 3),
    ],
)
def test_how_often_it_fits(size: int, reach: int, stride: int, expected: int) -> None:
    expect_size(size, reach, stride, expected)


@pytest.mark.parametrize(
    ("size", "reach", "stride"), [(2, 3, 1), (2, 3, 5), (1, 9, 1), (1, 9, 2), (0, 1, 1), (3, 9, 2)]
)
def test_a_window_that_is_too_large_fits_no_time(size: int, reach: int, stride: int) -> None:
    expect_size(size, reach, stride, 0)


@bounded
@given(st.integers(0, 30), st.integers(1, 12), st.integers(1, 7))
def test_as_often_as_there_are_places_for_it(size: int, reach: int, stride: int) -> None:
    expect_size(size, reach, stride, fitted(size, reach, stride))


def test_sizes_drawn_at_random() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        size, reach, stride = (int(n) for n in rng.integers((100, 1, 1), (400, 90, 20)))
        expect_size(size, reach, stride, fitted(size, reach, stride))


def expect_padding(kernel: tuple[int, int], dilation: tuple[int, int], expected: object) -> None:
    found = same_padding(kernel, dilation)
    assert found == expected, (
        f"a window {kernel} with dilation {dilation} needs the padding {expected}, "
        f"((top, bottom), (left, right)); same_padding says {found}"
    )


@pytest.mark.parametrize(
    ("kernel", "dilation", "expected"),
    [
        ((3, 3), (1, 1), ((1, 1), (1, 1))),
        ((1, 1), (1, 1), ((0, 0), (0, 0))),
        ((1, 1), (4, 4), ((0, 0), (0, 0))),
        ((5, 3), (1, 1), ((2, 2), (1, 1))),
        ((3, 5), (2, 3), ((2, 2), (6, 6))),
        ((2, 4), (1, 1), ((0, 1), (1, 2))),
        ((4, 2), (1, 2), ((1, 2), (1, 1))),
        ((2, 2), (3, 5), ((1, 2), (2, 3))),
    ],
)
def test_padding_by_hand(
    kernel: tuple[int, int], dilation: tuple[int, int], expected: object
) -> None:
    expect_padding(kernel, dilation, expected)


@bounded
@given(*[st.integers(1, 8)] * 2, *[st.integers(1, 5)] * 2)
def test_the_result_is_as_large_as_the_image(kh: int, kw: int, dh: int, dw: int) -> None:
    for (before, after), k, d in zip(
        same_padding((kh, kw), (dh, dw)), (kh, kw), (dh, dw), strict=True
    ):
        reach = d * (k - 1) + 1
        count = fitted(20 + before + after, reach, 1)
        assert count == 20, (
            f"padded by {before} and {after}, an image of 20 takes a window that covers {reach} "
            f"{count} times, not 20 times"
        )
        assert after - before in (0, 1), (
            f"the padding {before} before and {after} after should be halves of a whole; where it "
            "is odd, the larger one comes last"
        )
