"""Shapes: drawn images in ten classes."""

from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import DataLoader, Shapes


def same(one: Any, other: Any) -> bool:
    return np.array_equal(one.images, other.images) and np.array_equal(one.labels, other.labels)


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("size", [0, 1, 200, 777])
def test_what_there_is(train: bool, size: int) -> None:
    data = Shapes(train=train, size=size)
    assert len(data) == size
    assert data.images.shape == (size, 3, 32, 32)
    assert data.images.dtype == np.uint8
    assert data.labels.shape == (size,)
    assert data.labels.dtype == np.int64
    assert len(data.classes) == 10
    assert all(isinstance(name, str) for name in data.classes)
    counts = np.bincount(data.labels, minlength=10)
    assert len(counts) == 10
    assert counts.max() - counts.min() <= 1, f"each class has its share, not {counts}"


def test_labels_come_mixed() -> None:
    labels = Shapes(size=500).labels
    assert len(set(labels[:50].tolist())) > 5
    assert not np.array_equal(labels[:10], labels[10:20])


def test_the_same_seed_gives_the_same_images() -> None:
    assert same(Shapes(size=100, seed=3), Shapes(size=100, seed=3))
    assert not same(Shapes(size=100, seed=3), Shapes(size=100, seed=4))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"train": True}, {"train": False}),
        ({"seed": 0}, {"seed": 1}),
        ({"train": True, "seed": 1}, {"train": False, "seed": 0}),
    ],
    ids=["train and test", "two seeds", "train and test of two seeds"],
)
def test_no_image_is_in_both(one: dict[str, Any], other: dict[str, Any]) -> None:
    images = [image.tobytes() for args in (one, other) for image in Shapes(size=300, **args).images]
    assert len(set(images)) == 600


def test_colours_and_light_differ() -> None:
    images = Shapes(size=400).images
    assert images.min() < 40
    assert images.max() > 215
    assert images.mean((2, 3)).std(0).min() > 15, "images have different colours"


def test_the_place_alone_tells_nothing_about_the_class() -> None:
    """The nearest class mean finds the class of one image in ten by luck, and not of six."""
    train, test = Shapes(size=1000), Shapes(train=False, size=500)
    x, t = (data.images.reshape(len(data), -1).astype(np.float64) for data in (train, test))
    means = np.stack([x[train.labels == label].mean(0) for label in range(10)])
    found = ((t[:, None] - means) ** 2).sum(-1).argmin(1)
    assert (found == test.labels).mean() < 0.6


def test_an_item_is_an_image_from_0_to_1_and_a_label() -> None:
    data = Shapes(size=20)
    for index in (0, 19, -1, -20):
        image, label = data[index]
        assert image.shape == (3, 32, 32)
        assert image.numpy().dtype == np.float32
        assert np.allclose(image.numpy(), data.images[index] / 255, rtol=0, atol=1e-6)
        assert isinstance(label, int)
        assert label == data.labels[index]


@pytest.mark.parametrize("index", [20, -21])
def test_there_are_no_other_items(index: int) -> None:
    with pytest.raises(IndexError):
        Shapes(size=20)[index]


def test_a_transform_gets_the_bytes() -> None:
    data = Shapes(size=20, transform=lambda image: image.max())
    assert data[3][0] == data.images[3].max()


def test_a_batch_at_once_is_what_its_items_are() -> None:
    data = Shapes(size=20)
    shown, marked = data.collated([5, 0, 5])
    assert np.allclose(shown.numpy(), data.images[[5, 0, 5]] / 255, rtol=0, atol=1e-6)
    assert np.array_equal(marked.numpy(), data.labels[[5, 0, 5]])


def test_a_loader_gives_batches_of_images_and_labels() -> None:
    data = Shapes(size=20)
    batches = list(DataLoader(data, batch_size=8))
    assert [len(images.numpy()) for images, _ in batches] == [8, 8, 4]
    shown = np.concatenate([images.numpy() for images, _ in batches])
    assert shown.dtype == np.float32
    assert np.allclose(shown, data.images / 255, rtol=0, atol=1e-6)
    assert np.array_equal(np.concatenate([marked.numpy() for _, marked in batches]), data.labels)


@pytest.mark.parametrize("size", [-1, -10])
def test_a_negative_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=str(size)):
        Shapes(size=size)


def test_means_and_deviations_of_the_three_colours() -> None:
    """Of 500 images: each mean is known to about 0.01, so that 0.06 is far."""
    pixels = Shapes(size=500).images / 255
    assert np.allclose(Shapes.MEAN, pixels.mean((0, 2, 3)), atol=0.06)
    assert np.allclose(Shapes.STD, pixels.std((0, 2, 3)), atol=0.06)
