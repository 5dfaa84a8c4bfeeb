"""A folder for a while, and nothing left of it, whatever a student's code made in it."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def passing_folder() -> Iterator[Path]:
    """A new folder, by its real path."""
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="tinytorch-")))
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder in which there may be anything: closed folders, and any depth of them.

    Folders in folders are brought up to the top, one after another: so no path becomes too long and
    nothing recurses. No link is followed. What cannot be removed stays: a file that another program
    holds open, on Windows, or one that was made immutable.
    """
    mark = secrets.token_hex(8)
    brought = 0
    stuck: set[Path] = set()
    while below := [path for path in _emptied(folder) if path not in stuck]:
        for path in below:
            for each in _emptied(path):
                with suppress(OSError):
                    os.chmod(each, 0o700)  # a folder that is closed to writing cannot be moved
                    os.rename(each, folder / f"{mark}-{brought}")
                    brought += 1
            try:
                os.rmdir(path)
            except OSError:
                stuck.add(path)
    with suppress(OSError):
        os.rmdir(folder)


def _emptied(folder: Path) -> list[Path]:
    """Removes what is no folder; returns the folders."""
    try:
        os.chmod(folder, 0o700)
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:
        return []
    for each in entries:
        if not each.is_dir(follow_symlinks=False):
            with suppress(OSError):
                os.unlink(each.path)
    return [Path(each.path) for each in entries if each.is_dir(follow_symlinks=False)]
