"""Task 16.5: a rectangle of one image in another.

Image i is made of nothing but i, and has class i: every pixel shows where it is from.
"""

from typing import Any

import numpy as np
import pytest

from tinytorch.regularization import cutmix
from tinytorch.tensor import Tensor, default_generator, manual_seed


def cut(
    count: int, height: int, width: int, alpha: float = 1.0, generator: Any = None
) -> tuple[Any, Any]:
    """Where each pixel is from, (N, H, W), and the targets."""
    images = np.broadcast_to(np.arange(count)[:, None, None, None], (count, 2, height, width))
    classes = Tensor(np.arange(count))
    given = Tensor(images.astype(np.uint8))
    found, targets = cutmix(given, classes, alpha, num_classes=count, generator=generator)
    pixels = found.numpy()
    assert pixels.shape == images.shape
    assert pixels.dtype == np.uint8
    assert (pixels[:, 0] == pixels[:, 1]).all(), "all channels should be cut alike"
    return pixels[:, 0], targets.numpy()


def box_of(origin: Any) -> Any:
    """What is pasted, (H, W) of bool: the same in all images that have another one's pixels."""
    foreign = origin != np.arange(len(origin))[:, None, None]
    pasted = foreign.any(axis=0)
    for each in foreign:
        if each.any():
            assert (each == pasted).all(), "the rectangle should be one for the whole batch"
    return pasted


def rows_and_columns(pasted: Any) -> tuple[Any, Any]:
    rows, columns = np.flatnonzero(pasted.any(axis=1)), np.flatnonzero(pasted.any(axis=0))
    assert (pasted == np.outer(pasted.any(axis=1), pasted.any(axis=0))).all(), "a rectangle"
    for places in (rows, columns):
        assert (np.diff(places) == 1).all(), "a rectangle without gaps"
    return rows, columns


@pytest.mark.parametrize(("height", "width"), [(16, 16), (8, 21), (1, 5), (1, 1)])
def test_a_rectangle_of_a_partner_and_targets_by_its_share(
    height: int, width: int, assert_close: Any
) -> None:
    for _ in range(15):
        origin, targets = cut(6, height, width)
        pasted = box_of(origin)
        rows_and_columns(pasted)
        partner = [int(each[pasted][0]) if pasted.any() else i for i, each in enumerate(origin)]
        assert sorted(partner) == list(range(6)), "the partners are a permutation"
        for each, other in zip(origin, partner, strict=True):
            assert (each[pasted] == other).all(), "all of the rectangle from one image"
        kept = 1 - pasted.mean()
        if not pasted.any() and not (targets == np.eye(6)).all():
            continue  # every image may be its own partner: then its targets are what they were
        expected = kept * np.eye(6) + (1 - kept) * np.eye(6)[partner]
        tried = f"the targets, where {pasted.sum()} of {pasted.size} pixels are pasted"
        assert_close(targets, expected, tried, dtype="float32")


def test_the_area_is_as_large_as_the_share_says() -> None:
    """With a large alpha the share is ½, and sides √½ of the image's: 11.3 and 16.97."""
    for _ in range(200):
        pasted = box_of(cut(6, 16, 24, 1e6)[0])
        if pasted.any():
            rows, columns = rows_and_columns(pasted)
            whole = rows[0] > 0 and rows[-1] < 15 and columns[0] > 0 and columns[-1] < 23
            assert len(rows) <= 11, "11 rows, or fewer at the border"
            assert len(columns) <= 17, "17 columns, or fewer at the border"
            assert not whole or (len(rows) == 11 and len(columns) in (16, 17))


def test_a_side_of_less_than_a_pixel_is_none() -> None:
    """Of an image 1 high a rectangle would be less than that, and is rounded down."""
    for _ in range(20):
        assert not box_of(cut(6, 1, 16)[0]).any()


def test_its_centre_lies_anywhere() -> None:
    """11 rows around each of 16, those that there are; 350 draws miss one in 10⁻⁸ of cases."""
    expected = {(max(0, c - 5), min(15, c + 5)) for c in range(16)}
    found_rows, found_columns = set(), set()
    for _ in range(350):
        pasted = box_of(cut(6, 16, 16, 1e6)[0])
        if pasted.any():
            rows, columns = rows_and_columns(pasted)
            found_rows.add((int(rows[0]), int(rows[-1])))
            found_columns.add((int(columns[0]), int(columns[-1])))
    assert found_rows == expected, "first and last rows of rectangles 11 high, in images 16 high"
    assert found_columns == expected, "first and last columns"


def test_small_alphas_paste_almost_all_or_nothing() -> None:
    """For alpha = 0.01 the share is below 10⁻³ with probability 0.467, and above 1 − 10⁻³
    likewise; a rectangle for the first is nearly as large as the image, cut off at its centre."""
    areas = np.array([box_of(cut(6, 16, 16, 0.01)[0]).mean() for _ in range(400)])
    nothing = (areas == 0).mean()
    assert 0.3 < nothing < 0.7, "for alpha=0.01, in about half of the draws nothing is pasted"
    assert 0.3 < (areas > 0.2).mean() < 0.7, "and in about half of them a quarter or more"


def test_alpha_0_pastes_nothing() -> None:
    origin, targets = cut(5, 8, 8, 0.0)
    assert not box_of(origin).any()
    assert targets.tolist() == np.eye(5).tolist()


def test_alpha_is_1_if_it_is_not_given() -> None:
    images, classes = Tensor(np.random.default_rng(0).random((5, 1, 8, 8))), Tensor(np.arange(5))
    first, second = (
        cutmix(images, classes, *alpha, num_classes=5, generator=np.random.default_rng(3))[0]
        for alpha in ((), (1.0,))
    )
    assert first.tolist() == second.tolist()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8"])
def test_pixels_are_copied_as_they_are(dtype: str) -> None:
    images = np.random.default_rng(0).integers(1, 200, (5, 3, 8, 6)).astype(dtype)
    found, _ = cutmix(Tensor(images), Tensor(np.arange(5)), 1.0, num_classes=5)
    pixels = found.numpy()
    assert pixels.dtype == images.dtype
    assert (pixels[:, None] == images[None]).any(axis=1).all(), (
        "every pixel is that of some image at the same place"
    )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_targets_may_be_distributions(dtype: str) -> None:
    given = np.random.default_rng(0).random((6, 3))
    given = (given / given.sum(axis=1, keepdims=True)).astype(dtype)
    for options in ({}, {"num_classes": 3}):
        _, targets = cutmix(Tensor(np.ones((6, 1, 8, 8))), Tensor(given), 1.0, **options)
        assert targets.dtype == np.dtype(dtype)
        np.testing.assert_allclose(targets.numpy().sum(axis=1), 1, 4e-3)


def test_the_same_seed_gives_the_same_batch() -> None:
    first, second, other = (
        cut(9, 16, 16, 1.0, np.random.default_rng(seed))[0].tolist() for seed in (3, 3, 4)
    )
    assert first == second
    several = {
        str(cut(9, 16, 16, 1.0, np.random.default_rng(seed))[0].tolist()) for seed in range(20)
    }
    assert len(several) > 1, f"other seeds should give other batches; {len(other)} images"
    manual_seed(5)
    first = [cut(9, 16, 16)[0].tolist() for _ in range(10)]
    manual_seed(5)
    assert [cut(9, 16, 16)[0].tolist() for _ in range(10)] == first
    state = default_generator().bit_generator.state
    cut(9, 16, 16, 1.0, np.random.default_rng(3))
    assert default_generator().bit_generator.state == state


def test_what_was_given_is_left_alone(drawn: Any) -> None:
    images = drawn(5, 2, 8, 8)
    given, targets = Tensor(images.copy()), Tensor(np.eye(5))
    for alpha in (0.0, 1.0):
        for found in cutmix(given, targets, alpha):
            found.fill_(9)
    np.testing.assert_array_equal(given.numpy(), images)
    assert targets.tolist() == np.eye(5).tolist()


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4), (2, 3, 0, 4)])
def test_where_there_is_nothing(shape: tuple[int, ...]) -> None:
    classes = Tensor(np.zeros(shape[0], np.int64))
    found, targets = cutmix(Tensor(np.ones(shape)), classes, num_classes=2)
    assert found.shape == shape
    assert targets.tolist() == [[1.0, 0.0]] * shape[0]


def test_what_does_not_fit(refused: Any) -> None:
    images, classes = Tensor(np.ones((4, 1, 8, 8))), Tensor(np.arange(4))
    for shape in ((4,), (4, 8), (4, 8, 8), (4, 1, 2, 8, 8)):
        with refused(ValueError, "cutmix", str(shape)):
            cutmix(Tensor(np.ones(shape)), classes, num_classes=4)
    with refused(ValueError, "cutmix", "num_classes"):
        cutmix(images, classes)
    with refused(ValueError, "cutmix", "(4, 1, 8, 8)", "(3,)"):
        cutmix(images, Tensor(np.arange(3)), num_classes=4)
    with refused(ValueError, "cutmix", "-1"):
        cutmix(images, classes, -1.0, num_classes=4)
    with refused(IndexError, "cutmix", "3"):
        cutmix(images, classes, num_classes=3)
