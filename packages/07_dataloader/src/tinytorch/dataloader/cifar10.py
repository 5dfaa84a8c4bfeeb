"""CIFAR-10: 60,000 photographs of 32 × 32 pixels in ten classes.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009;
https://www.cs.toronto.edu/~kriz/cifar.html. Read from the binary version: bytes, no pickle.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .downloading import alone, by_hand, data_folder, fetch
from .images import Bytes, LabelledImages, Labels

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
CHECKSUM = "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
ARCHIVE = "cifar-10-binary.tar.gz"
ARCHIVE_SIZE = 170_052_171
FOLDER = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST_FILES = ("test_batch.bin",)
OF_PYTHON = ("cifar-10-python.tar.gz", "cifar-10-batches-py")
CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip

SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32
LARGEST = 10_000 * RECORD


class CIFAR10(LabelledImages):
    """The training images (50,000) or the test images (10,000) of CIFAR-10.

    root: a folder with `cifar-10-binary.tar.gz`, with the folder `cifar-10-batches-bin` that is in
    it, or with the files that are in that. Without one, the environment variable TINYTORCH_DATA
    names the folder, else it is one for caches. download: whether to fetch the archive (170 MB)
    into it if nothing is there. transform: see `LabelledImages`. url, checksum: of the archive.

    images: (N, 3, 32, 32), uint8. labels: (N,), int64. classes: their ten names. MEAN, STD: of red,
    green and blue in the training images, as numbers from 0 to 1.
    Raises FileNotFoundError if there is nothing and download is False, ConnectionError if it cannot
    be downloaded, ValueError if a file is not what it should be.
    """

    MEAN = (0.4914, 0.4822, 0.4465)
    STD = (0.2470, 0.2435, 0.2616)

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        *,
        transform: Callable[[Any], Any] | None = None,
        download: bool = True,
        url: str = URL,
        checksum: str = CHECKSUM,
    ) -> None:
        folder = data_folder(root)
        names = TRAIN_FILES if train else TEST_FILES
        raw = from_files(folder, names)
        if raw is None:
            archive = folder / ARCHIVE
            if not archive.exists() and not download:
                raise FileNotFoundError(nothing_in(folder, names, url))
            raw = from_archive(fetch(url, archive, checksum), names)
        images, labels = decode_records(raw)
        super().__init__(images, labels, CLASSES, transform)


def decode_records(raw: bytes) -> tuple[Bytes, Labels]:
    """Images and labels from the records of the binary version.

    A record is 3,073 bytes: the label, then 1,024 bytes of red, 1,024 of green and 1,024 of blue,
    each row by row. raw: N records. Returns images (N, 3, 32, 32), uint8, and labels (N,), int64.
    Raises ValueError if the last record is not whole.
    """
    records = np.frombuffer(raw, np.uint8).reshape(-1, RECORD)
    return records[:, 1:].reshape(-1, *SHAPE).copy(), records[:, 0].astype(np.int64)


def from_files(folder: Path, names: tuple[str, ...]) -> bytes | None:
    """The records in the files of these names, which lie in the folder or in the one that the
    archive makes; None if they are not all there.
    """
    for place in (folder / FOLDER, folder):
        files = [place / name for name in names]
        if all(file.is_file() for file in files):
            return b"".join(checked(file.read_bytes(), file) for file in files)
    return None


def from_archive(archive: Path, names: tuple[str, ...]) -> bytes:
    """The records in the archive's files of these names. They are unpacked beside the archive, if
    that may be written to, since reading them there is faster.
    """
    if not os.access(archive.parent, os.W_OK):
        found = contents(archive)
        return b"".join(checked(found[name], archive / FOLDER / name) for name in names)
    with alone(archive):
        raw = from_files(archive.parent, names)
        if raw is None:
            found = contents(archive)
            (archive.parent / FOLDER).mkdir(exist_ok=True)
            for name in found:
                write(archive.parent / FOLDER / name, found[name])
            raw = from_files(archive.parent, names)
    assert raw is not None
    return raw


def contents(archive: Path) -> dict[str, bytes]:
    """The six files of images in the archive, by name.

    Whatever else it holds is not looked at, and no path in it is ever written to. Raises ValueError
    if one of the six is missing, too large, or no plain file, or if the archive is broken.
    """
    wanted = {f"{FOLDER}/{name}": name for name in (*TRAIN_FILES, *TEST_FILES)}
    found: dict[str, bytes] = {}
    try:
        with gzip.open(archive) as stream, tarfile.open(fileobj=stream) as tar:
            for member in tar:
                if member.name in wanted:
                    found[wanted[member.name]] = plain(tar, member)
            while stream.read(1 << 20):  # to the end, where gzip has its checksum
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise ValueError(broken(archive, str(error))) from error
    missing = sorted(set(wanted.values()) - set(found))
    if missing:
        raise ValueError(broken(archive, f"{', '.join(missing)} is not in it"))
    return found


def plain(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if not member.isreg() or member.size > LARGEST:
        raise ValueError(f"{member.name} in it is no plain file of at most {LARGEST:,} bytes")
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


def checked(raw: bytes, path: Path) -> bytes:
    """raw, the content of the file: whole records with labels below 10, or else a ValueError."""
    if not raw or len(raw) % RECORD:
        raise ValueError(
            f"{path} is damaged: it has {len(raw):,} bytes, and should have a multiple of "
            f"{RECORD:,} ({LARGEST:,} in the original). Delete it, and it will be unpacked or "
            "downloaded again"
        )
    labels = np.frombuffer(raw, np.uint8)[::RECORD]
    if labels.max() >= len(CLASSES):
        at = int(np.argmax(labels >= len(CLASSES)))
        raise ValueError(
            f"{path} is no file of CIFAR-10, or damaged: record {at} has the label {labels[at]}, "
            f"and labels are 0, …, {len(CLASSES) - 1}. Delete it, and it will be unpacked or "
            "downloaded again"
        )
    return raw


def write(path: Path, raw: bytes) -> None:
    """Write the file whole or not at all."""
    aside = path.with_name(path.name + ".part")
    with aside.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def broken(archive: Path, why: str) -> str:
    return (
        f"{archive} is damaged, or no archive of CIFAR-10: {why}. It has "
        f"{archive.stat().st_size:,} bytes, the original {ARCHIVE_SIZE:,}. Delete it, and it will "
        "be downloaded again"
    )


def nothing_in(folder: Path, names: tuple[str, ...], url: str) -> str:
    missing = [n for n in names if not any((p / n).is_file() for p in (folder / FOLDER, folder))]
    told = (
        f"CIFAR-10 is not in {folder}: there is no {ARCHIVE}, and {', '.join(missing)} is neither "
        f"there nor in {FOLDER}. Let it be downloaded (download=True). "
        + by_hand(url, folder / ARCHIVE)
    )
    if any((folder / name).exists() for name in OF_PYTHON):
        told += " What is there is the version for Python, which only pickle can read."
    return told
