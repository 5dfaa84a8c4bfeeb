"""Which projects were swapped in here, so that `status` notices when an installer put the reference
back over one.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tinytorch_course import json_file

FILE = "swapped.json"


def remember(storage: Path, module: str, project: Path) -> None:
    _write(storage, swapped(storage) | {module: str(project)})


def forget(storage: Path, module: str) -> None:
    """It goes back by the student's own will."""
    known = swapped(storage)
    if known.pop(module, None) is not None:
        _write(storage, known)


def _write(storage: Path, known: dict[str, str]) -> None:
    """On a disk that is full the swap is done all the same, and only this memory is not."""
    with suppress(OSError):
        json_file.write(storage / FILE, known)


def swapped(storage: Path) -> dict[str, str]:
    """By module, the folder of the project that was swapped in last and not restored."""
    known = json_file.read(storage / FILE)
    return {module: path for module, path in known.items() if isinstance(path, str)}
