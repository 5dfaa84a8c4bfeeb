"""Task 16.5: random changes of images."""

from typing import Any

import numpy as np
import pytest

from tinytorch.regularization import Augmentation, ColorJitter, Cutout, GaussianNoise
from tinytorch.tensor import Tensor, default_generator, manual_seed

KINDS: dict[str, Any] = {
    "Cutout": lambda: Cutout(5, value=0.25),
    "GaussianNoise": lambda: GaussianNoise(sigma=0.1),
    "ColorJitter": lambda: ColorJitter(brightness=0.5, contrast=0.5),
}


def pictures(count: int = 6, seed: int = 0, dtype: str = "float32") -> Any:
    """Images (count, 3, 16, 12) from 0.2 to 0.8."""
    images = np.random.default_rng(seed).uniform(0.2, 0.8, (count, 3, 16, 12))
    return np.rint(255 * images).astype(dtype) if dtype == "uint8" else images.astype(dtype)


# What all have in common


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8"])
def test_one_image_and_batches(kind: str, dtype: str) -> None:
    change, images = KINDS[kind](), pictures(dtype=dtype)
    before = images.copy()
    for given in (images, images[0], images[:1], images[:0], images[..., ::2]):
        found = change(given)
        assert found.shape == given.shape
        assert found.dtype == given.dtype
    assert (images == before).all(), f"{kind} should leave the images it is given alone"
    alone = change(images[0], np.random.default_rng(1))
    batch = change(images[:1], np.random.default_rng(1))
    assert alone.tolist() == batch[0].tolist(), "one image by itself, and as a batch of one"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_from(kind: str) -> None:
    change, images = KINDS[kind](), pictures()
    first, second, other = (
        change(images, np.random.default_rng(seed)).tolist() for seed in (3, 3, 4)
    )
    assert first == second != other
    manual_seed(5)
    first = change(images).tolist()
    assert change(images).tolist() != first
    manual_seed(5)
    assert change(images).tolist() == first
    state = default_generator().bit_generator.state
    change(images, np.random.default_rng(3))
    assert default_generator().bit_generator.state == state


@pytest.mark.parametrize("kind", KINDS)
def test_each_image_in_its_own_way(kind: str) -> None:
    change = KINDS[kind]()
    found = change(np.repeat(pictures(1), 20, axis=0))
    assert len({str(each.tolist()) for each in found}) > 10, (
        f"20 equal images should not all be changed in the same way by {kind}"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_stand_for_0_to_1(kind: str) -> None:
    """Changed as floating images would be, and rounded."""
    change, images = KINDS[kind](), pictures(dtype="uint8")
    found = change(images, np.random.default_rng(3))
    wide = change((images / 255).astype(np.float32), np.random.default_rng(3))
    assert np.abs(found - 255.0 * wide).max() < 0.51, f"{kind} of bytes, beside that of floats"


@pytest.mark.parametrize("kind", KINDS)
def test_what_are_no_images(kind: str, refused: Any) -> None:
    change = KINDS[kind]()
    for shape in ((4,), (4, 4), (2, 3, 3, 4, 4)):
        with refused(ValueError, kind, str(shape)):
            change(np.ones(shape))
    with refused(TypeError, kind, "int64"):
        change(np.ones((3, 4, 4), np.int64))
    with refused(TypeError, kind, "list"):
        change([[[1.0]]])


@pytest.mark.in_process("the change that it defines is a class of the checks, given arrays")
def test_a_change_of_ones_own(refused: Any) -> None:
    class Darker(Augmentation):
        def apply(self, images: Any, generator: Any) -> Any:
            return images * generator.random()

    factor = np.random.default_rng(3).random()
    found = Darker()(np.ones((1, 2, 2)), np.random.default_rng(3))
    assert found.tolist() == (np.ones((1, 2, 2)) * factor).tolist()
    with pytest.raises(NotImplementedError, match="should define apply"):
        Augmentation()(np.ones((1, 2, 2)))
    with refused(TypeError, "Darker", "Tensor", ".numpy()"):
        Darker()(Tensor(np.ones((1, 2, 2))))


# Cutout


@pytest.mark.parametrize("size", [1, 4, 5, 40])
def test_cutout_fills_a_square(size: int) -> None:
    images = pictures(30)
    found = Cutout(size, value=0.9)(images)
    for before, after in zip(images, found, strict=True):
        covered = (after != before).any(axis=0)
        assert covered.any(), "the centre of the square lies in the image"
        assert (after[:, covered] == np.float32(0.9)).all(), "all channels filled with the value"
        assert (after[:, ~covered] == before[:, ~covered]).all(), "the rest as it was"
        rows, columns = covered.any(axis=1), covered.any(axis=0)
        assert (covered == np.outer(rows, columns)).all(), "a square, or what is left of it"
        for places, length in ((rows, 16), (columns, 12)):
            where = np.flatnonzero(places)
            assert (np.diff(where) == 1).all()
            at_border = where[0] == 0 or where[-1] == length - 1
            assert len(where) == size or (at_border and len(where) < size)


def test_its_centre_lies_anywhere() -> None:
    """5 rows around each of 16; 600 draws miss one in 10⁻¹⁴ of cases."""
    found = Cutout(5)(np.ones((600, 1, 16, 16)))[:, 0] == 0
    for axis in (1, 2):
        ends = {
            (int(where[0]), int(where[-1]))
            for where in (np.flatnonzero(each) for each in found.any(axis=3 - axis))
        }
        assert ends == {(max(0, c - 2), min(15, c + 2)) for c in range(16)}


def test_it_fills_with_0_if_nothing_is_said() -> None:
    assert set(np.unique(Cutout(3)(np.ones((9, 1, 8, 8))))) == {0.0, 1.0}
    found = Cutout(3, value=1.0)(np.zeros((9, 1, 8, 8), np.uint8))
    assert set(np.unique(found)) == {0, 255}, "a value of 1 is 255 in bytes"


def test_squares_that_are_none(refused: Any) -> None:
    with refused(ValueError, "Cutout", "0"):
        Cutout(0)


# Noise


@pytest.mark.parametrize(("mean", "sigma"), [(0.0, 0.1), (0.05, 0.02), (0.0, 2.0)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_noise_is_normal(mean: float, sigma: float, dtype: str, assert_mean: Any) -> None:
    images = pictures(100, dtype=dtype)
    noise = GaussianNoise(mean, sigma, clip=False)(images) - images.astype(np.float64)
    tried = f"noise of mean {mean}, sigma {sigma}"
    assert_mean(noise, mean, sigma, tried)
    assert_mean((noise - mean) ** 2, sigma**2, 2**0.5 * sigma**2, f"the square of {tried}")
    beyond = np.abs(noise - mean) > 2 * sigma
    assert_mean(beyond, 0.0455, 0.2084, f"two sigmas or more of {tried}")


def test_noise_on_every_number_by_itself(assert_mean: Any) -> None:
    noise = GaussianNoise(0.0, 1.0, clip=False)(np.zeros((20, 2, 40, 40)))
    assert_mean(noise[:, 0] * noise[:, 1], 0.0, 1.0, "noise times that of the other channel")
    products = noise[..., ::2] * noise[..., 1::2]
    assert_mean(products, 0.0, 1.0, "noise times that of the next pixel")


def test_noise_is_clipped_unless_it_should_not() -> None:
    images = pictures()
    clipped = GaussianNoise(sigma=1.0)(images, np.random.default_rng(3))
    free = GaussianNoise(sigma=1.0, clip=False)(images, np.random.default_rng(3))
    assert free.min() < 0
    assert free.max() > 1
    assert clipped.tolist() == np.clip(free, 0, 1).tolist()


def test_no_noise() -> None:
    images = pictures()
    assert GaussianNoise(sigma=0.0)(images).tolist() == images.tolist()


@pytest.mark.parametrize("sigma", [-0.1, float("nan")])
def test_sigmas_that_make_no_sense(sigma: float, refused: Any) -> None:
    with refused(ValueError, "GaussianNoise", str(sigma)):
        GaussianNoise(sigma=sigma)


# Brightness and contrast


def test_brightness_multiplies(assert_mean: Any) -> None:
    images = pictures(400) / 2
    found = ColorJitter(brightness=0.5)(images)
    factors = found / images
    assert np.ptp(factors, axis=(1, 2, 3)).max() < 1e-4, "one factor for an image"
    factors = factors.mean(axis=(1, 2, 3))
    assert 0.4999 < factors.min() < 0.6, "the factors go from 0.5 …"
    assert factors.max() > 1.4, "… nearly to 1.5"
    assert factors.max() < 1.5001, "… and no further"
    assert_mean(factors, 1.0, 12**-0.5, "the factors of ColorJitter(brightness=0.5)")


def test_contrast_stretches_around_the_mean(assert_mean: Any) -> None:
    images = 0.35 + pictures(400) / 4
    found = ColorJitter(contrast=0.5)(images)
    means = images.mean(axis=(1, 2, 3), keepdims=True)
    assert np.abs(found.mean(axis=(1, 2, 3), keepdims=True) - means).max() < 1e-5, (
        "the mean of an image should stay"
    )
    before, after = images - means, found - means
    factors = (before * after).sum(axis=(1, 2, 3)) / (before**2).sum(axis=(1, 2, 3))
    assert np.abs(after - factors[:, None, None, None] * before).max() < 1e-5, "one factor each"
    assert 0.4999 < factors.min() < 0.6
    assert factors.max() > 1.4
    assert factors.max() < 1.5001
    assert_mean(factors, 1.0, 12**-0.5, "the factors of ColorJitter(contrast=0.5)")


def test_first_the_brightness_then_the_contrast() -> None:
    """Seen where both lead beyond what an image can be: of 0 and 1 with their mean ½, a contrast
    of 0 makes ½ times the brightness, or ½ if that is clipped before."""
    images = np.zeros((400, 1, 2, 2))
    images[:, :, 0] = 1
    found = ColorJitter(brightness=1.0, contrast=3.0)(images)
    assert found.min() >= 0
    assert found.max() <= 1
    middle = (found.max(axis=(1, 2, 3)) + found.min(axis=(1, 2, 3))) / 2
    unclipped = (found.min(axis=(1, 2, 3)) > 0) & (found.max(axis=(1, 2, 3)) < 1)
    assert unclipped.sum() > 20
    assert middle[unclipped].max() < 0.5001, "brighter than 1 is 1, before the contrast"


@pytest.mark.parametrize("which", ["brightness", "contrast"])
def test_factors_are_never_below_0(which: str) -> None:
    images = np.full((300, 1, 2, 2), 0.1)
    images[:, :, 0] = 0.11
    found = ColorJitter(**{which: 3.0})(images)
    order = found[:, 0, 0, 0] - found[:, 0, 1, 0]
    assert order.min() >= 0, f"{which}=3: factors from 0 to 4, which never turn an image around"
    factors = order / 0.01
    assert factors.max() > 3.5
    assert factors.min() < 0.5


def test_no_change() -> None:
    images = pictures(dtype="float64")
    np.testing.assert_allclose(ColorJitter()(images), images, 1e-12)


def test_spreads_that_make_no_sense(refused: Any) -> None:
    for options in ({"brightness": -0.1}, {"contrast": -0.1}, {"contrast": float("nan")}):
        with refused(ValueError, "ColorJitter", str(next(iter(options.values())))):
            ColorJitter(**options)
