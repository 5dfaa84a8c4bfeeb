"""What submissions are called, and what the files that tell of them are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from tinytorch_course.grading import archives

PLAIN = re.compile(r"\w(?:[\w .,()+@=-]*[\w)])?")
MOST_BYTES = 100
KEPT = 60
"""Characters that are left of a name that no file can have."""


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """Names for submissions: those of the files, after their folders where two are alike."""
    found: dict[str, Path] = {}
    taken: set[str] = set()
    for path in dict.fromkeys(paths):
        name = next(each for each in _names(path) if each.lower() not in taken)
        taken.add(name.lower())
        found[name] = path
    return found


def _names(path: Path) -> Iterator[str]:
    """`ada`, `monday-ada`, `term-monday-ada`; counted where the folders give out."""
    name = archives.name_of(path)
    yield name
    longer = name
    for folder in path.resolve().parents:
        if folder.name:
            longer = f"{folder.name}-{longer}"
            yield longer
    yield from (f"{name}-{k}" for k in count(2))


def file_name(name: str) -> str:
    """A submission's name if any file system takes it; else what can be kept of it and a hash.

    Two names never share a file: no plain name has the mark before the hash.
    """
    told = name.encode("utf-8", "surrogatepass")
    if len(told) <= MOST_BYTES and PLAIN.fullmatch(name):
        return name
    kept = re.sub(r"[^A-Za-z0-9_]+", "-", name)[:KEPT].strip("-")
    return f"{kept}~{hashlib.sha256(told).hexdigest()[:16]}"
