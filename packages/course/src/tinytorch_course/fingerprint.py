"""Whether the sources of a project are those that were checked."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprint(source: Path) -> str:
    """The same for the same Python files with the same content, whenever they were saved."""
    digest = hashlib.sha256()
    for file in sorted(source.rglob("*.py")):
        if file.is_file():
            content = hashlib.sha256(_content(file)).hexdigest()
            digest.update(f"{file.relative_to(source).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _content(file: Path) -> bytes:
    """A file that cannot be read has none to compare; the check will say that it cannot."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
