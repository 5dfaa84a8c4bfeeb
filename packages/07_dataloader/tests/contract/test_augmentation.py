"""Task 7.6: transforms that draw, for one image and for batches; and normalising."""

from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import Compose, Normalize, RandomCrop, RandomHorizontalFlip, ToFloat


def numbered(count: int, *shape: int, dtype: str = "float32") -> Any:
    """Images in which no number comes twice, so that it shows where each came from; from 1 on."""
    return (1 + np.arange(count * int(np.prod(shape)))).reshape(count, *shape).astype(dtype)


def laid_out(images: Any, how: str) -> Any:
    """An equal array that lies in memory in another way."""
    if how == "channels last":
        return np.ascontiguousarray(images.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    if how == "backwards":
        return np.ascontiguousarray(images[..., ::-1])[..., ::-1]
    return images


LAYOUTS = ["in order", "channels last", "backwards"]


# Flipping


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("how", LAYOUTS)
def test_flipping_all_or_none(dtype: str, how: str) -> None:
    images = laid_out(numbered(3, 2, 4, 5, dtype=dtype), how)
    before = images.copy()
    draws = np.random.default_rng(0)
    always, never = RandomHorizontalFlip(1.0), RandomHorizontalFlip(0.0)
    for given, expected in ((images, images[..., ::-1]), (images[1], images[1, ..., ::-1])):
        flipped = always(given, draws)
        assert flipped.dtype == dtype
        assert flipped.shape == given.shape
        assert np.array_equal(flipped, expected)
        assert np.array_equal(never(given, draws), given)
    assert np.array_equal(images, before), "the images that are given should stay as they are"
    assert always(images[:0], draws).shape == (0, 2, 4, 5)


def test_each_image_is_flipped_or_not_by_itself() -> None:
    images = np.broadcast_to(numbered(1, 2, 3, 4), (2000, 2, 3, 4))
    for p in (0.5, 0.25):
        found = RandomHorizontalFlip(p)(images, np.random.default_rng(1))
        same = (found == images).all(axis=(1, 2, 3))
        flipped = (found == images[..., ::-1]).all(axis=(1, 2, 3))
        assert (same ^ flipped).all(), "each image should be flipped as a whole, or not at all"
        # The standard deviation is at most 23.
        assert abs(flipped.sum() - 2000 * p) < 160, f"{flipped.sum()} of 2000 flipped with p={p}"
        assert flipped[:100].any()
        assert same[:100].any()


def test_flipping_by_the_same_generator() -> None:
    images = numbered(40, 1, 2, 3)
    flip = RandomHorizontalFlip()
    first = flip(images, np.random.default_rng(2))
    assert np.array_equal(flip(images, np.random.default_rng(2)), first)
    assert not np.array_equal(flip(images, np.random.default_rng(3)), first)


# Cropping


def places(found: Any, padded: Any) -> list[tuple[int, int]]:
    """Where in its padded image each crop was cut out: the first place at which all agrees."""
    height, width = found.shape[2:]
    tops = range(padded.shape[2] - height + 1)
    lefts = range(padded.shape[3] - width + 1)
    cut: list[tuple[int, int]] = []
    for n, crop in enumerate(found):
        fits = [
            (top, left)
            for top in tops
            for left in lefts
            if np.array_equal(padded[n, :, top : top + height, left : left + width], crop)
        ]
        assert fits, f"crop {n} is no part of image {n} with its padding:\n{crop}"
        cut.append(fits[0])
    return cut


PADDINGS = [
    (4, 0, "constant", (0, 0), "constant"),
    ((3, 2), 0, "constant", (0, 0), "constant"),
    (5, 1, "constant", (1, 1), "constant"),
    (5, 1, "zeros", (1, 1), "constant"),
    ((4, 6), (1, 2), "constant", (2, 1), "constant"),
    (5, 2, "reflect", (2, 2), "reflect"),
    ((6, 5), (0, 1), "edge", (1, 0), "edge"),
    (5, 1, "symmetric", (1, 1), "symmetric"),
]
CASES = ["none", "pair", "one", "zeros", "different", "reflect", "edge", "symmetric"]


@pytest.mark.parametrize(("size", "padding", "mode", "around", "numpys"), PADDINGS, ids=CASES)
@pytest.mark.parametrize("how", LAYOUTS)
def test_crops_are_parts_of_the_padded_image(
    size: Any, padding: Any, mode: str, around: Any, numpys: Any, how: str
) -> None:
    """In torchvision the padding is (left and right, above and below)."""
    images = laid_out(numbered(12, 2, 5, 5), how)
    before = images.copy()
    down, across = around
    padded = np.pad(images, ((0, 0), (0, 0), (down, down), (across, across)), numpys)
    crop = RandomCrop(size, padding, mode)
    found = crop(images, np.random.default_rng(0))
    assert found.shape == (12, 2, *((size, size) if isinstance(size, int) else size))
    assert found.dtype == np.float32
    places(found, padded)
    one = crop(images[3], np.random.default_rng(0))
    assert one.shape == found.shape[1:]
    places(one[np.newaxis], padded[3:4])
    assert np.array_equal(images, before), "the images that are given should stay as they are"


def test_crops_come_from_everywhere_each_by_itself() -> None:
    images = np.broadcast_to(numbered(1, 2, 4, 5), (600, 2, 4, 5))
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    found = places(RandomCrop((4, 5), 1)(images, np.random.default_rng(1)), padded)
    # One of the nine places is missing in a draw of 10⁻³⁰.
    assert set(found) == {(top, left) for top in range(3) for left in range(3)}
    assert len(set(found[:50])) > 1, "each image should have a place of its own"
    counts = [found.count(place) for place in set(found)]
    # 67 each are expected, with a standard deviation of 8.
    assert max(counts) < 130, f"all places should be equally likely, but came {counts} times"


def test_a_crop_as_large_as_the_image_is_the_image() -> None:
    images = numbered(3, 2, 4, 5, dtype="uint8")
    found = RandomCrop((4, 5))(images, np.random.default_rng(0))
    assert found.dtype == np.uint8
    assert np.array_equal(found, images)
    assert RandomCrop(2, 1)(images[:0], np.random.default_rng(0)).shape == (0, 2, 2, 2)


def test_cropping_by_the_same_generator() -> None:
    images = numbered(20, 1, 5, 5)
    crop = RandomCrop(3)
    first = crop(images, np.random.default_rng(2))
    assert np.array_equal(crop(images, np.random.default_rng(2)), first)
    assert not np.array_equal(crop(images, np.random.default_rng(3)), first)


def test_crops_have_memory_of_their_own() -> None:
    images = numbered(2, 1, 3, 3)
    for transform in (RandomCrop(3), RandomHorizontalFlip(0.0), Normalize(0.0, 1.0)):
        found = transform(images, np.random.default_rng(0))
        found[...] = -1
        assert images.min() == 1, "writing to the result should not change the images"


def test_crops_that_are_too_large(refused: Any) -> None:
    for size, padding, words in ((6, 0, ("6 x 6", "5 x 4")), ((5, 7), 1, ("5 x 7", "7 x 6"))):
        with refused(ValueError, "RandomCrop", *words):
            RandomCrop(size, padding)(np.zeros((2, 1, 5, 4)), np.random.default_rng(0))


# Normalising


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("how", LAYOUTS)
def test_normalising(dtype: str, how: str) -> None:
    images = laid_out(np.random.default_rng(3).random((4, 3, 5, 6)).astype(dtype), how)
    before = images.copy()
    mean, std = [0.1, 0.5, 0.7], [0.2, 0.25, 2.0]
    expected = (images - np.array(mean).reshape(3, 1, 1)) / np.array(std).reshape(3, 1, 1)
    for given, wanted in ((images, expected), (images[2], expected[2])):
        found = Normalize(mean, std)(given)
        assert found.dtype == dtype, "Normalize should keep the images' type"
        assert found.shape == given.shape
        assert np.allclose(found, wanted, rtol=1e-5, atol=1e-5)
    for all_mean, all_std in ((0.5, 0.25), ([0.5], (0.25,))):
        found = Normalize(all_mean, all_std)(images)
        assert np.allclose(found, (images - 0.5) / 0.25, rtol=1e-5, atol=1e-5)
    assert np.array_equal(images, before), "the images that are given should stay as they are"


def test_what_cannot_be_normalised(refused: Any) -> None:
    with refused(TypeError, "Normalize", "uint8", "ToFloat"):
        Normalize(0.5, 0.5)(np.zeros((3, 4, 4), np.uint8))
    with refused(ValueError, "Normalize", "(3, 4, 4)", "2"):
        Normalize([0.5, 0.5], 1.0)(np.zeros((3, 4, 4)))
    with refused(ValueError, "Normalize", "(3, 4, 4)", "2"):
        Normalize(0.5, [1.0, 1.0])(np.zeros((3, 4, 4)))


# All together


def test_one_after_the_other() -> None:
    images = numbered(8, 3, 4, 4, dtype="uint8")
    transform = Compose([RandomCrop(3, 1), RandomHorizontalFlip(), ToFloat(), Normalize(0.5, 0.5)])
    found = transform(images, np.random.default_rng(5))
    draws = np.random.default_rng(5)
    expected = RandomCrop(3, 1)(images, draws)
    expected = RandomHorizontalFlip()(expected, draws)
    assert np.allclose(found, (expected / 255 - 0.5) / 0.5, atol=1e-5)
    assert found.dtype == np.float32
    assert transform(images[0], np.random.default_rng(5)).shape == (3, 3, 3)
