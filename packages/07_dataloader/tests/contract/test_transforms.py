"""What is given with the transforms: composing, bytes as floats, erasing, refusing."""

from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import (
    Compose,
    Normalize,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    ToFloat,
    Transform,
)
from tinytorch.tensor import Tensor, manual_seed


def test_bytes_become_floats_from_0_to_1() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 4)).astype(np.uint8)
    for given in (images, images[0]):
        found = ToFloat()(given)
        assert found.dtype == np.float32
        assert np.allclose(found, given / 255, atol=1e-6)
    assert ToFloat()(np.full((1, 1, 1), 255, np.uint8)).max() == 1


def test_floats_become_float32_as_they_are() -> None:
    images = np.random.default_rng(0).random((3, 4, 4)) * 300
    found = ToFloat()(images)
    assert found.dtype == np.float32
    assert np.array_equal(found, images.astype(np.float32))


def test_other_integers_do_not(refused: Any) -> None:
    with refused(TypeError, "ToFloat", "int64"):
        ToFloat()(np.zeros((3, 4, 4), np.int64))


def test_other_functions_in_between() -> None:
    images = np.ones((2, 1, 2, 2), np.float32)
    found = Compose([lambda x: x + 1, ToFloat(), lambda x: 3 * x])(images)
    assert np.array_equal(found, np.full((2, 1, 2, 2), 6, np.float32))
    assert np.array_equal(Compose([])(images), images)


def test_a_transform_of_ones_own() -> None:
    class Darker(Transform):
        def apply(self, images: Any, generator: Any) -> Any:
            return images * generator.random((len(images), 1, 1, 1))

    images = np.ones((3, 1, 2, 2))
    found = Compose([Darker()])(images, np.random.default_rng(1))
    factors = np.random.default_rng(1).random(3)
    assert np.allclose(found, factors.reshape(3, 1, 1, 1))
    assert np.allclose(Darker()(images[0], np.random.default_rng(1)), factors[0])
    manual_seed(3)
    first = Darker()(images)
    manual_seed(3)
    assert np.array_equal(Darker()(images), first), "without one: the default generator"


def test_erasing() -> None:
    images = 1 + np.random.default_rng(0).random((1500, 2, 12, 10))
    before = images.copy()
    found = RandomErasing(p=0.4, scale=(0.1, 0.3), ratio=(0.5, 2.0))(
        images, np.random.default_rng(1)
    )
    assert np.array_equal(images, before)
    gone = (found == 0).all(axis=1)
    assert np.array_equal(found[:, 0], np.where(gone, 0, images[:, 0]))
    assert np.array_equal(found[:, 1], np.where(gone, 0, images[:, 1]))
    erased = gone.any(axis=(1, 2))
    assert abs(erased.sum() - 600) < 150  # with a standard deviation of 19
    for mask in gone[erased]:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert mask.sum() == height * width, "what is erased should be one rectangle"
        assert height < 12
        assert width < 10
        # Both sides were rounded by up to a half.
        assert (height - 0.5) * (width - 0.5) <= 0.3 * 120
        assert (height + 0.5) * (width + 0.5) >= 0.1 * 120
        assert (height + 0.5) / (width - 0.5) >= 0.5
        assert (height - 0.5) / (width + 0.5) <= 2.0
    assert len({mask.tobytes() for mask in gone[erased]}) > 100


def test_erasing_all_none_and_one() -> None:
    images = np.ones((20, 1, 8, 8), np.float32)
    draws = np.random.default_rng(2)
    assert np.array_equal(RandomErasing(p=0)(images, draws), images)
    found = RandomErasing(p=1, value=0.5)(images, draws)
    assert (found == 0.5).any(axis=(1, 2, 3)).all()
    assert found.dtype == np.float32
    assert RandomErasing(p=1)(images[0], draws).shape == (1, 8, 8)
    whole = RandomErasing(p=1, scale=(1.0, 1.0), ratio=(1.0, 1.0))
    assert np.array_equal(whole(images, draws), images), "no rectangle is smaller than the image"


@pytest.mark.parametrize(
    "transform",
    [RandomHorizontalFlip(), RandomCrop(2), RandomErasing(), ToFloat(), Normalize(0.5, 0.5)],
    ids=["RandomHorizontalFlip", "RandomCrop", "RandomErasing", "ToFloat", "Normalize"],
)
def test_what_is_no_image(transform: Any, refused: Any) -> None:
    name = type(transform).__name__
    for shape in ((4,), (4, 4), (1, 1, 1, 4, 4)):
        with refused(ValueError, name, str(shape)):
            transform(np.zeros(shape))
    with refused(TypeError, name, "Tensor"):
        transform(Tensor(np.zeros((3, 4, 4))))


def test_options_that_make_no_sense(refused: Any) -> None:
    for p in (-0.1, 1.5):
        with refused(ValueError, "RandomHorizontalFlip", str(p)):
            RandomHorizontalFlip(p)
        with refused(ValueError, "RandomErasing", str(p)):
            RandomErasing(p)
    with refused(ValueError, "RandomErasing", "(0.5, 0.2)"):
        RandomErasing(scale=(0.5, 0.2))
    with refused(ValueError, "RandomErasing", "(0.0, 1.0)"):
        RandomErasing(ratio=(0.0, 1.0))
    with refused(ValueError, "RandomCrop", "0"):
        RandomCrop(0)
    with refused(ValueError, "RandomCrop", "-1"):
        RandomCrop(3, -1)
    with refused(ValueError, "RandomCrop", "'wrap'", "reflect"):
        RandomCrop(3, 1, "wrap")
    with refused(ValueError, "Normalize", "0.0"):
        Normalize(0.5, [1.0, 0.0])


def test_repr() -> None:
    assert repr(RandomCrop(32, 4)) == "RandomCrop(size=32, padding=4, padding_mode='constant')"
    assert repr(Normalize(0.5, 0.25)) == "Normalize(mean=0.5, std=0.25)"
    assert repr(Compose([ToFloat()])) == "Compose(transforms=[ToFloat()])"
