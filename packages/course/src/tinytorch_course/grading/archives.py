"""Unpacking what students hand in: folders, zips, tarballs, wheels, none of them to be trusted.

Only plain files and folders come out, only below the folder they are unpacked into, and no more of
them than a limit allows, whatever the archive says of itself. A bomb is noticed while it is being
read, so nothing large is ever held or written.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

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
CHUNK = MIB


@dataclass(frozen=True)
class Quota:
    """How much may come out of one submission."""

    bytes: int = 200 * MIB
    files: int = 10_000
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


def suffix_of(path: Path) -> str | None:
    """The ending that says what kind of archive it is; None for what is none that is known."""
    name = path.name.lower()
    return next((each for each in (*ZIPS, *TARS) if name.endswith(each)), None)


def name_of(path: Path) -> str:
    """What the submission is called: its name without folders and without the archive's ending."""
    suffix = None if path.is_dir() else suffix_of(path)
    return path.name[: -len(suffix)] if suffix else path.name


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
        raise UnpackError(f"the archive has {size:.0f} MiB, more than the {limit:.0f} allowed")
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


@dataclass
class _Filler:
    """Writes files below one folder, as long as the quota lasts."""

    unpacked: Unpacked
    quota: Quota

    def write(self, name: str, content: IO[bytes]) -> None:
        target = self.place(name)
        if target is None:
            self.unpacked.dangerous.append(name[:200])
            return
        self.unpacked.files += 1
        if self.unpacked.files > self.quota.files:
            raise UnpackError(f"it holds more than {self.quota.files} files")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            for chunk in iter(lambda: content.read(CHUNK), b""):
                self.unpacked.bytes += len(chunk)
                if self.unpacked.bytes > self.quota.bytes:
                    limit = self.quota.bytes / MIB
                    raise UnpackError(f"it unpacks to more than {limit:.0f} MiB")
                out.write(chunk)

    def leave_out(self, name: str) -> None:
        self.unpacked.dangerous.append(name[:200])

    def place(self, name: str) -> Path | None:
        """Where an entry goes; None if its name leads out of the folder."""
        path = PurePosixPath(name.replace("\\", "/"))
        is_outside = path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive
        if is_outside or not path.parts or "\0" in name or len(name) > LONGEST_NAME:
            return None
        return self.unpacked.folder.joinpath(*path.parts)


def _copy_folder(source: Path, filler: _Filler) -> None:
    for file, name in _plain_files(source):
        if file is None:
            filler.leave_out(name)
            continue
        with file.open("rb") as content:
            filler.write(name, content)


def _plain_files(folder: Path) -> Iterator[tuple[Path | None, str]]:
    """Each with its path from the folder; None for a link, a pipe or a device."""
    for root, folders, names in os.walk(folder):
        here = Path(root)
        for each in sorted((*names, *(f for f in folders if (here / f).is_symlink()))):
            file = here / each
            is_plain = stat.S_ISREG(file.lstat().st_mode)
            yield (file if is_plain else None), file.relative_to(folder).as_posix()
        folders.sort()


def _read_zip(source: Path, _suffix: str, filler: _Filler) -> None:
    with zipfile.ZipFile(source) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                filler.leave_out(info.filename)
                continue
            with archive.open(info) as content:
                filler.write(info.filename, content)


def _read_tar(source: Path, suffix: str, filler: _Filler) -> None:
    """As a stream, in which headers are bounded too: a header may claim to be gigabytes long."""
    with TARS[suffix](source, "rb") as raw:  # type: ignore[operator]
        stream = _Bounded(raw, filler.quota.bytes + filler.quota.files * 2 * tarfile.RECORDSIZE)
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            for member in archive:
                if member.isdir():
                    continue
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or member.islnk() or member.issym():
                    filler.leave_out(member.name)
                    continue
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
    """SHA-256 of an archive, or of the names and contents of a folder's plain files."""
    digest = hashlib.sha256()
    files = _plain_files(source) if source.is_dir() else iter([(source, "")])
    for file, name in files:
        digest.update(f"{name}\0{'' if file else 'link'}\0".encode("utf-8", "surrogateescape"))
        if file:
            digest.update(_hash(file))
    return digest.hexdigest()


def _hash(file: Path) -> bytes:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


def remove(folder: Path) -> None:
    """A folder in which a submission may have left anything: unreadable folders, odd names."""

    def open_up(_function: object, path: str, _error: object) -> None:
        os.chmod(Path(path).parent, 0o700)
        os.chmod(path, 0o700)
        shutil.rmtree(path, ignore_errors=True) if Path(path).is_dir() else os.unlink(path)

    shutil.rmtree(folder, onerror=open_up)
