"""Keeping what was installed: as a wheel that any installer takes, with what only RECORD knows.

References and students' copies lie in folders of their own, each with a note beside it that says
what it is, and the hash of its wheel. A wheel without a note, or a changed one, is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from packaging.version import Version

from tinytorch_course.swapping.installation import INSTALLERS_OWN, Installation
from tinytorch_course.swapping.wheel import Wheel, pack

NOTE = "kept.json"
REFERENCE, STUDENT = "reference", "student"


@dataclass(frozen=True)
class Kept:
    module: str
    version: str
    kind: str
    wheel: str
    sha256: str
    kept_at: str
    edited: tuple[str, ...]
    """Files that were not as RECORD says. They are kept as they were."""
    added: Mapping[str, str]
    """The installer's own files in the metadata, which no wheel holds."""
    folder: Path = Path()

    @property
    def file(self) -> Path:
        return self.folder / self.wheel

    def is_whole(self) -> bool:
        return self.file.is_file() and _sha256(self.file) == self.sha256


def keep(storage: Path, installation: Installation) -> Kept | None:
    """A copy of what is installed; None where there are no files of it to keep."""
    if not installation.holds_code():
        return None
    kind = STUDENT if installation.package.is_students else REFERENCE
    shelf = _shelf(storage, kind, installation.module.name)
    shelf.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=shelf, prefix=".unfinished-") as name:
        aside = Path(name, "kept")
        aside.mkdir()
        kept = _write(aside, installation, kind)
        target = shelf / f"{kept.version}-{kept.sha256[:12]}"
        if (target / NOTE).is_file() and read(target).is_whole():
            kept = replace(kept, folder=target)
            _write_note(kept)
            return kept
        shutil.rmtree(target, ignore_errors=True)
        os.replace(aside, target)
    return replace(kept, folder=target)


def _write(folder: Path, installation: Installation, kind: str) -> Kept:
    info = installation.info
    name = f"{info.removesuffix('.dist-info')}-py3-none-any.whl"
    pack(folder / name, info, installation.files())
    metadata = installation.site / info
    kept = Kept(
        module=installation.module.name,
        version=installation.package.version or "0",
        kind=kind,
        wheel=name,
        sha256=_sha256(folder / name),
        kept_at=datetime.now(UTC).isoformat(),
        edited=installation.edited(),
        added={
            each: (metadata / each).read_bytes().decode("utf-8")
            for each in INSTALLERS_OWN
            if (metadata / each).is_file()
        },
        folder=folder,
    )
    _write_note(kept)
    return kept


def _write_note(kept: Kept) -> None:
    table = {key: value for key, value in asdict(kept).items() if key != "folder"}
    aside = kept.folder / f"{NOTE}.new"
    with open(aside, "w", encoding="utf-8") as file:
        json.dump(table, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, kept.folder / NOTE)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _shelf(storage: Path, kind: str, module: str) -> Path:
    return storage / kind / module


def read(folder: Path) -> Kept:
    """Raises `ValueError` or `OSError` for a folder that holds no readable note."""
    table = json.loads((folder / NOTE).read_text(encoding="utf-8"))
    try:
        return Kept(**{**table, "edited": tuple(table["edited"])}, folder=folder)
    except (TypeError, KeyError) as error:
        raise ValueError(f"{folder / NOTE} is not a note on a kept package") from error


def references(storage: Path, module: str) -> list[Kept]:
    """The kept references that are whole, the one that was kept last first.

    After them those of other environments, unless they had been edited there.
    """
    near = [each for each in storage.parent.iterdir() if each != storage]
    others = [kept for each in near for kept in _whole(each, module) if not kept.edited]
    return [*_latest_first(_whole(storage, module)), *_latest_first(others)]


def _latest_first(several: Iterable[Kept]) -> list[Kept]:
    return sorted(several, key=lambda each: each.kept_at, reverse=True)


def _whole(storage: Path, module: str) -> Iterator[Kept]:
    for note in _shelf(storage, REFERENCE, module).glob(f"*/{NOTE}"):
        try:
            kept = read(note.parent)
        except (OSError, ValueError):
            continue
        if kept.kind == REFERENCE and _is_reference(kept) and kept.is_whole():
            yield kept


def _is_reference(kept: Kept) -> bool:
    return "student" not in (Version(kept.version).local or "").split(".")


def source_of(kept: Kept) -> str:
    """The `__init__.py` of a kept module."""
    return Wheel(kept.file).read(f"tinytorch/{kept.module}/__init__.py").decode("utf-8")
