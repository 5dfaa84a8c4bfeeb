"""Are a package's files the ones that were installed? RECORD lists each with its checksum."""

import base64
import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from importlib_metadata import Distribution


def missing_files(distribution: Distribution) -> list[str]:
    """The recorded files that are not there."""
    return [name for name, file, _ in _recorded(distribution) if not file.is_file()]


def changed_files(distribution: Distribution) -> list[str]:
    """The recorded files whose content is another than was installed."""
    return [
        name
        for name, file, checksum in _recorded(distribution)
        if file.is_file() and _checksum(file) != checksum
    ]


def _recorded(distribution: Distribution) -> Iterator[tuple[str, Path, str]]:
    """Name, place and checksum; files without one (compiled ones, RECORD itself) are left out."""
    for row in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
        if len(row) == 3 and row[1].startswith("sha256="):
            name, checksum, _ = row
            if not name.endswith(".pyc") and ".dist-info/" not in name.replace("\\", "/"):
                file = Path(str(distribution.locate_file(name)))
                yield name, file, checksum.removeprefix("sha256=")


def _checksum(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
