"""Unpacking what students hand in: folders, zips, tarballs, wheels, none of them to be trusted.

Only plain files and folders come out, only below the folder they are unpacked into, and no more of
them than a limit allows, whatever the archive says of itself. A bomb is noticed while it is being
read, so nothing large is ever held or written. What lies in an environment or a cache is nobody's
work: it does not come out, and is not counted.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, TypeVar

from tinytorch_course.grading.passed_by import is_never_code, is_passed_by

MIB = 2**20
ZIPS = (".zip", ".whl")
TARS = {
    ".tar": open,
    ".tar.gz": gzip.open,
    ".tgz": gzip.open,
    ".tar.bz2": bz2.open,
    ".tbz2": bz2.open,
    ".tar.xz": lzma.open,
    ".txz": lzma.open,
}
LONGEST_NAME = 1024
DEEPEST = 50
"""Folders in each other."""
MOST_ENTRIES = 100_000
"""Of an archive, those that do not come out included: even to pass them by takes time."""
LARGEST_READ = 8 * MIB
"""At once. A zip's list of entries is read so, and fills a hundred times its size of memory."""
CHUNK = MIB


@dataclass(frozen=True)
class Quota:
    """How much may come out of one submission."""

    bytes: int = 200 * MIB
    files: int = 10_000
    """And folders."""
    packed: int = 50 * MIB
    """The size of an archive."""


class UnpackError(Exception):
    """A submission cannot be unpacked; the message says why, to the student."""


@dataclass
class Unpacked:
    """What came out, and what was left out for what it is."""

    folder: Path
    dangerous: list[str] = field(default_factory=list)
    """Entries that would have been written elsewhere, or that point elsewhere."""
    bytes: int = 0
    files: int = 0
    """And folders."""


def suffix_of(path: Path) -> str | None:
    """The ending that says what kind of archive it is; None for what is none that is known."""
    name = path.name.lower()
    return next((each for each in (*ZIPS, *TARS) if name.endswith(each)), None)


def name_of(path: Path) -> str:
    """What the submission is called: its name without folders and without the archive's ending."""
    name = path.name or path.resolve().name  # of `.`
    suffix = None if path.is_dir() else suffix_of(path)
    return name[: -len(suffix)] if suffix else name


def unpack(source: Path, folder: Path, quota: Quota | None = None) -> Unpacked:
    """source: a folder or an archive. folder: new; only what is in it is written.

    Raises `UnpackError`.
    """
    filler = _Filler(Unpacked(folder), quota or Quota())
    folder.mkdir(parents=True)
    suffix = suffix_of(source)
    if source.is_dir():
        _copy_folder(source, filler)
    elif suffix is None:
        known = ", ".join((*ZIPS, *TARS))
        raise UnpackError(f"{source.name} is neither a folder nor an archive ({known})")
    elif source.stat().st_size > filler.quota.packed:
        size = source.stat().st_size / MIB
        limit = filler.quota.packed / MIB
        raise UnpackError(
            f"the archive has {size:.0f} MiB, more than the {limit:.0f} allowed: hand in your "
            "code without environments and data"
        )
    else:
        _unpack_archive(source, suffix, filler)
    return filler.unpacked


def _unpack_archive(source: Path, suffix: str, filler: _Filler) -> None:
    read = _read_zip if suffix in ZIPS else _read_tar
    try:
        read(source, suffix, filler)
    except (
        *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
        *(EOFError, OSError, ValueError, NotImplementedError, RuntimeError),  # encrypted, unknown
    ) as error:
        raise UnpackError(f"the archive cannot be read: {error}") from error


class _Filler:
    """Writes files below one folder, as long as the quota lasts."""

    def __init__(self, unpacked: Unpacked, quota: Quota) -> None:
        self.unpacked = unpacked
        self.quota = quota
        self.folders = {unpacked.folder}

    def write(self, name: str, content: IO[bytes]) -> None:
        target = self.unpacked.folder.joinpath(*_parts(name))
        self._make_folder(target.parent)
        self._count()
        with target.open("wb") as out:
            for chunk in iter(lambda: content.read(CHUNK), b""):
                self.unpacked.bytes += len(chunk)
                if self.unpacked.bytes > self.quota.bytes:
                    limit = self.quota.bytes / MIB
                    raise UnpackError(f"it unpacks to more than {limit:.0f} MiB")
                out.write(chunk)

    def takes(self, name: str, is_plain: bool) -> bool:
        """Whether an entry of that name comes out. What is dangerous is noted."""
        if _leads_out(name):
            self.unpacked.dangerous.append(name[:200])
            return False
        folders = _parts(name)[:-1]
        if any(map(is_never_code, folders)):
            return False
        if not is_plain:
            if not any(map(is_passed_by, folders)):  # environments are full of links
                self.unpacked.dangerous.append(name[:200])
            return False
        if len(folders) > DEEPEST:
            raise UnpackError(f"its folders lie more than {DEEPEST} deep in each other")
        return True

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while folder not in self.folders:
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            self._count()
            each.mkdir(exist_ok=True)
            self.folders.add(each)

    def _count(self) -> None:
        self.unpacked.files += 1
        if self.unpacked.files > self.quota.files:
            raise UnpackError(
                f"it holds more than {self.quota.files} files and folders: hand in your code "
                "without environments and data"
            )


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/")).parts


def _leads_out(name: str) -> bool:
    """Whether an entry of that name would come to lie elsewhere, or nowhere."""
    parts = _parts(name)
    is_outside = name.startswith(("/", "\\")) or ".." in parts or PureWindowsPath(name).drive
    return bool(is_outside or not parts or "\0" in name or len(name) > LONGEST_NAME)


Entry = TypeVar("Entry")


def _counted(entries: Iterable[Entry]) -> Iterator[Entry]:
    for k, each in enumerate(entries):
        if k == MOST_ENTRIES:
            raise UnpackError(f"it lists more than {MOST_ENTRIES} entries")
        yield each


def _copy_folder(source: Path, filler: _Filler) -> None:
    for file, name in _counted(_files(source)):
        if not filler.takes(name, _is_plain(file)):
            continue
        try:
            content = file.open("rb")
        except OSError as error:
            raise UnpackError(f"{name} cannot be read: {error.strerror}") from error
        with content:
            filler.write(name, content)


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """All that is no folder, links included, each with its path from the folder.

    Raises `UnpackError` where folders lie too deep in each other, or cannot be read.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        below = []
        for entry in _entries(here, folder):
            path = here / entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield path, path.relative_to(folder).as_posix()
            elif not is_never_code(entry.name):
                below.append(path)
        if below and len(below[0].relative_to(folder).parts) > DEEPEST:
            raise UnpackError(f"its folders lie more than {DEEPEST} deep in each other")
        waiting += reversed(below)


def _entries(here: Path, folder: Path) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(here), key=lambda entry: entry.name)
    except OSError as error:
        name = here.relative_to(folder).as_posix()
        raise UnpackError(f"the folder {name} cannot be read: {error.strerror}") from error


def _is_plain(file: Path) -> bool:
    return stat.S_ISREG(file.lstat().st_mode)


def _read_zip(source: Path, _suffix: str, filler: _Filler) -> None:
    with _InParts(source, "rb") as raw, zipfile.ZipFile(raw) as archive:
        for info in _counted(archive.infolist()):
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.is_dir() or not filler.takes(info.filename, kind in (0, stat.S_IFREG)):
                continue
            with archive.open(info) as content:
                filler.write(info.filename, content)


class _InParts(io.FileIO):
    """A file of which nobody reads much at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        too_many = LARGEST_READ + 1
        wanted = too_many if size is None or size < 0 else min(size, too_many)
        data = super().read(wanted) or b""
        if len(data) == too_many:
            raise UnpackError("its list of entries is larger than is allowed")
        return data


def _read_tar(source: Path, suffix: str, filler: _Filler) -> None:
    """As a stream, in which headers are bounded too: a header may claim to be gigabytes long."""
    with TARS[suffix](source, "rb") as raw:  # type: ignore[operator]
        stream = _Bounded(raw, filler.quota.bytes + filler.quota.files * 2 * tarfile.RECORDSIZE)
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            for member in _counted(archive):
                archive.members.clear()  # of those that were read it would keep all
                if member.isdir() or not filler.takes(member.name, member.isreg()):
                    continue
                content = archive.extractfile(member)
                assert content is not None
                filler.write(member.name, content)


class _Bounded:
    """A stream that ends in an error when more than `limit` bytes are read."""

    def __init__(self, stream: Any, limit: int) -> None:
        self.stream = stream
        self.limit = limit

    def read(self, size: int) -> bytes:
        data: bytes = self.stream.read(size)
        self.limit -= len(data)
        if self.limit < 0:
            raise UnpackError("it unpacks to more than is allowed")
        return data


def fingerprint(source: Path) -> str:
    """SHA-256 of an archive, or of the names and contents of a folder's files.

    What cannot be unpacked has one as well: of what can be read of it.
    """
    if not source.is_dir():
        return _hash(source).hex()
    digest = hashlib.sha256()
    try:
        for file, name in _files(source):
            content = _hash(file) if _is_plain(file) else b"link"
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + content)
    except (OSError, UnpackError) as error:
        digest.update(str(error).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _hash(file: Path) -> bytes:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()
