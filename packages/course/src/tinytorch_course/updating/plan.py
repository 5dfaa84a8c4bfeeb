"""What an update does to each file of a project. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tinytorch_course.project import OWN
from tinytorch_course.updating.bodies import lost_functions, merge_python, merge_text


class Fate(StrEnum):
    UPDATED = "updated"
    """Untouched by the student: the newer one takes its place."""
    ADDED = "added"
    REMOVED = "removed"
    """Untouched by the student, and not in the newer starter."""
    MERGED = "merged"
    CONFLICT = "conflict"
    """Theirs stays as it is, and the newer one lies beside it."""
    KEPT = "kept"
    """Theirs stays, since they deleted it or the newer starter has none."""


@dataclass(frozen=True)
class Change:
    path: str
    """From the project's folder."""
    fate: Fate
    content: bytes | None
    """What is written to `path`; None where it is left or removed."""
    beside: bytes | None = None
    """What is written to `path.new`."""
    lost: tuple[str, ...] = ()
    """Functions of tasks that the newer file has no more."""


def plan(project: Path, base: Path, new: Path) -> tuple[Change, ...]:
    """base, new: what the project began as, and what it would begin as now."""
    names = sorted(_files(base) | _files(new))
    return tuple(each for name in names if (each := _change(name, project, base, new)))


def _files(folder: Path) -> set[str]:
    files = (each.relative_to(folder) for each in folder.rglob("*") if each.is_file())
    return {each.as_posix() for each in files if not {"__pycache__", OWN} & set(each.parts)}


def _change(name: str, project: Path, base: Path, new: Path) -> Change | None:
    b, t, n = (_read(folder / name) for folder in (base, project, new))
    if _same(n, b) or _same(t, n):
        return None
    if _same(t, b):
        if n is None:
            return Change(name, Fate.REMOVED, None)
        return Change(name, Fate.UPDATED if t is not None else Fate.ADDED, _as(t, n))
    if t is None or n is None:
        return Change(name, Fate.KEPT, None, lost=tuple(_lost(b, n)))
    merged = _merged(name, b, t, n)
    if merged is None:
        return Change(name, Fate.CONFLICT, None, _as(t, n), tuple(_lost(b, n)))
    return Change(name, Fate.MERGED, merged)


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _same(one: bytes | None, other: bytes | None) -> bool:
    """But for the ends of lines: an editor on Windows may have changed them all."""
    if one is None or other is None:
        return one is other
    return one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")


def _as(theirs: bytes | None, new: bytes) -> bytes:
    """The newer content with the ends of lines that the student's has."""
    return new.replace(b"\n", b"\r\n") if theirs and b"\r\n" in theirs else new


def _merged(name: str, base: bytes | None, theirs: bytes, new: bytes) -> bytes | None:
    if base is None:
        return None
    try:
        b, t, n = (each.decode("utf-8").replace("\r\n", "\n") for each in (base, theirs, new))
    except UnicodeDecodeError:
        return None
    merge = merge_python if name.endswith(".py") else merge_text
    found = merge(b, t, n)
    return None if found is None else _as(theirs, found.encode("utf-8"))


def _lost(base: bytes | None, new: bytes | None) -> Iterator[str]:
    if base is not None:
        yield from lost_functions(base.decode("utf-8"), (new or b"").decode("utf-8"))
