"""CIFAR-10: the files in which it comes, and the images that come out of them."""

import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import CIFAR10

TRAIN = [f"data_batch_{i}.bin" for i in range(1, 6)]
TEST = ["test_batch.bin"]
NAMES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
UNREACHABLE = "http://127.0.0.1:9/nothing"


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


def batches(folder: Path, count: int = 4) -> dict[str, tuple[Any, Any]]:
    """Write files of so many records each, and tell what is in them."""
    folder.mkdir(parents=True, exist_ok=True)
    held = {name: drawn(count, seed) for seed, name in enumerate([*TRAIN, *TEST])}
    for name, (images, labels) in held.items():
        (folder / name).write_bytes(written(images, labels))
    return held


def joined(held: dict[str, tuple[Any, Any]], names: list[str]) -> tuple[Any, Any]:
    return tuple(np.concatenate([held[name][i] for name in names]) for i in (0, 1))  # type: ignore[return-value]


def pack(archive: Path, files: Path) -> None:
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(files, "cifar-10-batches-bin")


# Files


@pytest.mark.parametrize("where", ["", "cifar-10-batches-bin"])
@pytest.mark.parametrize(("train", "names"), [(True, TRAIN), (False, TEST)])
def test_files_that_are_there(where: str, train: bool, names: list[str], tmp_path: Path) -> None:
    images, labels = joined(batches(tmp_path / where), names)
    data = CIFAR10(str(tmp_path), train=train, download=False)
    assert len(data) == len(labels)
    assert data.images.dtype == np.uint8
    assert data.labels.dtype == np.int64
    assert np.array_equal(data.images, images), "files in order, images in order"
    assert np.array_equal(data.labels, labels)
    assert tuple(data.classes) == NAMES


@pytest.mark.in_process("unpacks an archive into a folder")
def test_an_archive_that_is_there_is_unpacked_once(tmp_path: Path) -> None:
    held = batches(tmp_path / "made")
    (tmp_path / "data").mkdir()
    pack(tmp_path / "data" / "cifar-10-binary.tar.gz", tmp_path / "made")
    for train, names in ((True, TRAIN), (False, TEST)):
        data = CIFAR10(tmp_path / "data", train=train, download=False)
        assert np.array_equal(data.images, joined(held, names)[0])
    (tmp_path / "data" / "cifar-10-binary.tar.gz").unlink()
    assert len(CIFAR10(tmp_path / "data", download=False)) == 20, "unpacked files suffice"


@pytest.mark.in_process("sets a variable of the environment")
def test_without_a_root_the_environment_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches(tmp_path / "of the environment", count=1)
    batches(tmp_path / "root", count=2)
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "of the environment"))
    assert len(CIFAR10(download=False)) == 5
    assert len(CIFAR10(tmp_path / "root", download=False)) == 10, "a root goes before it"


def test_nothing_there_and_nothing_to_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        CIFAR10(str(tmp_path), download=False)
    told = str(caught.value)
    for word in (str(tmp_path), "cifar-10-binary.tar.gz", "download=True"):
        assert word in told, f"the message should name {word}; it says: {told}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    batches(tmp_path)
    (tmp_path / "data_batch_4.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"data_batch_4\.bin"):
        CIFAR10(str(tmp_path), download=False)
    assert len(CIFAR10(str(tmp_path), train=False, download=False)) == 4


@pytest.mark.parametrize("length", [0, 1, 3072, 3074, 4 * 3073 - 1])
def test_a_file_of_another_size_is_refused(length: int, tmp_path: Path) -> None:
    batches(tmp_path)
    (tmp_path / "data_batch_2.bin").write_bytes(bytes(length))
    with pytest.raises(ValueError) as caught:
        CIFAR10(str(tmp_path), download=False)
    told = str(caught.value)
    for word in ("data_batch_2.bin", f"{length:,}"):
        assert word in told, f"the message should name {word}; it says: {told}"


@pytest.mark.parametrize("label", [10, 255])
def test_a_label_above_9_is_refused(label: int, tmp_path: Path) -> None:
    batches(tmp_path)
    records = bytearray((tmp_path / "test_batch.bin").read_bytes())
    records[3073 * 2] = label
    (tmp_path / "test_batch.bin").write_bytes(records)
    with pytest.raises(ValueError) as caught:
        CIFAR10(str(tmp_path), train=False, download=False)
    told = str(caught.value)
    for word in ("test_batch.bin", str(label)):
        assert word in told, f"the message should name {word}; it says: {told}"


@pytest.mark.parametrize("what", ["cut off", "a web page", "empty", "without images"])
def test_a_broken_archive_is_refused(what: str, tmp_path: Path) -> None:
    batches(tmp_path / "made")
    data = tmp_path / "data"
    data.mkdir()
    archive = data / "cifar-10-binary.tar.gz"
    pack(archive, tmp_path / "made")
    whole = archive.read_bytes()
    other = io.BytesIO()
    with tarfile.open(fileobj=other, mode="w:gz") as tar:
        tar.add(tmp_path / "made" / "test_batch.bin", "cifar-10-batches-bin/test_batch.bin")
    archive.write_bytes({
        "cut off": whole[: len(whole) // 2],
        "a web page": b"<!DOCTYPE html><html><body>Log in first</body></html>",
        "empty": b"",
        "without images": other.getvalue(),
    }[what])  # fmt: skip
    with pytest.raises(ValueError, match=r"cifar-10-binary\.tar\.gz"):
        CIFAR10(str(data), download=False)


# Items


def test_an_item_is_an_image_from_0_to_1_and_a_label(tmp_path: Path) -> None:
    images, labels = batches(tmp_path)[TEST[0]]
    data = CIFAR10(str(tmp_path), train=False)
    for index in (0, 3, -1, -4):
        image, label = data[index]
        assert image.shape == (3, 32, 32)
        assert image.numpy().dtype == np.float32
        assert np.allclose(image.numpy(), images[index] / 255, rtol=0, atol=1e-6)
        assert isinstance(label, int)
        assert label == labels[index]


@pytest.mark.parametrize("index", [4, -5, 100])
def test_there_are_no_other_items(index: int, tmp_path: Path) -> None:
    batches(tmp_path)
    with pytest.raises(IndexError):
        CIFAR10(str(tmp_path), train=False)[index]


def test_a_transform_gets_the_bytes(tmp_path: Path) -> None:
    images, labels = batches(tmp_path)[TEST[0]]
    data = CIFAR10(str(tmp_path), train=False, transform=lambda image: image[0] // 2)
    image, label = data[1]
    assert np.array_equal(image, images[1, 0] // 2)
    assert label == labels[1]


def test_a_batch_at_once_is_what_its_items_are(tmp_path: Path) -> None:
    images, labels = batches(tmp_path)[TEST[0]]
    indices = [2, 0, 2, -1]
    shown, marked = CIFAR10(str(tmp_path), train=False).collated(indices)
    assert shown.numpy().dtype == np.float32
    assert np.allclose(shown.numpy(), images[indices] / 255, rtol=0, atol=1e-6)
    assert marked.numpy().dtype == np.int64
    assert np.array_equal(marked.numpy(), labels[indices])


def test_a_batch_at_once_with_a_function_of_one_image(tmp_path: Path) -> None:
    images, labels = batches(tmp_path)[TEST[0]]
    data = CIFAR10(str(tmp_path), train=False, transform=lambda image: image[::-1, 0] / 2)
    shown, marked = data.collated([3, 1])
    assert np.allclose(shown.numpy(), images[[3, 1], ::-1, 0] / 2, rtol=0, atol=1e-4)
    assert np.array_equal(marked.numpy(), labels[[3, 1]])


def test_means_and_deviations_of_the_three_colours() -> None:
    assert np.allclose(CIFAR10.MEAN, [0.4914, 0.4822, 0.4465], atol=1e-3)
    assert np.allclose(CIFAR10.STD, [0.247, 0.2435, 0.2616], atol=1e-3)
