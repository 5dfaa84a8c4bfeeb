"""The records of CIFAR-10's binary version."""

from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import decode_records


def drawn(count: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 3, 32, 32)).astype(np.uint8)
    return images, rng.integers(0, 10, count)


def written(images: Any, labels: Any) -> bytes:
    """Record after record: the label, then the rows of red, those of green, those of blue."""
    return b"".join(
        bytes([int(label)]) + b"".join(plane.tobytes() for plane in image)
        for image, label in zip(images, labels, strict=True)
    )


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_record_is_a_label_and_three_planes(count: int) -> None:
    images, labels = drawn(count, seed=count)
    found_images, found_labels = decode_records(written(images, labels))
    assert found_images.shape == (count, 3, 32, 32)
    assert found_images.dtype == np.uint8
    assert np.array_equal(found_images, images)
    assert found_labels.shape == (count,)
    assert found_labels.dtype == np.int64
    assert np.array_equal(found_labels, labels)


def test_the_largest_bytes_stay_what_they_are() -> None:
    images = np.full((2, 3, 32, 32), 255, np.uint8)
    found_images, found_labels = decode_records(written(images, [9, 0]))
    assert (found_images == 255).all()
    assert found_labels.tolist() == [9, 0]


@pytest.mark.parametrize("length", [1, 3072, 3074, 2 * 3073 - 1])
def test_a_record_that_is_not_whole_is_refused(length: int) -> None:
    with pytest.raises(ValueError):
        decode_records(bytes(length))


@pytest.mark.in_process("writes into the arrays")
def test_the_arrays_can_be_written_to() -> None:
    images, labels = decode_records(written(*drawn(2, seed=3)))
    images[0, 0, 0, 0] = 7
    labels[0] = 3
    assert images[0, 0, 0, 0] == 7
    assert labels[0] == 3
